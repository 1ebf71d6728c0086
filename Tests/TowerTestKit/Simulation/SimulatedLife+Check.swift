import TowerJournal
import TowerStreaming

extension SimulatedLife {
    /// Reads in every way there is and compares with the model and with each other.
    mutating func check(_ log: Journal, _ when: String) async {
        guard !disk.isOff else { return }
        do {
            if let wrong = try await difference(log) { violate("\(when): \(wrong)") }
        } catch {
            // A read may meet the fault that was laid for the next write.
            if !disk.isOff, !disk.hasFailed { violate("\(when): could not read: \(error)") }
        }
    }

    private mutating func difference(_ log: Journal) async throws -> String? {
        let uncertainTopics = Set(model.isListed.filter { $0.value == nil }.keys)
        let expected = model.kept.filter { !uncertainTopics.contains($0.record.topic) }
        let all = try await Self.everything(log).filter { !uncertainTopics.contains($0.record.topic) }
        let readable = model.expired.isEmpty ? all : all.filter { record in !model.expired.contains(record) }
        if readable != expected { return Self.firstDifference(readable, expected, "by pattern") }
        let pattern = [TopicPattern("*"), .siteEvents, TopicPattern("misc"), .incidents][Int.random(in: 0..<4, using: &generator)]
        let wanted = all.filter { pattern.matches($0.record.topic) }
        let from = Int64.random(in: 0...max(model.end, 1), using: &generator)
        if let wrong = try await differenceInBlocks(log, pattern, wanted, from, uncertainTopics) { return wrong }
        if let wrong = try await differenceBackward(log, pattern, wanted, from, uncertainTopics) { return wrong }
        let topic = Self.topics[Int.random(in: 0..<Self.topics.count, using: &generator)]
        if model.isListed[topic] == .some(.some(true)) {
            if let wrong = try await differenceByTopic(log, topic, all) { return wrong }
        }
        let time = Int64.random(in: 999_000...(max(model.lastTimestampMs, 1_000_000) + 10), using: &generator)
        let cursor = try await log.cursor(atOrAfterMs: time)
        for record in all where (record.sequence < cursor.sequence) != (record.timestampMs < time) {
            return "cursor for \(time) is \(cursor.sequence), sequence \(record.sequence) is of \(record.timestampMs)"
        }
        return nil
    }

    private mutating func differenceInBlocks(
        _ log: Journal, _ pattern: TopicPattern, _ wanted: [StoredRecord], _ from: Int64, _ skipped: Set<TopicName>
    ) async throws -> String? {
        var cursor = LogCursor(sequence: from)
        var read: [StoredRecord] = []
        let end = await log.end()
        while cursor < end {
            let block = try await log.fetchBlock(
                matching: [pattern], from: cursor, maxRecords: Int.random(in: 1...30, using: &generator),
                maxBytes: Int.random(in: 0...3000, using: &generator))
            read += (0..<block.count).map(block.record).filter { !skipped.contains($0.record.topic) }
            guard block.next > cursor else { return "the cursor stands still at \(cursor.sequence)" }
            cursor = block.next
        }
        let rest = wanted.filter { $0.sequence >= from }
        return read == rest ? nil : Self.firstDifference(read, rest, "in blocks from \(from)")
    }

    private mutating func differenceBackward(
        _ log: Journal, _ pattern: TopicPattern, _ wanted: [StoredRecord], _ from: Int64, _ skipped: Set<TopicName>
    ) async throws -> String? {
        var cursor = LogCursor(sequence: from)
        var read: [StoredRecord] = []
        while cursor > .start {
            let slice = try await log.fetchBackward(
                matching: [pattern], before: cursor, maxRecords: Int.random(in: 1...30, using: &generator),
                maxScanned: Int.random(in: 1...60, using: &generator))
            read += slice.records.filter { !skipped.contains($0.record.topic) }
            guard slice.next < cursor else { return "the cursor stands still downwards at \(cursor.sequence)" }
            cursor = slice.next
        }
        let rest = Array(wanted.filter { $0.sequence < from }.reversed())
        return read == rest ? nil : Self.firstDifference(read, rest, "backward from \(from)")
    }

    private mutating func differenceByTopic(_ log: Journal, _ topic: TopicName, _ all: [StoredRecord]) async throws -> String? {
        let wanted = all.filter { $0.record.topic == topic }
        var offset = Int64(0)
        var read: [StoredRecord] = []
        while true {
            let piece = try await log.fetch(topic: topic, from: offset, maxBytes: Int.random(in: 0...3000, using: &generator))
            guard let last = piece.last else { break }
            guard last.offset >= offset else { return "\(topic) stands still at offset \(offset)" }
            read += piece
            offset = last.offset + 1
        }
        return read == wanted ? nil : Self.firstDifference(read, wanted, "of topic \(topic)")
    }

    private static func firstDifference(_ read: [StoredRecord], _ expected: [StoredRecord], _ how: String) -> String {
        let at = zip(read, expected).enumerated().first { $1.0 != $1.1 }?.offset ?? min(read.count, expected.count)
        func name(_ records: [StoredRecord]) -> String {
            at < records.count
                ? "\(records[at].record.topic) offset \(records[at].offset) sequence \(records[at].sequence)" : "nothing"
        }
        return "reading \(how): record \(at) of \(expected.count) is \(name(read)), must be \(name(expected))"
    }
}
