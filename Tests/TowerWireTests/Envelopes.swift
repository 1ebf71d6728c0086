import TowerModel
@testable import TowerWire

/// Events for the tests, and short ways to read them.
enum Envelopes {
    static let id = "0f8fad5b-d9cb-469f-a165-70867728950e"

    /// A valid event with one field replaced or, with `nil`, left out. `payload` and all values are raw JSON.
    static func json(_ changes: [String: String?] = [:], payload: String = #"{"string_id":"S1","v":53.4,"i":-12.5,"soc":80}"#)
        -> String
    {
        var fields: [(String, String)] = [
            ("event_id", "\"\(id)\""), ("event_type", "\"battery.telemetry\""), ("tenant_id", "\"acme\""),
            ("site_id", "\"SITE-1\""),
            ("timestamp", "\"2026-01-02T03:04:05.678Z\""), ("version", "\"1.0\""), ("payload", payload),
            ("metadata", #"{"seq":7}"#),
        ]
        for (key, value) in changes {
            if let index = fields.firstIndex(where: { $0.0 == key }) {
                if let value { fields[index].1 = value } else { fields.remove(at: index) }
            } else if let value {
                fields.append((key, value))
            }
        }
        return "{" + fields.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}"
    }

    static func error(_ bytes: [UInt8], limits: DecodeLimits = .standard) -> EnvelopeError? {
        var decoder = EventDecoder(symbols: SymbolTable(), limits: limits)
        var batch = EventBatch(symbols: decoder.symbols)
        let error = bytes.withUnsafeBytes { decoder.append($0, to: &batch) }
        precondition(batch.count == (error == nil ? 1 : 0), "a refused event must leave nothing behind")
        return error
    }

    static func error(_ text: String, limits: DecodeLimits = .standard) -> EnvelopeError? {
        error(Array(text.utf8), limits: limits)
    }

    static func batch(_ text: String) throws -> EventBatch {
        var decoder = EventDecoder(symbols: SymbolTable())
        var batch = EventBatch(symbols: decoder.symbols)
        if let error = Array(text.utf8).withUnsafeBytes({ decoder.append($0, to: &batch) }) { throw error }
        return batch
    }

    /// Whether the decoder takes `value` as a member of metadata, where any JSON is allowed; `nil` when it does.
    static func valueError(_ value: [UInt8], limits: DecodeLimits = .standard) -> EnvelopeError? {
        let head = Array(json(["metadata": nil]).utf8.dropLast()) + Array(",\"metadata\":{\"x\":".utf8)
        return error(head + value + Array("}}".utf8), limits: limits)
    }

    /// Fields of the only event, as text, for comparison.
    static func fields(_ batch: EventBatch) -> [String] {
        batch.fieldRange(0).map { index in
            let field = batch.fields[index]
            return "\(batch.symbols.name(field.key))=\(field.kind):\(batch.text(field))"
        }
    }
}

/// A small generator with a seed (SplitMix64): the same tests every time.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
