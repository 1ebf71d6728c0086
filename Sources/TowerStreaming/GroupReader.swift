/// Reads for one member of a shared group: exactly the records of its slots, each from its slot's position on.
///
/// - Use: `next`, handle the records, `commit`; again. A slot that comes to the member starts at its committed position, one
///   that leaves takes what was read and not committed along: the new owner reads it again.
/// - Concurrency: one task at a time.
public struct GroupReader: Sendable {
    public let member: GroupMember
    private let log: any EventLog
    private let patterns: [TopicPattern]
    /// By slot, under which epoch it is the member's; 0 where it is not.
    private var since = [Int64](repeating: 0, count: GroupSlots.count)
    /// By slot, the next sequence to read.
    private var read = [Int64](repeating: 0, count: GroupSlots.count)
    private var slots: [TopicName: Int] = [:]
    private static let maxRememberedTopics = 100_000

    /// What `next` found.
    public struct Batch: Sendable {
        public var records: [StoredRecord]
        /// The group is paused: there are none until it is resumed. Ask again well before the session ends, as always.
        public var isPaused: Bool
        /// Everything up to here was looked at: where to wait for more.
        public var next: LogCursor
    }

    /// Joins. Throws as `EventLog.join` does.
    public init(log: any EventLog, group: String, patterns: [TopicPattern], member: String, sessionMs: Int64) async throws {
        self.log = log
        self.patterns = patterns
        self.member = try await log.join(group: group, patterns: patterns, member: member, sessionMs: sessionMs)
    }

    /// The next records of the member's slots in arrival order; a sign of life. Throws `staleMember`.
    public mutating func next(maxRecords: Int, maxBytes: Int) async throws -> Batch {
        let assignment = try await log.assignment(of: member)
        take(assignment)
        let own = assignment.slots.map(\.slot)
        guard !assignment.isPaused, let from = own.map({ read[$0] }).min() else {
            return Batch(records: [], isPaused: assignment.isPaused, next: await log.end())
        }
        let slice = try await log.fetch(
            matching: patterns, from: LogCursor(sequence: from), maxRecords: maxRecords, maxBytes: maxBytes)
        let records = slice.records.filter { stored in
            let slot = slot(of: stored.record.topic)
            return since[slot] != 0 && stored.sequence >= read[slot]
        }
        for slot in own { read[slot] = max(read[slot], slice.next.sequence) }
        return Batch(records: records, isPaused: false, next: slice.next)
    }

    /// Commits everything that `next` gave out. Throws `staleMember`; then none of it is committed.
    public mutating func commit() async throws {
        let slots = (0..<GroupSlots.count).filter { since[$0] != 0 }.map { slot in
            GroupSlot(slot: slot, since: since[slot], next: LogCursor(sequence: read[slot]))
        }
        take(try await log.commit(member, slots: slots))
    }

    public func leave() async throws { try await log.leave(member) }

    /// Slots kept go on where they were read; new ones begin at their position.
    private mutating func take(_ assignment: GroupAssignment) {
        var now = [Int64](repeating: 0, count: GroupSlots.count)
        for slot in assignment.slots {
            if since[slot.slot] != slot.since { read[slot.slot] = slot.next.sequence }
            now[slot.slot] = slot.since
        }
        since = now
    }

    private mutating func slot(of topic: TopicName) -> Int {
        if let known = slots[topic] { return known }
        if slots.count >= Self.maxRememberedTopics { slots.removeAll() }
        let slot = GroupSlots.slot(of: topic)
        slots[topic] = slot
        return slot
    }
}
