/// Reads for one member of a shared group: exactly the records of its slots, each from its slot's position on.
///
/// - Use: `next`, handle the records, `commit`; again. A slot that comes to the member starts at its committed position, one
///   that leaves takes what was read and not committed along: the new owner reads it again.
/// - Concurrency: one task at a time.
public struct GroupReader: Sendable {
    public let member: GroupMember
    private let log: any EventLog
    private let patterns: [TopicPattern]
    /// What it has, in rising order of the slots, each at the place up to which it was read.
    private var slots: [GroupSlot] = []

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
        guard !assignment.isPaused, !slots.isEmpty else {
            return Batch(records: [], isPaused: assignment.isPaused, next: await log.end())
        }
        let slice = try await log.fetch(matching: patterns, slots: slots, maxRecords: maxRecords, maxBytes: maxBytes)
        for index in slots.indices { slots[index] = slots[index].advanced(to: slice.next) }
        return Batch(records: slice.records, isPaused: false, next: slice.next)
    }

    /// Commits everything that `next` gave out. Throws `staleMember`; then none of it is committed.
    public mutating func commit() async throws {
        take(try await log.commit(member, slots: slots))
    }

    public func leave() async throws { try await log.leave(member) }

    /// Slots kept go on where they were read; new ones begin at their position.
    private mutating func take(_ assignment: GroupAssignment) {
        slots = assignment.slots.map { given in
            slots.first { $0.slot == given.slot && $0.since == given.since } ?? given
        }
    }
}
