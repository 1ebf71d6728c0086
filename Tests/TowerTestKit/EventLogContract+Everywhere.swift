import TowerStreaming

/// What every log keeps, also one that has an order per partition only: these checks go from cursor to cursor and know no
/// sequence by its number.
extension EventLogContract {
    static let everything = TopicPattern("towerco.*")

    /// Everything from a cursor on, in pieces, until two fetches in a row found nothing new.
    static func drain(
        _ log: any EventLog, _ patterns: [TopicPattern], from: LogCursor = .start, maxRecords: Int = 1000, maxBytes: Int = 1 << 20
    ) async throws -> (records: [StoredRecord], next: LogCursor) {
        var cursor = from
        var records: [StoredRecord] = []
        while true {
            let slice = try await log.fetch(matching: patterns, from: cursor, maxRecords: maxRecords, maxBytes: maxBytes)
            try require(slice.records.count <= maxRecords, "at most \(maxRecords) records")
            try require(slice.next >= cursor, "the cursor never falls")
            try require(slice.records.isEmpty || slice.next > cursor, "the cursor moves with records")
            records += slice.records
            if slice.next == cursor { return (records, cursor) }
            cursor = slice.next
        }
    }

    static func texts(_ records: [StoredRecord], of topic: TopicName) -> [String] {
        records.filter { $0.record.topic == topic }.map(text)
    }

    /// 60 records over six sites and two other topics; returns them by topic.
    static func scattered(_ log: any EventLog, clock: ManualClock? = nil) async throws -> [TopicName: [String]] {
        let topics = (0..<6).map { Topic.siteEvents(site: "S-\($0)") } + [incidents, Topic.audit]
        var expected: [TopicName: [String]] = [:]
        for number in 0..<60 {
            let topic = topics[number * 7 % topics.count]
            _ = try await log.append([record(topic, String(number))])
            clock?.advance(byMs: 10)
            expected[topic, default: []].append(String(number))
        }
        return expected
    }

