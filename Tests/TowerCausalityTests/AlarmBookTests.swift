import Testing
import TowerModel

@testable import TowerCausality

@Suite struct AlarmBookTests {
    static let start = Timestamp("2026-01-15T00:00:00Z")!

    /// One word to the book: `raise`, `minor` (a raise of lower severity) or `clear`, at a second.
    struct Word: Sendable {
        var kind: String
        var second: Double
        init(_ kind: String, _ second: Double) {
            self.kind = kind
            self.second = second
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var words: [Word]
        var isActive: Bool
        var occurrences: Int
        var raisedAt: Double
        var clearedAt: Double?
        var testDescription: String { name }
    }

    static let cases = [
        Case(name: "one raise", words: [.init("raise", 10)], isActive: true, occurrences: 1, raisedAt: 10),
        Case(
            name: "a repeat folds", words: [.init("raise", 10), .init("raise", 40)], isActive: true, occurrences: 2, raisedAt: 10),
        Case(
            name: "a clear ends it", words: [.init("raise", 10), .init("clear", 40)], isActive: false, occurrences: 1,
            raisedAt: 10, clearedAt: 40),
        Case(
            name: "an old clear does not end a newer raise", words: [.init("raise", 50), .init("clear", 20)], isActive: true,
            occurrences: 1, raisedAt: 50),
        Case(
            name: "a clear between two raises that comes last leaves it active, since the later raise as in order",
            words: [.init("raise", 10), .init("raise", 30), .init("clear", 20)], isActive: true, occurrences: 2, raisedAt: 30),
        Case(
            name: "a clear that comes before its raise ends it", words: [.init("clear", 40), .init("raise", 10)], isActive: false,
            occurrences: 1, raisedAt: 10, clearedAt: 40),
        Case(
            name: "a late first raise moves the onset", words: [.init("raise", 50), .init("raise", 10)], isActive: true,
            occurrences: 2, raisedAt: 10),
        Case(
            name: "after a clear a raise is a new alarm", words: [.init("raise", 10), .init("clear", 20), .init("raise", 900)],
            isActive: true, occurrences: 1, raisedAt: 900),
        Case(
            name: "a raise at the instant of the clear before it is late", words: [.init("clear", 40), .init("raise", 40)],
            isActive: false, occurrences: 1, raisedAt: 40, clearedAt: 40),
    ]

    private func signal(_ word: Word, _ number: Int) -> AlarmSignal {
        AlarmSignal(
            siteID: SiteID("S"), managedObject: "grid", alarmType: "power.grid.outage",
            severity: word.kind == "minor" ? .minor : .major,
            state: word.kind == "clear" ? .cleared : .raised, at: Self.start.adding(seconds: word.second),
            eventID: EventID(high: 7, low: UInt64(number)))
    }

    private func run(_ words: [Word], until end: Double? = nil) -> (book: AlarmBook, alarms: [Alarm]) {
        var book = AlarmBook(tenantID: TenantID("t"))
        var alarms: [Alarm] = []
        var clock = Self.start
        for (number, word) in words.enumerated() {
            clock = max(clock, Self.start.adding(seconds: word.second))
            _ = book.advance(to: clock, into: &alarms)
            _ = book.take(signal(word, number), now: clock, into: &alarms)
        }
        if let end { _ = book.advance(to: Self.start.adding(seconds: end), into: &alarms) }
        return (book, alarms)
    }

    @Test(arguments: cases)
    func lifecycle(_ given: Case) {
        let (book, _) = run(given.words)
        let alarm = book.alarm(0)
        #expect(book.activeCount == (given.isActive ? 1 : 0))
        #expect(alarm.occurrences == given.occurrences)
        #expect(alarm.raisedAt == Self.start.adding(seconds: given.raisedAt))
        #expect(alarm.clearedAt == given.clearedAt.map { Self.start.adding(seconds: $0) })
        #expect((alarm.state == .cleared) == !given.isActive)
    }

    @Test func aChangeOfSeverityIsTold() {
        let (_, alarms) = run([.init("raise", 0), .init("minor", 30)])
        #expect(alarms.map(\.state) == [.raised, .changed])
        #expect(alarms.last?.severity == .minor)
    }

    @Test func theSameEventTwiceCountsOnce() {
        var book = AlarmBook(tenantID: TenantID("t"))
        var alarms: [Alarm] = []
        for _ in 0..<2 { _ = book.take(signal(.init("raise", 1), 1), now: Self.start, into: &alarms) }
        #expect(book.alarm(0).occurrences == 1)
        #expect(alarms.count == 1)
    }

