import TowerStreaming

extension EventLogContract {
    static let order: [Check] = [
        Check("append gives each record its offset and sequence, in order") { make in
            let log = try await make(ManualClock(), maxRecordBytes)
            let positions = try await log.append([
                record(siteA, "a0"), record(siteB, "b0"), record(siteA, "a1"), record(incidents, "i0"),
            ])
            try requireEqual(positions.map(\.offset), [0, 0, 1, 0], "offsets")
            let next = try await log.append([record(siteA, "a2")])
            try requireEqual(next[0].offset, 2, "offset after")
            try require(
                zip(positions, positions.dropFirst()).allSatisfy { $0.sequence < $1.sequence }, "sequences rise inside an append")
            try require(next[0].sequence > positions[3].sequence, "sequences rise across appends")
            try requireEqual(await log.end().sequence, next[0].sequence + 1, "end")
            try await log.close()
        },
        Check("an append of nothing does nothing") { make in
            let log = try await make(ManualClock(), maxRecordBytes)
            try requireEqual(try await log.append([Record]()), [], "positions")
            try requireEqual(await log.end(), .start, "end")
            try await log.close()
        },
        Check("what was appended comes back byte for byte") { make in
            let clock = ManualClock(startMs: 77_000)
            let log = try await make(clock, maxRecordBytes)
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
            let read = try await log.fetch(matching: [TopicPattern("*")], from: .start, maxRecords: 100, maxBytes: 1 << 20)
            try requireEqual(read.records.map(\.record), all, "records")
            try requireEqual(read.records.map(\.offset), positions.map(\.offset), "offsets")
            try requireEqual(read.records.map(\.sequence), positions.map(\.sequence), "sequences")
            try requireEqual(read.records.map(\.timestampMs), [Int64](repeating: 77_000, count: 5), "append times")
            try await log.close()
        },
        Check("a block is appended as its records would be") { make in
            let log = try await make(ManualClock(), maxRecordBytes)
            var block = RecordBlock(bytes: Array("S1{\"a\":1}{}".utf8))
            let first = block.addTopic(siteA)
            let second = block.addTopic(incidents)
            let headers = block.addHeaders([.init("trace", "1")])
            block.append(topic: first, key: 0..<2, value: 2..<9)
            block.append(topic: first, key: nil, value: 9..<11, headers: headers)
            block.append(topic: second, key: 0..<2, value: 11..<11)
            let positions = try await log.append(block)
            try requireEqual(positions.map(\.offset), [0, 1, 0], "offsets")
            let read = try await log.fetch(matching: [TopicPattern("*")], from: .start, maxRecords: 10, maxBytes: 1 << 20)
            try requireEqual(read.records.map(\.record), (0..<3).map(block.record), "records")
            try await log.close()
        },
        Check("concurrent appenders: no hole, no double, each one's order kept, sequence order is offset order") { make in
            let log = try await make(ManualClock(), maxRecordBytes)
            let appenders = 8
            let rounds = 40
            try await appendSideBySide(log, appenders: appenders, rounds: rounds)
            let shared = try await log.fetch(topic: siteA, from: 0, maxBytes: 1 << 20)
            try requireEqual(shared.map(\.offset), Array(0..<Int64(appenders * rounds)), "offsets of the shared topic")
            try require(
                zip(shared, shared.dropFirst()).allSatisfy { $0.sequence < $1.sequence }, "sequence order is offset order")
            for appender in 0..<appenders {
                let own = try await log.fetch(topic: Topic.siteEvents(site: "own-\(appender)"), from: 0, maxBytes: 1 << 20)
                try requireEqual(own.map(text), (0..<rounds).map(String.init), "appender \(appender)")
                let mine = shared.map(text).filter { $0.hasPrefix("\(appender):") }
                try requireEqual(mine, (0..<rounds).map { "\(appender):\($0)" }, "appender \(appender) in the shared topic")
            }
            try await log.close()
        },
    ]
}
