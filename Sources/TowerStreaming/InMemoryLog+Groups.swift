extension InMemoryLog {
    public func join(group: String, patterns: [TopicPattern]) async throws -> GroupMembership {
        let joined = try change { groups, _ in try groups.join(group, patterns: patterns) }
        return GroupMembership(group: group, epoch: joined.epoch, committed: joined.committed)
    }

    public func commit(_ membership: GroupMembership, cursor: LogCursor) async throws {
        _ = try change { groups, end in try groups.commit(membership, cursor: cursor, end: end) }
    }

    public func leave(_ membership: GroupMembership) async throws {
        _ = try change { groups, _ in groups.leave(membership) }
    }

    public func seek(group: String, to cursor: LogCursor) async throws {
        _ = try change { groups, end in try groups.seek(group, to: cursor, end: end) }
    }

    public func setPaused(group: String, _ isPaused: Bool) async throws {
        _ = try change { groups, _ in try groups.setPaused(group, isPaused) }
    }

    public func standBy(_ membership: GroupMembership) async throws {
        while !Task.isCancelled {
            let (isPaused, changes) = try read { state in (try state.groups.isPaused(membership), state.groups.changes) }
            guard isPaused else { return }
            try await groupSignal.wait(for: changes)
        }
    }

    public func join(group: String, patterns: [TopicPattern], member: String, sessionMs: Int64) async throws -> GroupMember {
        let now = clock()
        return try change { groups, _ in
            try groups.join(group, patterns: patterns, member: member, sessionMs: sessionMs, nowMs: now).0
        }
    }

    public func assignment(of member: GroupMember) async throws -> GroupAssignment {
        let now = clock()
        return try change { groups, _ in try groups.assignment(of: member, nowMs: now).0 }
    }

    public func commit(_ member: GroupMember, slots: [GroupSlot]) async throws -> GroupAssignment {
        let now = clock()
        return try change { groups, end in try groups.commit(member, slots: slots, end: end, nowMs: now).0 }
    }

    public func leave(_ member: GroupMember) async throws {
        _ = try change { groups, _ in groups.leave(member) }
    }

    private func change<Answer: Sendable>(_ body: (inout GroupTable, Int64) throws -> sending Answer) throws -> Answer {
        let (answer, changes) = try read { state in
            (try body(&state.groups, Int64(state.records.count)), state.groups.changes)
        }
        groupSignal.advance(to: changes)
        return answer
    }

    public func groups() async throws -> [GroupDescription] {
        let now = clock()
        return try read { state in
            let newestMs = state.records.last?.timestampMs ?? 0
            return state.groups.sorted.map { group in
                let unread = state.records.dropFirst(Int(group.committed.sequence)).filter { stored in
                    stored.sequence >= group.position(GroupSlots.slot(of: stored.record.topic))
                        && Self.isReadable(stored, in: state, group.patterns)
                }
                return GroupDescription(
                    group, offsetLag: Int64(unread.count), timeLagMs: unread.first.map { newestMs - $0.timestampMs } ?? 0, nowMs: now)
            }
        }
    }
}

extension GroupDescription {
    /// Members whose deadline has passed are none, though nobody has removed them yet.
    package init(_ group: GroupTable.Group, offsetLag: Int64, timeLagMs: Int64, nowMs: Int64) {
        let alive = group.shared.filter { $0.deadlineMs >= nowMs }
        self.init(
            group: group.name, patterns: group.patterns, committed: group.committed, offsetLag: offsetLag, timeLagMs: timeLagMs,
            members: group.isHeld ? 1 : alive.count, epoch: group.epoch, isPaused: group.isPaused,
            shares: alive.map { GroupShare(member: $0.name, slots: group.assignment(of: $0.epoch).slots) })
    }
}
