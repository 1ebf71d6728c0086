import TowerStreaming

/// What a journal must look like from outside: everything that was acknowledged, and what may be there beside it.
struct SimulatedModel {
    struct Group {
        /// The last acknowledged position and those whose commit was tried since.
        var allowed: Set<Int64>
        var isCertain: Bool
        var epoch: Int64
        var membership: GroupMembership?
    }
    /// Must be readable, in the order of the log.
    var kept: [StoredRecord] = []
    /// Taken away by retention; may come back until the folder is synced, which nobody promises.
    var expired: [StoredRecord] = []
    /// Appends without a certain answer, in the order tried: each all or nothing.
    var uncertain: [[Record]] = []
    var next: [TopicName: Int64] = [:]
    /// `nil`: a creation or deletion had no certain answer.
    var isListed: [TopicName: Bool?] = [:]
    var groups: [String: Group] = [:]
    /// No record to come may have a sequence below.
    var end: Int64 = 0
    var lastTimestampMs: Int64 = 0

    mutating func acknowledge(_ records: [Record], _ positions: [StoredPosition]) -> String? {
        guard positions.count == records.count else { return "\(records.count) records got \(positions.count) positions" }
        for (record, position) in zip(records, positions) {
            guard position.sequence >= end else { return "sequence \(position.sequence) was given again, the end was \(end)" }
            if let expected = next[record.topic], expected != position.offset {
                return "\(record.topic) got offset \(position.offset) for \(expected)"
            }
            guard position.timestampMs >= lastTimestampMs else { return "time fell to \(position.timestampMs)" }
            lastTimestampMs = position.timestampMs
            end = position.sequence + 1
            next[record.topic] = position.offset + 1
            isListed[record.topic] = true
            kept.append(
                StoredRecord(
                    record: record, offset: position.offset, sequence: position.sequence, timestampMs: position.timestampMs))
        }
        return nil
    }

    mutating func forget(_ topic: TopicName) {
        isListed[topic] = false
        kept.removeAll { $0.record.topic == topic }
        expired.removeAll { $0.record.topic == topic }
    }
}
