import TowerStreaming

extension EventLogContract {
    static let topics: [Check] = [
        Check("topics are described, in the order of their names") { make in
            let clock = ManualClock(startMs: 500)
            let log = try await make(clock, maxRecordBytes)
            _ = try await log.append([record(siteB, "b")])
            clock.advance(byMs: 5)
            _ = try await log.append([record(siteA, "a"), record(siteB, "b"), record(incidents, "i")])
            let all = try await log.topics(matching: nil)
            try requireEqual(all.map(\.topic), [incidents, siteA, siteB], "names")
            try requireEqual(all.map(\.endOffset), [1, 1, 2], "ends")
            try requireEqual(all.map(\.startOffset), [0, 0, 0], "starts")
            try requireEqual(all.map(\.retention), [.business, .telemetry, .telemetry], "classes")
            try requireEqual(all.map(\.firstTimestampMs), [505, 505, 500], "first times")
            try requireEqual(all.map(\.lastTimestampMs), [505, 505, 505], "last times")
            try require(all.allSatisfy { $0.bytes > 0 && $0.partitions == 1 }, "bytes and partitions")
            try requireEqual(try await log.topics(matching: .siteEvents).map(\.topic), [siteA, siteB], "by pattern")
            try await log.close()
        },
        Check("a topic can be made before its first record, and again without effect") { make in
            let log = try await make(ManualClock(), maxRecordBytes)
            try await log.createTopic(siteA)
            try await log.createTopic(siteA)
            let made = try await log.topics(matching: nil)
            try requireEqual(made.map(\.topic), [siteA], "topics")
            try requireEqual(made[0].endOffset, 0, "end")
            try requireEqual(made[0].firstTimestampMs, nil, "first time")
            try requireEqual(try await log.fetch(topic: siteA, from: 0, maxBytes: 100).count, 0, "records")
            _ = try await log.append([record(siteA, "x")])
            try await log.createTopic(siteA)
            try requireEqual(try await log.fetch(topic: siteA, from: 0, maxBytes: 100).map(text), ["x"], "records after")
            try await log.close()
        },
        Check("a deleted topic is gone from every reader, others stay; made anew it is empty") { make in
            let log = try await filled(make)
            try await log.deleteTopic(siteA)
            try await requireFailure(.unknownTopic, "fetch") { _ = try await log.fetch(topic: siteA, from: 0, maxBytes: 1) }
            try await requireFailure(.unknownTopic, "delete again") { try await log.deleteTopic(siteA) }
            try requireEqual(try await log.topics(matching: nil).map(\.topic), [siteB], "topics")
            let odd = (0..<10).map { String($0 * 2 + 1) }
            let all = try await log.fetch(matching: [.siteEvents], from: .start, maxRecords: 100, maxBytes: 1 << 20)
            try requireEqual(all.records.map(text), odd, "forward")
            let back = try await log.fetchBackward(
                matching: [.siteEvents], before: await log.end(), maxRecords: 100, maxScanned: 1000)
            try requireEqual(back.records.map(text), odd.reversed(), "backward")
            let position = try await log.append([record(siteA, "new")])[0]
            try requireEqual(try await log.fetch(topic: siteA, from: 0, maxBytes: 1 << 20).map(text), ["new"], "made anew")
            let made = try await log.topics(matching: TopicPattern(siteA.rawValue))
            try requireEqual(made.map(\.startOffset), [position.offset], "start")
            try requireEqual(made.map(\.endOffset), [position.offset + 1], "end")
            let again = try await log.fetch(matching: [.siteEvents], from: .start, maxRecords: 100, maxBytes: 1 << 20)
            try requireEqual(again.records.map(text), odd + ["new"], "forward, made anew")
            try await log.close()
        },
        Check("bad names are refused before anything is written") { make in
            let log = try await make(ManualClock(), maxRecordBytes)
            for name in ["", ".", "..", "a b", "a/b", "ä", "a*", String(repeating: "x", count: 250)] {
                let topic = TopicName(name)
                try await requireFailure(.badTopicName, "append to \(name)") {
                    _ = try await log.append([record(siteA, "x"), record(topic, "y")])
                }
                try await requireFailure(.badTopicName, "create \(name)") { try await log.createTopic(topic) }
            }
            try requireEqual(await log.end(), .start, "end")
            try requireEqual(try await log.topics(matching: nil).count, 0, "topics")
            _ = try await log.append([
                record(TopicName(String(repeating: "x", count: 249)), "longest"), record(TopicName("a.b_c-D:9"), "alphabet"),
            ])
            try await log.close()
        },
    ]

