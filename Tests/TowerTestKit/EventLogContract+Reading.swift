import TowerStreaming

extension EventLogContract {
    /// 10 records in A (even sequences), 10 in B (odd), values "0"..."19".
    static func filled(_ make: Factory, clock: ManualClock = ManualClock()) async throws -> any EventLog {
        let log = try await make(clock, maxRecordBytes)
        for number in 0..<20 {
            _ = try await log.append([record(number % 2 == 0 ? siteA : siteB, String(number))])
            clock.advance(byMs: 10)
        }
        return log
    }

    static let reading: [Check] = [
        Check("fetch by topic: from before the start, inside, at and past the end") { make in
            let log = try await filled(make)
            for (from, expected) in [(-5, 0..<10), (0, 0..<10), (3, 3..<10), (9, 9..<10), (10, 10..<10), (1000, 10..<10)]
                as [(Int64, Range<Int>)]
            {
                let read = try await log.fetch(topic: siteA, from: from, maxBytes: 1 << 20)
                try requireEqual(read.map(\.offset), expected.map(Int64.init), "offsets from \(from)")
                try requireEqual(read.map(text), expected.map { String($0 * 2) }, "values from \(from)")
            }
            try await log.close()
        },
        Check("fetch by topic: bytes bound the answer, but one record always comes") { make in
            let log = try await filled(make)
            try requireEqual(try await log.fetch(topic: siteA, from: 0, maxBytes: 0).count, 1, "records for no bytes")
            try requireEqual(try await log.fetch(topic: siteA, from: 0, maxBytes: 3).count, 3, "records for three bytes")
            var at: Int64 = 0
            var values: [String] = []
            while true {
                let piece = try await log.fetch(topic: siteA, from: at, maxBytes: 2)
                guard let last = piece.last else { break }
                values += piece.map(text)
                at = last.offset + 1
            }
            try requireEqual(values, (0..<10).map { String($0 * 2) }, "values piece by piece")
            try await log.close()
        },
        Check("fetch of an unknown topic says so") { make in
            let log = try await filled(make)
            try await requireFailure(.unknownTopic, "fetch") {
                _ = try await log.fetch(topic: TopicName("nobody"), from: 0, maxBytes: 1)
            }
            try await requireFailure(.unknownTopic, "offset by time") {
                _ = try await log.offset(topic: TopicName("nobody"), atOrAfterMs: 0)
            }
            try await log.close()
        },
        Check("fetch by pattern: arrival order over topics, the cursor moves over what does not match") { make in
            let log = try await filled(make)
            let all = try await log.fetch(matching: [.siteEvents], from: .start, maxRecords: 100, maxBytes: 1 << 20)
            try requireEqual(all.records.map(text), (0..<20).map(String.init), "all")
            try requireEqual(all.next, await log.end(), "cursor at the end")
            let none = try await log.fetch(matching: [.incidents], from: .start, maxRecords: 100, maxBytes: 1 << 20)
            try requireEqual(none.records.count, 0, "records of no topic")
            try requireEqual(none.next, await log.end(), "cursor over what does not match")
            let onlyB = try await log.fetch(
                matching: [TopicPattern(siteB.rawValue)], from: .start, maxRecords: 3, maxBytes: 1 << 20)
            try requireEqual(onlyB.records.map(text), ["1", "3", "5"], "one topic")
            let both = try await log.fetch(
                matching: [TopicPattern(siteB.rawValue), .siteEvents], from: .start, maxRecords: 4, maxBytes: 1 << 20)
            try requireEqual(both.records.map(text), ["0", "1", "2", "3"], "a topic that two patterns match comes once")
            try await log.close()
        },
        Check("fetch by pattern in pieces of any size meets every record once") { make in
            let log = try await filled(make)
            for (maxRecords, maxBytes) in [(1, 1 << 20), (3, 1 << 20), (7, 1 << 20), (100, 0), (100, 1), (100, 5), (2, 3)] {
                var cursor = LogCursor.start
                var values: [String] = []
                while cursor < (await log.end()) {
                    let slice = try await log.fetch(
                        matching: [.siteEvents], from: cursor, maxRecords: maxRecords, maxBytes: maxBytes)
                    try require(slice.records.count <= maxRecords, "at most \(maxRecords) records")
                    try require(slice.next > cursor, "the cursor moves")
                    values += slice.records.map(text)
                    cursor = slice.next
                }
                try requireEqual(values, (0..<20).map(String.init), "values by \(maxRecords) records, \(maxBytes) bytes")
                let after = try await log.fetch(matching: [.siteEvents], from: cursor, maxRecords: maxRecords, maxBytes: maxBytes)
                try require(after.records.isEmpty && after.next == cursor, "nothing at the end")
            }
            try await log.close()
        },
        Check("several records of one topic in one append are read singly too") { make in
            let log = try await make(ManualClock(), maxRecordBytes)
            _ = try await log.append((0..<50).map { record(siteA, String($0)) })
            for from in 0..<50 {
                let read = try await log.fetch(topic: siteA, from: Int64(from), maxBytes: 0)
                try requireEqual(read.map(text), [String(from)], "offset \(from)")
                let slice = try await log.fetch(
                    matching: [.siteEvents], from: LogCursor(sequence: Int64(from)), maxRecords: 2, maxBytes: 1 << 20)
                try requireEqual(slice.records.map(text), (from..<min(from + 2, 50)).map(String.init), "sequence \(from)")
            }
            try await log.close()
        },
        Check("classes of retention do not disturb the order") { make in
            let log = try await make(ManualClock(), maxRecordBytes)
            for number in 0..<30 {
                let topic = number % 3 == 0 ? incidents : siteA
                _ = try await log.append([
                    record(topic, String(number)), record(number % 2 == 0 ? incidents : siteB, "\(number)'"),
                ])
            }
            let all = try await log.fetch(matching: [TopicPattern("*")], from: .start, maxRecords: 1000, maxBytes: 1 << 20)
            try requireEqual(all.records.map(text), (0..<30).flatMap { ["\($0)", "\($0)'"] }, "values")
            let pieces = try await log.fetch(
                matching: [TopicPattern("*")], from: LogCursor(sequence: 7), maxRecords: 5, maxBytes: 1 << 20)
            try requireEqual(pieces.records.map(\.sequence), Array(7..<12), "sequences")
            try await log.close()
        },
    ]

