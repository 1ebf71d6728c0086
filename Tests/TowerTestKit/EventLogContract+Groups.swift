import TowerStreaming

extension EventLogContract {
    static let shared = "shared"
    static let sessionMs: Int64 = 1000

    static func reader(_ log: any EventLog, _ member: String) async throws -> GroupReader {
        try await GroupReader(log: log, group: shared, patterns: [.siteEvents], member: member, sessionMs: sessionMs)
    }

    static func all(_ reader: inout GroupReader) async throws -> [String] {
        try await reader.next(maxRecords: 1000, maxBytes: 1 << 20).records.map(text)
    }

    /// One record on each of 40 topics, which spread over many slots.
    static func spread(_ make: Factory, clock: ManualClock = ManualClock()) async throws -> any EventLog {
        let log = try await make(clock, maxRecordBytes)
        for site in 0..<40 { _ = try await log.append([record(Topic.siteEvents(site: "S-\(site)"), String(site))]) }
        return log
    }

    static let sharedGroups: [Check] = [
        Check("members of a shared group get every record once between them, and keep what stays theirs") { make in
            let log = try await spread(make)
            var one = try await reader(log, "one")
            try requireEqual(try await all(&one), (0..<40).map(String.init), "all for the only member")
            try await one.commit()
            var two = try await reader(log, "two")
            for site in 0..<40 { _ = try await log.append([record(Topic.siteEvents(site: "S-\(site)"), "again \(site)")]) }
            let first = try await all(&one)
            let second = try await all(&two)
            try require(!first.isEmpty && !second.isEmpty, "both have some")
            try requireEqual(Set(first + second), Set((0..<40).map { "again \($0)" }), "all together")
            try requireEqual(first.count + second.count, 40, "each once")
            try requireEqual(try await log.groups()[0].shares.map(\.slots.count), [16, 16], "shares")
            try await log.close()
        },
        Check("a member that leaves hands on what it has not committed, and nothing else") { make in
            let log = try await spread(make)
            var one = try await reader(log, "one")
            var two = try await reader(log, "two")
            let ofOne = try await all(&one)
            let ofTwo = try await all(&two)
            try await two.commit()
            try await one.leave()
            try requireEqual(Set(try await all(&two)), Set(ofOne), "what was not committed comes again")
            try await two.commit()
            try requireEqual(try await log.groups()[0].committed, await log.end(), "position")
            try require(!ofTwo.isEmpty, "the other had some")
            try await log.close()
        },
        Check("a silent member is none any more after its session; an older one of the same name is fenced") { make in
            let clock = ManualClock()
            let log = try await spread(make, clock: clock)
            var one = try await reader(log, "one")
            var two = try await reader(log, "two")
            let ofOne = try await all(&one)
            clock.advance(byMs: sessionMs)
            try require(!(try await all(&two)).isEmpty, "in time")
            clock.advance(byMs: 1)
            try requireEqual(try await log.groups()[0].members, 1, "members")
            try requireEqual(Set(try await all(&two)), Set(ofOne), "what the silent one had")
            let silent = one
            try await requireFailure(.staleMember, "read") {
                var silent = silent
                _ = try await silent.next(maxRecords: 1, maxBytes: 1)
            }
            try await requireFailure(.staleMember, "commit") {
                var silent = silent
                try await silent.commit()
            }
            let older = two
            two = try await reader(log, "two")
            try await requireFailure(.staleMember, "commit of the older of one name") {
                var older = older
                try await older.commit()
            }
            try requireEqual(try await all(&two).count, 40, "nothing was committed")
            try await log.close()
        },
        Check("a slot that moved is not committed by the one who had it") { make in
            let log = try await spread(make)
            var one = try await reader(log, "one")
            _ = try await all(&one)
            var two = try await reader(log, "two")
            try await one.commit()
            let moved = try await all(&two)
            try require(moved.count > 5 && moved.count < 35, "the moved slots' records come again: \(moved.count)")
            try requireEqual(try await all(&one), [], "what stayed is committed")
            try await log.close()
        },
        Check("a slot that went and came back begins where the other left it") { make in
            let log = try await spread(make)
            var one = try await reader(log, "one")
            let first = try await one.next(maxRecords: 10, maxBytes: 1 << 20).records.map(text)
            var two = try await reader(log, "two")
            let ofTwo = try await all(&two)
            try await two.commit()
            try await two.leave()
            let rest = try await all(&one)
            try require(Set(rest).isDisjoint(with: ofTwo), "what the other committed comes again: \(rest)")
            try requireEqual(Set(first + rest + ofTwo).count, 40, "all together")
            try await log.close()
        },
        Check("a seek fences all members; a single member takes over at the lowest position") { make in
            let log = try await spread(make)
            var one = try await reader(log, "one")
            var two = try await reader(log, "two")
            _ = try await all(&one)
            try await one.commit()
            let single = try await log.join(group: shared, patterns: [.siteEvents])
            try requireEqual(single.committed, .start, "lowest position")
            let fenced = one
            try await requireFailure(.staleMember, "commit") {
                var fenced = fenced
                try await fenced.commit()
            }
            try await log.commit(single, cursor: LogCursor(sequence: 30))
            two = try await reader(log, "two")
            try requireEqual(try await all(&two), (30..<40).map(String.init), "from the single member's position")
            try await requireFailure(.staleMember, "the single member commits") { try await log.commit(single, cursor: .start) }
            try await log.seek(group: shared, to: LogCursor(sequence: 38))
            let sought = two
            try await requireFailure(.staleMember, "read after seek") {
                var sought = sought
                _ = try await sought.next(maxRecords: 1, maxBytes: 1)
            }
            two = try await reader(log, "two")
            try requireEqual(try await all(&two), ["38", "39"], "from where it was moved to")
            try await log.close()
        },
        Check("lag of a shared group counts each slot from its own position") { make in
            let clock = ManualClock(startMs: 1000)
            let log = try await make(clock, maxRecordBytes)
            for site in 0..<40 {
                _ = try await log.append([record(Topic.siteEvents(site: "S-\(site)"), String(site))])
                clock.advance(byMs: 10)
            }
            var one = try await reader(log, "one")
            var two = try await reader(log, "two")
            let read = try await all(&one)
            try await one.commit()
            let group = try await log.groups()[0]
            try requireEqual(group.offsetLag, Int64(40 - read.count), "records")
            let unread = try await all(&two)
            try requireEqual(group.timeLagMs, 390 - 10 * (Int64(unread.first ?? "") ?? 0), "milliseconds")
            try await two.commit()
            try requireEqual(try await log.groups()[0].offsetLag, 0, "records at the end")
            try await log.close()
        },
        Check("a paused group gets nothing, says so, and may commit what it read") { make in
            let log = try await spread(make)
            var one = try await reader(log, "one")
            let first = try await one.next(maxRecords: 10, maxBytes: 1 << 20)
            try requireEqual(first.records.count, 10, "records")
            try await log.setPaused(group: shared, true)
            try await log.setPaused(group: shared, true)
            let none = try await one.next(maxRecords: 10, maxBytes: 1 << 20)
            try require(none.records.isEmpty && none.isPaused, "nothing, and it says why")
            try await one.commit()
            let group = try await log.groups()[0]
            try require(group.isPaused && group.committed.sequence == 10, "paused, committed")
            try await log.setPaused(group: shared, false)
            try requireEqual(try await all(&one), (10..<40).map(String.init), "the rest")
            try await requireFailure(.unknownGroup, "pause of nobody") { try await log.setPaused(group: "nobody", true) }
            try await log.close()
        },
        Check("a single member of a paused group waits until it is resumed, fenced, cancelled or the log is closed") { make in
            let log = try await filled(make)
            let member = try await log.join(group: "engine", patterns: [.siteEvents])
            try await log.standBy(member)
            try await log.setPaused(group: "engine", true)
            let waiting = Task { try await log.standBy(member) }
            try await log.commit(member, cursor: LogCursor(sequence: 3))
            try await log.setPaused(group: "engine", false)
            try await waiting.value
            try await log.setPaused(group: "engine", true)
            let cancelled = Task { try await log.standBy(member) }
            cancelled.cancel()
            try await cancelled.value
            let fenced = Task { try await log.standBy(member) }
            try await log.seek(group: "engine", to: .start)
            try await requireFailure(.staleMember, "waiting when fenced") { try await fenced.value }
            let again = try await log.join(group: "engine", patterns: [.siteEvents])
            try require(try await log.groups()[0].isPaused, "a pause outlives members")
            let closing = Task { try await log.standBy(again) }
            try await log.close()
            try await requireFailure(.closed, "waiting when closed") { try await closing.value }
        },
        Check("shared groups are bounded, and their members read the same") { make in
            let log = try await make(ManualClock(), maxRecordBytes)
            let one = try await log.join(group: shared, patterns: [.siteEvents], member: "one", sessionMs: sessionMs)
            for (name, patterns, member, session) in [
                (shared, [TopicPattern.siteEvents], "", sessionMs), (shared, [.siteEvents], "two", 0),
                (shared, [.siteEvents], "two", 3_600_001), (shared, [.incidents], "two", sessionMs),
                ("other", (0..<3).map { TopicPattern("\($0)" + String(repeating: "x", count: 220)) }, "two", sessionMs),
            ] as [(String, [TopicPattern], String, Int64)] {
                try await requireFailure(.badGroup, "\(name) \(member) \(session)") {
                    _ = try await log.join(group: name, patterns: patterns, member: member, sessionMs: session)
                }
            }
            let odd = [-1, GroupSlots.count, .max].map { GroupSlot(slot: $0, since: 1, next: LogCursor(sequence: 5)) }
            try requireEqual(try await log.commit(one, slots: odd).slots.count, GroupSlots.count, "odd slots have no effect")
            for number in 1..<GroupTable.maxMembers {
                _ = try await log.join(group: shared, patterns: [.siteEvents], member: "m\(number)", sessionMs: sessionMs)
            }
            try await requireFailure(.badGroup, "one too many") {
                _ = try await log.join(group: shared, patterns: [.siteEvents], member: "late", sessionMs: sessionMs)
            }
            try await log.close()
        },
        Check("places in the log: beginning, end, sequence, time, offset") { make in
            let log = try await filled(make, clock: ManualClock(startMs: 1000))
            for (place, sequence) in [
                (.beginning, 0), (.end, 20), (.sequence(7), 7), (.sequence(-7), 0), (.sequence(70), 20), (.time(1095), 10),
                (.time(5), 0), (.time(.max), 20), (.offset(siteB, 3), 7), (.offset(siteB, -3), 1), (.offset(siteB, 10), 20),
            ] as [(LogPlace, Int64)] {
                try requireEqual(try await log.cursor(of: place).sequence, sequence, "\(place)")
            }
            try await requireFailure(.unknownTopic, "offset of nobody") {
                _ = try await log.cursor(of: .offset(TopicName("nobody"), 0))
            }
            try await log.close()
        },
    ]
}
