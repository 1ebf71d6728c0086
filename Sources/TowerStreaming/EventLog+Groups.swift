/// What a log without pauses and shared groups answers.
extension EventLog {
    public var takesTurns: Bool { false }
    public func setPaused(group: String, _ isPaused: Bool) async throws { throw EventLogError.noSharedGroups }
    public func standBy(_ membership: GroupMembership) async throws {}
    public func join(group: String, patterns: [TopicPattern], member: String, sessionMs: Int64) async throws -> GroupMember {
        throw EventLogError.noSharedGroups
    }
    public func assignment(of member: GroupMember) async throws -> GroupAssignment { throw EventLogError.noSharedGroups }
    public func commit(_ member: GroupMember, slots: [GroupSlot]) async throws -> GroupAssignment {
        throw EventLogError.noSharedGroups
    }
    public func leave(_ member: GroupMember) async throws { throw EventLogError.noSharedGroups }
    public func place(of topic: TopicName) -> TopicName { topic }

    /// Reads from the lowest position on and leaves out what the slots do not have.
    public func fetch(matching patterns: [TopicPattern], slots: [GroupSlot], maxRecords: Int, maxBytes: Int) async throws -> LogSlice {
        guard let from = slots.map(\.next).min() else { return LogSlice(records: [], next: await end()) }
        var floors = [Int64](repeating: .max, count: GroupSlots.count)
        for slot in slots where floors.indices.contains(slot.slot) { floors[slot.slot] = slot.next.sequence }
        var slice = try await fetch(matching: patterns, from: from, maxRecords: maxRecords, maxBytes: maxBytes)
        slice.records.removeAll { $0.sequence < floors[GroupSlots.slot(of: $0.record.topic)] }
        return slice
    }
}

extension EventLogError {
    static var noSharedGroups: EventLogError {
        EventLogError(.unsupported, "this log has neither pauses nor shared groups; join as a single member")
    }
}

/// A place in the log as people name it.
public enum LogPlace: Sendable, Hashable {
    case beginning
    case end
    case sequence(Int64)
    /// First record appended at or after that time, milliseconds since the epoch.
    case time(Int64)
    /// An offset of one topic.
    case offset(TopicName, Int64)
}

extension EventLog {
    /// The cursor of a place. An offset at or past its topic's end is the log's end. Throws `unknownTopic`.
    public func cursor(of place: LogPlace) async throws -> LogCursor {
        switch place {
        case .beginning: return .start
        case .end: return await end()
        case .sequence(let sequence): return LogCursor(sequence: min(max(sequence, 0), await end().sequence))
        case .time(let milliseconds): return try await cursor(atOrAfterMs: milliseconds)
        case .offset(let topic, let offset):
            let end = await end()
            let first = try await fetch(topic: topic, from: offset, maxBytes: 0).first
            return first.map { LogCursor(sequence: $0.sequence) } ?? end
        }
    }
}
