/// A log in front of another one: what it does not do itself the other does.
public protocol LogDecorator: EventLog {
    var base: any EventLog { get }
}

extension LogDecorator {
    public func fetch(topic: TopicName, from offset: Int64, maxBytes: Int) async throws -> [StoredRecord] {
        try await base.fetch(topic: topic, from: offset, maxBytes: maxBytes)
    }

    public func fetch(matching patterns: [TopicPattern], from cursor: LogCursor, maxRecords: Int, maxBytes: Int) async throws -> LogSlice {
        try await base.fetch(matching: patterns, from: cursor, maxRecords: maxRecords, maxBytes: maxBytes)
    }

    public func fetchBlock(
        matching patterns: [TopicPattern], from cursor: LogCursor, maxRecords: Int, maxBytes: Int
    ) async throws -> LogBlock {
        try await base.fetchBlock(matching: patterns, from: cursor, maxRecords: maxRecords, maxBytes: maxBytes)
    }

    public func fetchBackward(
        matching patterns: [TopicPattern], before cursor: LogCursor, maxRecords: Int, maxScanned: Int
    ) async throws -> LogSlice {
        try await base.fetchBackward(matching: patterns, before: cursor, maxRecords: maxRecords, maxScanned: maxScanned)
    }

    public func waitForRecords(at cursor: LogCursor) async throws { try await base.waitForRecords(at: cursor) }
    public func cursor(atOrAfterMs timestampMs: Int64) async throws -> LogCursor { try await base.cursor(atOrAfterMs: timestampMs) }
    public func offset(topic: TopicName, atOrAfterMs timestampMs: Int64) async throws -> Int64 {
        try await base.offset(topic: topic, atOrAfterMs: timestampMs)
    }
    public func end() async -> LogCursor { await base.end() }

    public func topics(matching pattern: TopicPattern?) async throws -> [TopicDescription] { try await base.topics(matching: pattern) }
    public func place(of topic: TopicName) -> TopicName { base.place(of: topic) }
    public func createTopic(_ topic: TopicName) async throws { try await base.createTopic(topic) }
    public func deleteTopic(_ topic: TopicName) async throws { try await base.deleteTopic(topic) }

    public var takesTurns: Bool { base.takesTurns }
    public func join(group: String, patterns: [TopicPattern]) async throws -> GroupMembership {
        try await base.join(group: group, patterns: patterns)
    }
    public func commit(_ membership: GroupMembership, cursor: LogCursor) async throws {
        try await base.commit(membership, cursor: cursor)
    }
    public func leave(_ membership: GroupMembership) async throws { try await base.leave(membership) }
    public func seek(group: String, to cursor: LogCursor) async throws { try await base.seek(group: group, to: cursor) }
    public func groups() async throws -> [GroupDescription] { try await base.groups() }
    public func setPaused(group: String, _ isPaused: Bool) async throws { try await base.setPaused(group: group, isPaused) }
    public func standBy(_ membership: GroupMembership) async throws { try await base.standBy(membership) }

    public func join(group: String, patterns: [TopicPattern], member: String, sessionMs: Int64) async throws -> GroupMember {
        try await base.join(group: group, patterns: patterns, member: member, sessionMs: sessionMs)
    }
    public func assignment(of member: GroupMember) async throws -> GroupAssignment { try await base.assignment(of: member) }
    public func commit(_ member: GroupMember, slots: [GroupSlot]) async throws -> GroupAssignment {
        try await base.commit(member, slots: slots)
    }
    public func leave(_ member: GroupMember) async throws { try await base.leave(member) }

    public func close() async throws { try await base.close() }
}
