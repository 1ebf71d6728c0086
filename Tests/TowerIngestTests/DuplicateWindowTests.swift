import Testing
@testable import TowerIngest

/// The window as a list of calls and what they answer.
@Suite struct DuplicateWindowTests {
    static func key(_ number: UInt64) -> EventKey { EventKey(high: number &* 0x9E37_79B9_7F4A_7C15, low: number) }

    @Test("reserve, confirm, release: each call and its answer")
    func calls() {
        var window = DuplicateWindow(generationIDs: 100)
        let (a, b, c) = (Self.key(1), Self.key(2), Self.key(3))
        let first = window.reserve([a, b, a])
        #expect(first.verdicts == [.fresh, .fresh, .duplicate] && window.count == 0)
        let second = window.reserve([b, c])
        #expect(second.verdicts == [.inFlight(first.ticket), .fresh] && window.openTickets == 2)
        window.confirm(first.ticket)
        #expect(window.count == 2 && !window.isOpen(first.ticket) && window.isOpen(second.ticket))
        #expect(window.reserve([a, b, c]).verdicts == [.duplicate, .duplicate, .inFlight(second.ticket)])
        window.release(second.ticket)
        let third = window.reserve([c])
        #expect(third.verdicts == [.fresh])
        window.confirm(third.ticket)
        window.confirm(third.ticket)
        window.release(first.ticket)
        #expect(window.count == 3)
        #expect(window.reserve([]).verdicts.isEmpty)
    }

    @Test("the all-zero key is a key like others")
    func zeroKey() {
        var window = DuplicateWindow(generationIDs: 10)
        let zero = EventKey(high: 0, low: 0)
        let reservation = window.reserve([zero])
        #expect(reservation.verdicts == [.fresh])
        window.confirm(reservation.ticket)
        #expect(window.reserve([zero]).verdicts == [.duplicate])
    }

    @Test("between one and two generations of the newest ids are known, whatever their number", arguments: [1, 10, 1000])
    func forgetsByGeneration(_ size: Int) {
        var window = DuplicateWindow(generationIDs: size)
        for number in 0..<UInt64(7 * size) {
            let reservation = window.reserve([Self.key(number)])
            #expect(reservation.verdicts == [.fresh])
            window.confirm(reservation.ticket)
            #expect(window.count <= 2 * size)
        }
        let newest = (UInt64(6 * size)..<UInt64(7 * size)).map(Self.key)
        #expect(window.reserve(newest).verdicts.allSatisfy { $0 == .duplicate })
        #expect(window.reserve((0..<UInt64(5 * size)).map(Self.key)).verdicts.allSatisfy { $0 == .fresh })
    }

    @Test("it answers as a set does, over random calls", arguments: 1...4)
    func agreesWithModel(_ seed: Int) {
        var state = UInt64(seed)
        func random(_ bound: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % bound
        }
        var window = DuplicateWindow(generationIDs: 1 << 20)
        var durable: Set<EventKey> = []
        var holders: [EventKey: DuplicateWindow.Ticket] = [:]
        var held: [(ticket: DuplicateWindow.Ticket, keys: [EventKey])] = []
        for _ in 0..<2000 {
            if random(3) > 0 || held.isEmpty {
                let keys = (0..<random(20)).map { _ in Self.key(random(3000)) }
                let reservation = window.reserve(keys)
                var own: [EventKey] = []
                let expected = keys.map { key -> DuplicateWindow.Verdict in
                    if durable.contains(key) || own.contains(key) { return .duplicate }
                    if let holder = holders[key] { return .inFlight(holder) }
                    own.append(key)
                    return .fresh
                }
                #expect(reservation.verdicts == expected)
                for key in own { holders[key] = reservation.ticket }
                held.append((reservation.ticket, own))
            } else {
                let (ticket, keys) = held.remove(at: Int(random(UInt64(held.count))))
                for key in keys { holders[key] = nil }
                if random(2) == 0 {
                    window.confirm(ticket)
                    durable.formUnion(keys)
                } else {
                    window.release(ticket)
                }
            }
            #expect(window.count == durable.count && window.openTickets == held.count)
        }
    }

    @Test("memory stays within the stated bytes an id")
    func boundsMemory() {
        var window = DuplicateWindow(generationIDs: 50_000)
        for number in 0..<UInt64(100_000) { window.remember([Self.key(number)]) }
        #expect(window.count == 100_000)
        #expect(window.bytes <= 100_000 * 52)
    }
}
