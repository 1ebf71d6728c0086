import Testing
import TowerStreaming
@testable import TowerIngest

/// The outbox as a list of calls and the chunks they give.
@Suite struct KeyOutboxTests {
    static func key(_ number: UInt64) -> EventKey { EventKey(high: number, low: number) }
    static func ticket(_ number: UInt64) -> DuplicateWindow.Ticket { DuplicateWindow.Ticket(number: number) }

    @Test("a chunk claims no more than what every request under way will leave behind it")
    func completeness() {
        var outbox = KeyOutbox(end: 100, extent: nil, chunkKeys: 2)
        for number in 1...3 { outbox.reserve(Self.ticket(UInt64(number))) }
        #expect(outbox.confirm(Self.ticket(2), [Self.key(20)], last: 105) == nil)
        outbox.reserve(Self.ticket(4))
        // Tickets 1 and 3 may still get 100.
        let first = outbox.confirm(Self.ticket(3), [Self.key(30), Self.key(31)], last: 103)
        #expect(first?.words == [20, 20, 30, 30, 31, 31] && first?.through == 100)
        #expect(first?.last == 105 && first?.witness == WideKey(high: 20, low: 20))
        // Ticket 4 began when 105 was known.
        #expect(outbox.confirm(Self.ticket(1), [Self.key(10)], last: 100) == nil)
        let second = outbox.flush()
        #expect(second?.words == [10, 10] && second?.through == 106 && second?.last == 105)
        outbox.fail(Self.ticket(4), isDoubtful: false)
        #expect(outbox.flush() == nil)
        outbox.reserve(Self.ticket(5))
        _ = outbox.confirm(Self.ticket(5), [Self.key(50)], last: 200)
        #expect(outbox.flush()?.through == 201)
    }

    @Test("a request without new events holds nothing up")
    func empty() {
        var outbox = KeyOutbox(end: 7, extent: nil, chunkKeys: 1)
        outbox.reserve(Self.ticket(1))
        #expect(outbox.confirm(Self.ticket(1), [], last: nil) == nil)
        outbox.reserve(Self.ticket(2))
        #expect(outbox.confirm(Self.ticket(2), [Self.key(1)], last: 9)?.through == 10)
    }

    @Test("after an append that may have left something nothing is claimed any more")
    func doubt() {
        var outbox = KeyOutbox(end: 0, extent: nil, chunkKeys: 1)
        for number in 1...3 { outbox.reserve(Self.ticket(UInt64(number))) }
        outbox.fail(Self.ticket(1), isDoubtful: false)
        #expect(outbox.confirm(Self.ticket(2), [Self.key(1)], last: 3)?.through == 0)
        outbox.fail(Self.ticket(3), isDoubtful: true)
        outbox.reserve(Self.ticket(4))
        #expect(outbox.confirm(Self.ticket(4), [Self.key(2)], last: 4) == nil && outbox.flush() == nil && outbox.isClosed)
    }

    @Test("what is read from the log is complete as far as was read")
    func learned() {
        let witness = WideKey(high: 5, low: 5)
        let extent = KeyExtent(keys: 1, from: 0, through: 4, last: 6, witness: witness)
        var outbox = KeyOutbox(end: 4, extent: extent, chunkKeys: 100)
        #expect(outbox.learn([Self.key(4)], last: (4, Self.key(4)), next: 6) == nil)
        #expect(outbox.learn([], last: nil, next: 9) == nil)
        #expect(outbox.flush() == KeyChunk(words: [4, 4], through: 9, last: 6, witness: witness))
    }

    /// Values of the reference implementation, for its key and messages 00, 00 01, and so on.
    @Test(
        "the hash of names is SipHash-2-4",
        arguments: [(0, 0x726f_db47_dd0e_0e31), (1, 0x74f8_39c5_93dc_67fd), (8, 0x93f5_f579_9a93_2462), (15, 0xa129_ca61_49be_45e5)]
            as [(Int, UInt64)])
    func sipHash(_ length: Int, _ expected: UInt64) {
        let key = WideKey(high: 0x0706_0504_0302_0100, low: 0x0F0E_0D0C_0B0A_0908)
        #expect(SipHash.hash((0..<length).map(UInt8.init), key: key) == expected)
    }
}
