import TowerStreaming

extension EventLogContract {
    /// 60 appends of one to four records over five topics of both classes: keys absent, empty and set, headers none and two.
    private static func mixed(_ make: Factory) async throws -> any EventLog {
        let clock = ManualClock()
        let log = try await make(clock, maxRecordBytes)
        var generator = SeededGenerator(seed: 7)
        let topics = [siteA, siteB, incidents, Topic.siteEvents(site: "C"), Topic.audit]
        for number in 0..<60 {
            let records = (0..<Int.random(in: 1...4, using: &generator)).map { part in
                let key: [UInt8]? = [nil, [], Array("key-\(number)".utf8)][Int.random(in: 0..<3, using: &generator)]
                let headers = part % 2 == 0 ? [] : [Record.Header("id", "\(number)"), Record.Header("none", [UInt8]())]
                let value = String(repeating: "v", count: Int.random(in: 0...90, using: &generator)) + "\(number).\(part)"
                return Record(
                    topic: topics[Int.random(in: 0..<topics.count, using: &generator)], key: key, value: Array(value.utf8),
                    headers: headers)
            }
            _ = try await log.append(records)
            clock.advance(byMs: 1)
        }
        return log
    }

    private static func requireSame(
        _ log: any EventLog, _ patterns: [TopicPattern], _ from: Int64, _ maxRecords: Int, _ maxBytes: Int
    ) async throws {
        let cursor = LogCursor(sequence: from)
        let slice = try await log.fetch(matching: patterns, from: cursor, maxRecords: maxRecords, maxBytes: maxBytes)
        let block = try await log.fetchBlock(matching: patterns, from: cursor, maxRecords: maxRecords, maxBytes: maxBytes)
        let what = "\(patterns) from \(from), at most \(maxRecords) records and \(maxBytes) bytes"
        try requireEqual((0..<block.count).map(block.record), slice.records, "block of \(what)")
        let expected = try await log.fetch(matching: patterns, from: slice.next, maxRecords: 1, maxBytes: 0)
        let following = try await log.fetchBlock(matching: patterns, from: block.next, maxRecords: 1, maxBytes: 0)
        try requireEqual((0..<following.count).map(following.record), expected.records, "what follows the block of \(what)")
        try require(block.next >= slice.next || !block.isEmpty || expected.records.isEmpty, "the cursor moves for \(what)")
        try require(Set(block.topics).count == block.topics.count, "a topic is named once for \(what)")
        if let header = slice.records.firstIndex(where: { $0.record.header("id") != nil }) {
            try requireEqual(block.header("id", header), slice.records[header].record.header("id"), "a header of \(what)")
        }
    }

    static let blocks: [Check] = [
        Check("a block holds what fetch gives, for every cursor, bound and pattern") { make in
            let log = try await mixed(make)
            let end = await log.end().sequence
            let patterns: [[TopicPattern]] = [
                [TopicPattern("*")], [.siteEvents], [.incidents, TopicPattern(siteB.rawValue)], [TopicPattern("nobody")],
            ]
            for patterns in patterns {
                for from in -1...end + 1 {
                    for (maxRecords, maxBytes) in [(1000, 1 << 20), (1, 1 << 20), (7, 100), (1000, 0), (1000, 333), (0, 100)] {
                        try await requireSame(log, patterns, from, maxRecords, maxBytes)
                    }
                }
            }
            try await log.close()
        },
        Check("blocks one after another meet every record once") { make in
            let log = try await mixed(make)
            let all = try await log.fetch(matching: [TopicPattern("*")], from: .start, maxRecords: 1000, maxBytes: 1 << 20)
                .records
            for (maxRecords, maxBytes) in [(1, 1 << 20), (5, 200), (1000, 64), (1000, 1 << 20)] {
                var cursor = LogCursor.start
                var found: [StoredRecord] = []
                while cursor < (await log.end()) {
                    let block = try await log.fetchBlock(
                        matching: [TopicPattern("*")], from: cursor, maxRecords: maxRecords, maxBytes: maxBytes)
                    try require(block.next > cursor, "the cursor moves")
                    found += (0..<block.count).map(block.record)
                    cursor = block.next
                }
                try requireEqual(found, all, "records by \(maxRecords) records, \(maxBytes) bytes")
            }
            try await log.close()
        },
        Check("a block skips what a deletion forgot") { make in
            let log = try await filled(make)
            try await log.deleteTopic(siteA)
            _ = try await log.append([record(siteA, "again")])
            for from in 0..<22 { try await requireSame(log, [.siteEvents], Int64(from), 100, 1 << 20) }
            try await log.close()
        },
    ]
}