    static let waiting: [Check] = [
        Check("a wait ends at once for what is there, and with the append for what is not") { make in
            let log = try await make(ManualClock(), maxRecordBytes)
            _ = try await log.append([record(siteA, "0")])
            try await log.waitForRecords(at: .start)
            let end = await log.end()
            let waiting = Task { try await log.waitForRecords(at: end) }
            _ = try await log.append([record(siteA, "1")])
            try await waiting.value
            try await log.close()
        },
        Check("a cancelled wait ends, others go on") { make in
            let log = try await make(ManualClock(), maxRecordBytes)
            let cancelled = Task { try await log.waitForRecords(at: .start) }
            let other = Task { try await log.waitForRecords(at: .start) }
            cancelled.cancel()
            try await cancelled.value
            _ = try await log.append([record(siteA, "0")])
            try await other.value
            try await log.close()
        },
        Check("closing ends every wait and refuses everything after") { make in
            let log = try await make(ManualClock(), maxRecordBytes)
            _ = try await log.append([record(siteA, "0")])
            let end = await log.end()
            let waiting = Task { try await log.waitForRecords(at: end) }
            try await log.close()
            try await requireFailure(.closed, "wait") { try await waiting.value }
            try await requireFailure(.closed, "wait after") { try await log.waitForRecords(at: end) }
            try await requireFailure(.closed, "append") { _ = try await log.append([record(siteA, "1")]) }
            try await requireFailure(.closed, "fetch") { _ = try await log.fetch(topic: siteA, from: 0, maxBytes: 1) }
            try await requireFailure(.closed, "topics") { _ = try await log.topics(matching: nil) }
            try await requireFailure(.closed, "join") { _ = try await log.join(group: "g", patterns: []) }
            try await log.close()
        },
    ]

    static let groups: [Check] = [
        Check("a group starts at the beginning, commits, and finds its place again") { make in
            let log = try await filled(make)
            let first = try await log.join(group: "engine", patterns: [.siteEvents])
            try requireEqual(first.committed, .start, "first position")
            try await log.commit(first, cursor: LogCursor(sequence: 8))
            let second = try await log.join(group: "engine", patterns: [.siteEvents])
            try requireEqual(second.committed.sequence, 8, "position after rejoin")
            try require(second.epoch > first.epoch, "epochs rise")
            try await log.close()
        },
        Check("a newer member fences the older; so does a seek") { make in
            let log = try await filled(make)
            let old = try await log.join(group: "engine", patterns: [.siteEvents])
            let new = try await log.join(group: "engine", patterns: [.siteEvents])
            try await requireFailure(.staleMember, "old commits") { try await log.commit(old, cursor: LogCursor(sequence: 5)) }
            try await log.commit(new, cursor: LogCursor(sequence: 6))
            try await log.leave(old)
            try requireEqual(try await log.groups().map(\.members), [1], "members after the fenced one left")
            try await log.seek(group: "engine", to: LogCursor(sequence: 2))
            try await requireFailure(.staleMember, "fenced by seek") { try await log.commit(new, cursor: LogCursor(sequence: 9)) }
            try requireEqual(
                try await log.join(group: "engine", patterns: [.siteEvents]).committed.sequence, 2, "position after seek")
            try await requireFailure(.unknownGroup, "seek of nobody") { try await log.seek(group: "nobody", to: .start) }
            try await log.close()
        },
        Check("lag counts unread records of matching topics, and their age") { make in
            let log = try await filled(make, clock: ManualClock(startMs: 1000))
            let member = try await log.join(group: "b-only", patterns: [TopicPattern(siteB.rawValue)])
            _ = try await log.join(group: "all", patterns: [.siteEvents])
            try await log.commit(member, cursor: LogCursor(sequence: 10))
            let groups = try await log.groups()
            try requireEqual(groups.map(\.group), ["all", "b-only"], "groups")
            try requireEqual(groups.map(\.offsetLag), [20, 5], "records unread")
            // The newest record is from 1190, the oldest unread ones from 1000 and, in B, 1110.
            try requireEqual(groups.map(\.timeLagMs), [190, 80], "time lag")
            try requireEqual(groups.map(\.committed.sequence), [0, 10], "positions")
            try await log.commit(member, cursor: await log.end())
            let done = try await log.groups()[1]
            try require(done.offsetLag == 0 && done.timeLagMs == 0, "no lag at the end")
            try await log.leave(member)
            try requireEqual(try await log.groups()[1].members, 0, "members after leaving")
            try await requireFailure(.staleMember, "commit after leaving") { try await log.commit(member, cursor: .start) }
            try await log.close()
        },
        Check("a position past the end becomes the end, one before the beginning the beginning") { make in
            let log = try await filled(make)
            let member = try await log.join(group: "engine", patterns: [.siteEvents])
            try await log.commit(member, cursor: LogCursor(sequence: .max))
            try requireEqual(try await log.groups()[0].committed, await log.end(), "position")
            try await log.seek(group: "engine", to: LogCursor(sequence: -3))
            try requireEqual(try await log.groups()[0].committed, .start, "position after seek")
            try await log.close()
        },
        Check("group names and patterns are bounded") { make in
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

    static let limits: [Check] = [
        Check("a record at the bound is taken, one byte more is refused and nothing of its append is kept") { make in
            let log = try await make(ManualClock(), maxRecordBytes)
            let largest = Record(topic: siteA, key: nil, value: [UInt8](repeating: 7, count: maxRecordBytes))
            _ = try await log.append([largest])
            let larger = Record(topic: siteA, key: nil, value: [UInt8](repeating: 7, count: maxRecordBytes + 1))
            try await requireFailure(.recordTooLarge, "append") { _ = try await log.append([record(siteB, "x"), larger]) }
            try requireEqual(try await log.fetch(topic: siteA, from: 0, maxBytes: 1).map(\.record), [largest], "records")
            try requireEqual(try await log.topics(matching: nil).map(\.topic), [siteA], "topics")
            try await log.close()
        }
    ]
}