    private var flapping: [Word] { (0..<4).flatMap { [Word("raise", Double($0) * 60), Word("clear", Double($0) * 60 + 20)] } }

    @Test func theClearOfAFlappingAlarmWaitsForTheHold() {
        let held = run(flapping)
        #expect(held.book.activeCount == 1)
        #expect(held.book.alarm(0).isFlapping)
        let (book, alarms) = run(flapping, until: 200 + 301)
        #expect(book.activeCount == 0)
        #expect(alarms.last?.clearedAt == Self.start.adding(seconds: 200))
    }

    @Test func aRaiseInsideTheHoldForgetsTheClear() {
        let (book, _) = run(flapping + [.init("raise", 260)], until: 2_000)
        #expect(book.activeCount == 1)
    }

    @Test func anOutageLongerThanFiveMinutesIsActiveAllTheTime() {
        // It flaps first and then stays: no hold may hide it.
        let (book, alarms) = run(flapping + [.init("raise", 240)], until: 240 + 600)
        #expect(book.activeCount == 1)
        #expect(alarms.last?.state != .cleared)
    }

    @Test func pairedTypesClearTheirPriorityOnly() {
        var book = AlarmBook(tenantID: TenantID("t"))
        var alarms: [Alarm] = []
        for priority in 1...2 {
            _ = book.take(
                AlarmSignal(
                    siteID: SiteID("S"), managedObject: "dc", alarmType: "power.dc.lvd_open", qualifier: "priority \(priority)",
                    severity: .major,
                    state: .raised, at: Self.start, eventID: EventID(high: 1, low: UInt64(priority))), now: Self.start,
                into: &alarms)
        }
        let cleared = book.clearAll(
            siteID: SiteID("S"), alarmType: "power.dc.lvd_open", qualifier: "priority 2", at: Self.start.adding(seconds: 9),
            eventID: EventID(high: 2, low: 2), now: Self.start, into: &alarms)
        #expect(cleared.count == 1)
        #expect(book.activeCount == 1)
    }

    @Test func clearsFindTheirRaiseByItsEvent() {
        var book = AlarmBook(tenantID: TenantID("t"))
        var alarms: [Alarm] = []
        _ = book.take(signal(.init("raise", 1), 1), now: Self.start, into: &alarms)
        var clear = signal(.init("clear", 5), 2)
        clear.alarmType = ""
        clear.raisedEventID = EventID(high: 7, low: 1)
        #expect(book.take(clear, now: Self.start, into: &alarms).change == .cleared)
        #expect(book.activeCount == 0)
    }

    @Test func aFullBookForgetsClearedAlarmsFirstAndThenRefuses() {
        var configuration = AlarmBook.Configuration()
        configuration.capacity = 2
        var book = AlarmBook(tenantID: TenantID("t"), configuration: configuration)
        var alarms: [Alarm] = []
        func raise(_ object: String, _ state: Alarm.State, _ number: UInt64) {
            _ = book.take(
                AlarmSignal(
                    siteID: SiteID("S"), managedObject: object, alarmType: "x", severity: .major, state: state,
                    at: Self.start.adding(seconds: Double(number)),
                    eventID: EventID(high: 3, low: number)), now: Self.start.adding(seconds: Double(number)), into: &alarms)
        }
        raise("a", .raised, 1)
        raise("b", .raised, 2)
        raise("a", .cleared, 3)
        raise("c", .raised, 4)
        #expect(book.activeCount == 2)
        raise("d", .raised, 5)
        #expect(book.refused == 1)
    }

    @Test func anyOrderOfRaisesAndClearsEndsInTheSameState() {
        // Raise at 0, clear at 100, raise at 2000, clear at 2100, raise at 4000: active, whatever order they come in.
        let words = [Word("raise", 0), Word("clear", 100), Word("raise", 2_000), Word("clear", 2_100), Word("raise", 4_000)]
        for seed in 0..<24 {
            var order = Array(words.indices)
            var state = UInt64(seed) &+ 1
            for index in stride(from: order.count - 1, to: 0, by: -1) {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                order.swapAt(index, Int(state >> 33) % (index + 1))
            }
            var book = AlarmBook(tenantID: TenantID("t"))
            var alarms: [Alarm] = []
            for index in order { _ = book.take(signal(words[index], index), now: Self.start, into: &alarms) }
            #expect(book.activeCount == 1, "order \(order)")
        }
    }
}
