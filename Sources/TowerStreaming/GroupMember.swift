/// One of several members of a shared group: its right to commit for the slots it has.
public struct GroupMember: Sendable, Hashable {
    public var group: String
    /// The name it joined with; the same name joining again fences the older one and takes its slots over.
    public var member: String
    /// The group's epoch when it joined.
    public var epoch: Int64
    public init(group: String, member: String, epoch: Int64) {
        self.group = group
        self.member = member
        self.epoch = epoch
    }
}

/// A slot that a member has, and where in it to go on.
public struct GroupSlot: Sendable, Hashable {
    /// 0 ..< `GroupSlots.count`; under a broker a partition, by a number that this log gave it.
    public var slot: Int
    /// The group's epoch when the slot came to this member. A commit under another value has no effect.
    public var since: Int64
    /// The next place to read in the slot's topics; under a broker its one part is the partition.
    public var next: LogCursor
    public init(slot: Int, since: Int64, next: LogCursor) {
        self.slot = slot
        self.since = since
        self.next = next
    }

    /// The slot after everything before `place` was looked at; never backwards.
    public func advanced(to place: LogCursor) -> GroupSlot {
        guard let part = next.parts.first else { return GroupSlot(slot: slot, since: since, next: max(next, place)) }
        let offset = place.next(in: part.name) ?? part.next
        return GroupSlot(slot: slot, since: since, next: LogCursor(parts: [LogPart(name: part.name, next: max(offset, part.next))]))
    }
}

/// What a member of a shared group has to read now.
public struct GroupAssignment: Sendable, Hashable {
    /// The group's epoch: higher after every change of members.
    public var epoch: Int64
    /// The group is paused: nothing is to be read until it is resumed. `slots` says what will go on then, and what was
    /// read before may still be committed.
    public var isPaused: Bool
    /// In rising order; empty while there are more members than slots.
    public var slots: [GroupSlot]
    public init(epoch: Int64, isPaused: Bool, slots: [GroupSlot]) {
        self.epoch = epoch
        self.isPaused = isPaused
        self.slots = slots
    }
}
