/// Groups with several members. A member has slots, each with a position of its own; a change of members moves slots, and
/// with each its position, to the record. Members that keep a slot keep reading in it undisturbed.
extension GroupTable {
    /// Joins as one of the group's members. A member of the same name is fenced and its slots taken over; so is a single
    /// member that held the whole group.
    package mutating func join(
        _ name: String, patterns: [TopicPattern], member: String, sessionMs: Int64, nowMs: Int64
    ) throws(EventLogError) -> (GroupMember, Group) {
        try Self.check(name, patterns, maxBytes: Self.maxSharedPatternBytes)
        try Self.check(member, [], maxBytes: 0)
        guard Self.sessionMs.contains(sessionMs) else {
            throw EventLogError(
                .badGroup, "could not join group \(name): a session of \(sessionMs) ms is not within \(Self.sessionMs) ms")
        }
        var group = try find(name, orMake: patterns)
        if group.isHeld { group.dismiss() }
        _ = group.expire(nowMs: nowMs)
        let others = group.shared.filter { $0.name != member }
        guard others.isEmpty || group.patterns == patterns else {
            throw EventLogError(
                .badGroup,
                "could not join group \(name): its members read \(group.patterns.map(\.text).joined(separator: ", "));"
                    + " all of them must read the same")
        }
        guard others.count < Self.maxMembers else {
            throw EventLogError(.badGroup, "could not join group \(name): it has \(Self.maxMembers) members already")
        }
        group.patterns = patterns
        group.epoch += 1
        let epoch = group.epoch
        if let older = group.shared.first(where: { $0.name == member }) {
            for slot in group.owners.indices where group.owners[slot] == older.epoch {
                group.owners[slot] = epoch
                group.since[slot] = epoch
            }
        }
        let joined = Group.Member(name: member, epoch: epoch, sessionMs: sessionMs, deadlineMs: Self.deadline(nowMs, sessionMs))
        group.shared = (others + [joined]).sorted { $0.name < $1.name }
        group.deal()
        return (GroupMember(group: name, member: member, epoch: epoch), keep(group, isChange: true))
    }

    /// The member is alive: its deadline moves on, those of others may have passed.
    ///
    /// - Returns: what it has to read, and the group's new state if members were removed.
    package mutating func assignment(of member: GroupMember, nowMs: Int64) throws(EventLogError) -> (GroupAssignment, Group?) {
        var (group, hasChanged) = try alive(member, nowMs: nowMs, "read for")
        if hasChanged { group = keep(group, isChange: true) } else { groups[group.name] = group }
        return (group.assignment(of: member.epoch), hasChanged ? group : nil)
    }

    /// Moves the positions of slots that are still the member's, never backwards. Slots that moved away since are left out:
    /// the answer's slots say which those are.
    package mutating func commit(
        _ member: GroupMember, slots: [GroupSlot], end: Int64, nowMs: Int64
    ) throws(EventLogError) -> (GroupAssignment, Group) {
        var group = try alive(member, nowMs: nowMs, "commit for").group
        var positions = group.positions
        for slot in slots where group.owners.indices.contains(slot.slot) {
            guard group.owners[slot.slot] == member.epoch, group.since[slot.slot] == slot.since else { continue }
            positions[slot.slot] = max(positions[slot.slot], min(slot.next.sequence, end))
        }
        group.set(positions)
        let hasMoved = groups[group.name]?.epoch != group.epoch
        group = keep(group, isChange: hasMoved)
        return (group.assignment(of: member.epoch), group)
    }

    /// `nil` when the member was fenced already: there is nothing to leave.
    package mutating func leave(_ member: GroupMember) -> Group? {
        guard var group = groups[member.group], group.shared.contains(where: { $0.name == member.member && $0.epoch == member.epoch })
        else { return nil }
        group.shared.removeAll { $0.epoch == member.epoch }
        group.epoch += 1
        group.deal()
        return keep(group, isChange: true)
    }

    /// The group with silent members removed and this one's deadline moved on. Throws `staleMember` when it is none.
    private func alive(
        _ member: GroupMember, nowMs: Int64, _ what: String
    ) throws(EventLogError) -> (group: Group, hasChanged: Bool) {
        let stale = EventLogError(
            .staleMember,
            "could not \(what) group \(member.group): \(member.member) of epoch \(member.epoch) is no longer its member, because it"
                + " was silent, joined again, or the group was moved; join again")
        guard var group = groups[member.group] else { throw stale }
        let hasChanged = group.expire(nowMs: nowMs)
        guard let place = group.shared.firstIndex(where: { $0.epoch == member.epoch && $0.name == member.member }) else { throw stale }
        group.shared[place].deadlineMs = Self.deadline(nowMs, group.shared[place].sessionMs)
        return (group, hasChanged)
    }

    private static func deadline(_ nowMs: Int64, _ sessionMs: Int64) -> Int64 {
        let (sum, hasOverflowed) = nowMs.addingReportingOverflow(sessionMs)
        return hasOverflowed ? .max : sum
    }
}
