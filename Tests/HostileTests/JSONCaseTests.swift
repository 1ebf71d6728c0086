import Testing
import TowerModel
@testable import TowerWire

@Suite struct JSONCaseTests {
    @Test("the table is there: at least 300 cases of each side, every reader's choice with its reason")
    func tableIsWhole() {
        #expect(JSONCase.all.count >= 600)
        #expect(JSONCase.all.allSatisfy { ["y", "n", "i+", "i-"].contains($0.verdict) })
        #expect(JSONCase.all.filter { $0.verdict.hasPrefix("i") }.count >= 50)
        #expect(JSONCase.all.filter(\.isTaken).count >= 150 && JSONCase.all.filter { !$0.isTaken }.count >= 300)
    }

    /// At the door, read again from the log, and by the reference.
    static func verdicts(_ event: [UInt8], _ decoder: inout EventDecoder) -> (
        door: EnvelopeError?, log: EnvelopeError?, reference: StrictJSON.Verdict
    ) {
        var batch = EventBatch(symbols: decoder.symbols)
        let door = event.withUnsafeBytes { decoder.append($0, to: &batch) }
        _ = decoder.decode([event])
        return (door, decoder.undecodable.first?.error, StrictJSON.verdict(event))
    }

    @Test("a case gets the same verdict at the door, from the log and from the reference", arguments: JSONCase.all)
    func judgesAlike(_ test: JSONCase) {
        var decoder = EventDecoder(symbols: SymbolTable())
        for event in test.events {
            // Cold, then warm.
            for _ in 0..<2 {
                let (door, log, reference) = Self.verdicts(event, &decoder)
                #expect((door == nil) == test.isTaken, "door: \(String(describing: door))")
                #expect((log == nil) == test.isTaken, "log: \(String(describing: log))")
                // Of a whole event the reference knows the JSON only.
                if !test.isEvent || test.isTaken { #expect((reference == .taken) == test.isTaken, "\(reference)") }
                if let door { #expect(door.column >= 1 && door.column <= event.count + 1 && !door.reason.isEmpty) }
            }
        }
    }

    @Test("variants of the cases, made by the grammar, get one verdict from all", arguments: 0..<8 as Range<UInt64>)
    func variantsAreJudgedAlike(_ seed: UInt64) {
        var generator = SeededGenerator(state: seed &* 0x9E37 &+ 5)
        var decoder = EventDecoder(symbols: SymbolTable())
        var taken = 0
        for _ in 0..<500 {
            let event = Grammar.event(using: &generator)
            let (door, log, reference) = Self.verdicts(event, &decoder)
            let isRefusedByContract = door.map { $0.code.name.hasPrefix("envelope.") } ?? false
            #expect((door == nil) == (log == nil), "\(String(decoding: event, as: UTF8.self))")
            #expect(
                door == nil ? reference == .taken : isRefusedByContract || reference != .taken,
                "\(String(describing: door)) \(reference) \(String(decoding: event, as: UTF8.self))")
            if door == nil { taken += 1 }
        }
        #expect(taken > 50 && taken < 450)
    }
}