    static let backward: [Check] = [
        Check("backward: newest first, piece by piece to the beginning") { make in
            let log = try await filled(make)
            for (maxRecords, maxScanned) in [(1, 1000), (3, 1000), (100, 1000), (100, 1), (4, 3)] {
                var cursor = await log.end()
                var values: [String] = []
                while cursor > .start {
                    let slice = try await log.fetchBackward(
                        matching: [.siteEvents], before: cursor, maxRecords: maxRecords, maxScanned: maxScanned)
                    try require(slice.records.count <= maxRecords, "at most \(maxRecords) records")
                    try require(slice.next < cursor, "the cursor moves down")
                    values += slice.records.map(text)
                    cursor = slice.next
                }
                try requireEqual(values, (0..<20).reversed().map(String.init), "values by \(maxRecords), scanning \(maxScanned)")
            }
            try await log.close()
        },
        Check("backward: a bound on what is looked at, and topics that do not match") { make in
            let log = try await filled(make)
            let slice = try await log.fetchBackward(
                matching: [TopicPattern(siteA.rawValue)], before: LogCursor(sequence: 11), maxRecords: 2, maxScanned: 100)
            try requireEqual(slice.records.map(text), ["10", "8"], "values")
            let none = try await log.fetchBackward(
                matching: [.incidents], before: await log.end(), maxRecords: 2, maxScanned: 1000)
            try requireEqual(none.records.count, 0, "records")
            try requireEqual(none.next, .start, "the beginning was reached")
            let start = try await log.fetchBackward(matching: [.siteEvents], before: .start, maxRecords: 2, maxScanned: 10)
            try require(start.records.isEmpty && start.next == .start, "nothing before the start")
            try await log.close()
        },
        Check("backward: inside an append of many records of one topic") { make in
            let log = try await make(ManualClock(), maxRecordBytes)
            _ = try await log.append((0..<10).map { record(siteA, String($0)) })
            let slice = try await log.fetchBackward(
                matching: [.siteEvents], before: LogCursor(sequence: 7), maxRecords: 3, maxScanned: 100)
            try requireEqual(slice.records.map(text), ["6", "5", "4"], "values")
            let rest = try await log.fetchBackward(matching: [.siteEvents], before: slice.next, maxRecords: 100, maxScanned: 100)
            try requireEqual(rest.records.map(text), ["3", "2", "1", "0"], "the rest")
            try await log.close()
        },
    ]

    static let time: [Check] = [
        Check("by time: at, between, before and after the append times") { make in
            let log = try await filled(make, clock: ManualClock(startMs: 1000))
            for (time, sequence) in [(0, 0), (1000, 0), (1001, 1), (1010, 1), (1095, 10), (1190, 19), (1191, 20), (9999, 20)]
                as [(Int64, Int64)]
            {
                try requireEqual(try await log.cursor(atOrAfterMs: time).sequence, sequence, "cursor at \(time)")
                try requireEqual(try await log.offset(topic: siteB, atOrAfterMs: time), sequence / 2, "offset of B at \(time)")
            }
            try await log.close()
        },
        Check("by time on an empty log") { make in
            let log = try await make(ManualClock(), maxRecordBytes)
            try requireEqual(try await log.cursor(atOrAfterMs: 5), .start, "cursor")
            try await log.close()
        },
    ]
}