    /// Every appender writes `rounds` times to site A and to a site of its own.
    static func appendSideBySide(_ log: any EventLog, appenders: Int, rounds: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for appender in 0..<appenders {
                group.addTask {
                    for round in 0..<rounds {
                        _ = try await log.append([
                            record(siteA, "\(appender):\(round)"),
                            record(Topic.siteEvents(site: "own-\(appender)"), "\(round)"),
                        ])
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    static let everywhere: [Check] = [
        Check("records come back byte for byte with their keys, headers, times and offsets") { make in
            let log = try await make(ManualClock(startMs: 77_000), maxRecordBytes)
            let all = [
                Record(topic: siteA, key: nil, value: []),
                Record(topic: siteA, key: [], value: [0, 255, 10, 13]),
                Record(
                    topic: siteA, key: Array("S-1".utf8), value: Array("{}".utf8),
                    headers: [.init("h", "v"), .init("h", [UInt8]()), .init("", "x")]),
                Record(topic: siteA, key: nil, value: [UInt8](repeating: 0, count: 4000)),
                Record(
                    topic: incidents, key: Array("ключ".utf8), value: Array("значение".utf8), headers: [.init("имя", [0, 1])]),
            ]
            let positions = try await log.append(all)
            let read = try await drain(log, [everything]).records
            for topic in [siteA, incidents] {
                let expected = zip(all, positions).filter { $0.0.topic == topic }
                let found = read.filter { $0.record.topic == topic }
                try requireEqual(found.map(\.record), expected.map(\.0), "records of \(topic)")
                try requireEqual(found.map(\.offset), expected.map(\.1.offset), "offsets of \(topic)")
            }
            try requireEqual(Set(read.map(\.timestampMs)), [77_000], "append times")
            try requireEqual(positions.map(\.timestampMs), [Int64](repeating: 77_000, count: 5), "append times of the positions")
            try await log.close()
        },
        Check("an append of nothing writes nothing, and a block is appended as its records would be") { make in
            let log = try await make(ManualClock(), maxRecordBytes)
            let before = await log.end()
            try requireEqual(try await log.append([Record]()), [], "positions")
            try requireEqual(await log.end(), before, "end")
            var block = RecordBlock(bytes: Array("S1{\"a\":1}{}".utf8))
            let first = block.addTopic(siteA)
            let second = block.addTopic(incidents)
            let headers = block.addHeaders([.init("trace", "1")])
            block.append(topic: first, key: 0..<2, value: 2..<9)
            block.append(topic: first, key: nil, value: 9..<11, headers: headers)
            block.append(topic: second, key: 0..<2, value: 11..<11)
            try requireEqual(try await log.append(block).count, 3, "positions")
            let read = try await drain(log, [everything]).records
            try requireEqual(read.filter { $0.record.topic == siteA }.map(\.record), (0..<2).map(block.record), "first topic")
            try requireEqual(read.filter { $0.record.topic == incidents }.map(\.record), [block.record(2)], "second topic")
            try await log.close()
        },
        Check("in pieces of any size every record comes once, each topic in its order, sequences rising") { make in
            let log = try await make(ManualClock(), maxRecordBytes)
            let expected = try await scattered(log)
            for (maxRecords, maxBytes) in [(1, 1 << 20), (7, 1 << 20), (100, 0), (100, 5), (1000, 1 << 20)] {
                let (read, next) = try await drain(log, [everything], maxRecords: maxRecords, maxBytes: maxBytes)
                try requireEqual(read.count, 60, "records by \(maxRecords), \(maxBytes)")
                for (topic, values) in expected { try requireEqual(texts(read, of: topic), values, "values of \(topic)") }
                try require(zip(read, read.dropFirst()).allSatisfy { $0.sequence < $1.sequence }, "sequences rise")
                try require(read.allSatisfy { $0.sequence < next.sequence }, "the cursor is past all of them")
                let after = try await log.fetch(matching: [everything], from: next, maxRecords: 10, maxBytes: 10)
                try require(after.records.isEmpty && after.next == next, "nothing at the end")
            }
            try await log.close()
        },
        Check("patterns choose topics, and a topic that two of them match comes once") { make in
            let log = try await make(ManualClock(), maxRecordBytes)
            let expected = try await scattered(log)
            let one = Topic.siteEvents(site: "S-3")
            for (patterns, topics) in [
                ([.siteEvents], expected.keys.filter { TopicPattern.siteEvents.matches($0) }),
                ([TopicPattern(one.rawValue)], [one]), ([TopicPattern(one.rawValue), .siteEvents, .incidents], expected.keys.filter { $0 != Topic.audit }),
                ([TopicPattern(Topic.audit.rawValue)], [Topic.audit]), ([TopicPattern("towerco.sites.S-9.events")], []),
            ] as [([TopicPattern], [TopicName])] {
                let read = try await drain(log, patterns).records
                try requireEqual(Set(read.map(\.record.topic)), Set(topics), "topics of \(patterns)")
                for topic in topics { try requireEqual(texts(read, of: topic), expected[topic] ?? [], "\(topic) by \(patterns)") }
                try requireEqual(read.count, topics.reduce(0) { $0 + (expected[$1]?.count ?? 0) }, "records of \(patterns)")
            }
            try await log.close()
        },
        Check("a cursor's text leads to the same place, and blocks hold what fetch gives") { make in
            let log = try await make(ManualClock(), maxRecordBytes)
            _ = try await scattered(log)
            var cursor = LogCursor.start
            var count = 0
            while count < 60 {
                let block = try await log.fetchBlock(matching: [everything], from: cursor, maxRecords: 9, maxBytes: 1 << 20)
                let stored = LogCursor(cursor.description)
                try requireEqual(stored, cursor, "text of \(cursor)")
                try require(!block.isEmpty && block.count <= 9, "some records")
                try require(Set(block.topics).count == block.topics.count, "a topic is named once")
                // Another reader from the same place: each partition goes on at the same record.
                let again = try await drain(log, [everything], from: stored ?? .start).records
                for index in 0..<block.count {
                    let here = block.record(index)
                    let there = again.first { $0.record.topic == here.record.topic && $0.offset == here.offset }
                    try requireEqual(there?.record, here.record, "the record at \(here.offset) of \(here.record.topic)")
                }
                try requireEqual(again.count, 60 - count, "records from \(cursor)")
                count += block.count
                cursor = block.next
            }
            try await log.close()
        },
        Check("a cursor covers exactly what was read before it") { make in
            let log = try await make(ManualClock(), maxRecordBytes)
            let records = (0..<12).map { record(Topic.siteEvents(site: "S-\($0 % 5)"), String($0)) }
            let positions = try await log.append(records)
            var cursor = LogCursor.start
            var seen: Set<String> = []
            while seen.count < 12 {
                for (record, position) in zip(records, positions) {
                    let isCovered = cursor.covers(position, in: log.place(of: record.topic))
                    try requireEqual(isCovered, seen.contains(String(decoding: record.value, as: UTF8.self)), "\(record) at \(cursor)")
                }
                let slice = try await log.fetch(matching: [.siteEvents], from: cursor, maxRecords: 3, maxBytes: 1 << 20)
                seen.formUnion(slice.records.map(text))
                cursor = slice.next
            }
            try await log.close()
        },
        Check("one topic by its offsets: from before the start, from each record, past the end") { make in
            let log = try await make(ManualClock(), maxRecordBytes)
            let expected = try await scattered(log)
            let topic = Topic.siteEvents(site: "S-2")
            let all = try await log.fetch(topic: topic, from: -5, maxBytes: 1 << 20)
            try requireEqual(all.map(text), expected[topic] ?? [], "all")
            for (index, stored) in all.enumerated() {
                let one = try await log.fetch(topic: topic, from: stored.offset, maxBytes: 0)
                try requireEqual(one.map(text), [text(stored)], "one from \(stored.offset)")
                let rest = try await log.fetch(topic: topic, from: stored.offset, maxBytes: 1 << 20)
                try requireEqual(rest.map(text), all.dropFirst(index).map(text), "from \(stored.offset)")
            }
            try requireEqual(try await log.fetch(topic: topic, from: 1_000_000, maxBytes: 100).count, 0, "past the end")
            try await requireFailure(.unknownTopic, "nobody's topic") {
                _ = try await log.fetch(topic: TopicName("nobody"), from: 0, maxBytes: 1)
            }
            try await log.close()
        },
        Check("concurrent appenders: nothing lost, nothing twice, each one's order kept") { make in
            let log = try await make(ManualClock(), maxRecordBytes)
            let appenders = 8
            let rounds = 30
            try await appendSideBySide(log, appenders: appenders, rounds: rounds)
            let read = try await drain(log, [.siteEvents]).records
            try requireEqual(read.count, appenders * rounds * 2, "records")
            for appender in 0..<appenders {
                let own = texts(read, of: Topic.siteEvents(site: "own-\(appender)"))
                try requireEqual(own, (0..<rounds).map(String.init), "appender \(appender)")
                let mine = texts(read, of: siteA).filter { $0.hasPrefix("\(appender):") }
                try requireEqual(mine, (0..<rounds).map { "\(appender):\($0)" }, "appender \(appender) in the shared topic")
            }
            try await log.close()
        },
        Check("backward in pieces: every record once, each topic newest first, to the beginning") { make in
            let clock = ManualClock()
            let log = try await make(clock, maxRecordBytes)
            let expected = try await scattered(log, clock: clock)
            let end = try await drain(log, [everything]).next
            for (maxRecords, maxScanned) in [(1, 1000), (7, 1000), (100, 1000), (100, 20), (4, 3)] {
                var cursor = end
                var read: [StoredRecord] = []
                while cursor > .start {
                    let slice = try await log.fetchBackward(
                        matching: [everything], before: cursor, maxRecords: maxRecords, maxScanned: maxScanned)
                    try require(slice.records.count <= maxRecords, "at most \(maxRecords) records")
                    try require(slice.next < cursor, "the cursor moves down")
                    read += slice.records
                    cursor = slice.next
                }
                try requireEqual(read.count, 60, "records by \(maxRecords), scanning \(maxScanned)")
                for (topic, values) in expected { try requireEqual(texts(read, of: topic), values.reversed(), "\(topic)") }
                try require(zip(read, read.dropFirst()).allSatisfy { $0.sequence > $1.sequence }, "sequences fall")
                if maxScanned == 1000 {
                    try require(zip(read, read.dropFirst()).allSatisfy { $0.timestampMs >= $1.timestampMs }, "times fall")
                }
            }
            try await log.close()
        },
        Check("from the cursor of a time on come exactly the records appended from then on", needs: [.timeIndex]) { make in
            let clock = ManualClock(startMs: 1000)
            let log = try await make(clock, maxRecordBytes)
            _ = try await scattered(log, clock: clock)
            let all = try await drain(log, [everything]).records
            for time in [0, 1000, 1001, 1095, 1300, 1590, 1591, 9999] as [Int64] {
                let read = try await drain(log, [everything], from: try await log.cursor(atOrAfterMs: time)).records
                try requireEqual(
                    Set(read.map(text)), Set(all.filter { $0.timestampMs >= time }.map(text)), "records from \(time) on")
                for record in all where record.record.topic == Topic.audit {
                    let offset = try await log.offset(topic: Topic.audit, atOrAfterMs: time)
                    try requireEqual(record.offset >= offset, record.timestampMs >= time, "audit from \(time) on: \(record.offset)")
                }
            }
            try await log.close()
        },
        Check("append times never fall, whatever the clock does, in any log") { make in
            let clock = ManualClock(startMs: 5000)
            let log = try await make(clock, maxRecordBytes)
            for delta in [0, 100, -5000, 50, 6000] as [Int64] {
                clock.advance(byMs: delta)
                _ = try await log.append([record(siteA, "x")])
            }
            let read = try await log.fetch(topic: siteA, from: 0, maxBytes: 1 << 20)
            try requireEqual(read.map(\.timestampMs), [5000, 5100, 5100, 5100, 6150], "append times")
            try await log.close()
        },
        Check("bad names and records beyond the bound are refused before anything is written") { make in
            let log = try await make(ManualClock(), maxRecordBytes)
            let before = await log.end()
            for name in ["", ".", "..", "a b", "a/b", "ä", "a*", String(repeating: "x", count: 250)] {
                try await requireFailure(.badTopicName, "append to \(name)") {
                    _ = try await log.append([record(siteA, "x"), record(TopicName(name), "y")])
                }
            }
            let largest = Record(topic: siteA, key: nil, value: [UInt8](repeating: 7, count: maxRecordBytes))
            let larger = Record(topic: siteA, key: nil, value: [UInt8](repeating: 7, count: maxRecordBytes + 1))
            try await requireFailure(.recordTooLarge, "append") { _ = try await log.append([record(siteB, "x"), larger]) }
            try requireEqual(await log.end().sequence, before.sequence, "end")
            _ = try await log.append([largest, record(Topic.siteEvents(site: "a.b_c-D:9"), "alphabet")])
            let read = try await drain(log, [everything]).records
            try requireEqual(Set(read.map(\.record.topic)), [siteA, Topic.siteEvents(site: "a.b_c-D:9")], "topics")
            try await log.close()
        },
    ]

    static let everywhereGroups: [Check] = [
        Check("a group starts at the beginning, commits, finds its place, and its lag is what is unread") { make in
            let log = try await make(ManualClock(), maxRecordBytes)
            for number in 0..<20 { _ = try await log.append([record(Topic.siteEvents(site: "S-\(number % 4)"), String(number))]) }
            let first = try await log.join(group: "engine", patterns: [.siteEvents])
            let all = try await drain(log, [.siteEvents], from: first.committed).records
            try requireEqual(all.count, 20, "from the first position")
            let part = try await log.fetch(matching: [.siteEvents], from: .start, maxRecords: 8, maxBytes: 1 << 20)
            try await log.commit(first, cursor: part.next)
            try requireEqual(try await log.groups().map(\.offsetLag), [20 - Int64(part.records.count)], "records unread")
            let second = try await log.join(group: "engine", patterns: [.siteEvents])
            let rest = try await drain(log, [.siteEvents], from: second.committed)
            try requireEqual(
                Set(rest.records.map(text)), Set(all.map(text)).subtracting(part.records.map(text)), "the rest after joining again")
            try require(second.epoch > first.epoch, "epochs rise")
            try await log.commit(second, cursor: rest.next)
            let done = try await log.groups()
            try requireEqual(done.map(\.group), ["engine"], "groups")
            try require(done[0].offsetLag == 0 && done[0].timeLagMs == 0 && done[0].members == 1, "no lag at the end: \(done)")
            try await log.leave(second)
            try requireEqual(try await log.groups().map(\.members), [0], "members after leaving")
            try await requireFailure(.staleMember, "commit after leaving") { try await log.commit(second, cursor: .start) }
            try await log.close()
        },
        Check("a newer member and a seek fence the older one") { make in
            let log = try await make(ManualClock(), maxRecordBytes)
            for number in 0..<10 { _ = try await log.append([record(siteA, String(number))]) }
            let end = try await drain(log, [.siteEvents]).next
            // A log may give fewer than it was asked for.
            let part = try await log.fetch(matching: [.siteEvents], from: .start, maxRecords: 4, maxBytes: 1 << 20)
            let old = try await log.join(group: "engine", patterns: [.siteEvents])
            let new = try await log.join(group: "engine", patterns: [.siteEvents])
            try await requireFailure(.staleMember, "old commits") { try await log.commit(old, cursor: end) }
            try await log.commit(new, cursor: end)
            try await log.leave(old)
            try requireEqual(try await log.groups().map(\.members), [1], "members after the fenced one left")
            try await log.seek(group: "engine", to: part.next)
            try await requireFailure(.staleMember, "fenced by seek") { try await log.commit(new, cursor: end) }
            let again = try await log.join(group: "engine", patterns: [.siteEvents])
            let rest = try await drain(log, [.siteEvents], from: again.committed).records
            try requireEqual(rest.map(text), (part.records.count..<10).map(String.init), "from where it was moved to")
            try await requireFailure(.unknownGroup, "seek of nobody") { try await log.seek(group: "nobody", to: .start) }
            try await log.close()
        },
        Check("group names and patterns are bounded in every log") { make in
            let log = try await make(ManualClock(), maxRecordBytes)
            try await requireFailure(.badGroup, "no name") { _ = try await log.join(group: "", patterns: []) }
            try await requireFailure(.badGroup, "long name") {
                _ = try await log.join(group: String(repeating: "g", count: 129), patterns: [])
            }
            try await requireFailure(.badGroup, "many patterns") {
                _ = try await log.join(group: "g", patterns: [TopicPattern](repeating: .siteEvents, count: 17))
            }
            try await log.close()
        },
    ]
}
