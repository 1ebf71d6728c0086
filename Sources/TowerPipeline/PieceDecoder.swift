import TowerModel
import TowerStreaming
import TowerWire

/// Decodes blocks of what was accepted before; what cannot be read is named, with the reason.
struct PieceDecoder: Sendable {
    private var decoder: EventDecoder

    init(symbols: SymbolTable) {
        // Derived events are ours and may be longer than what the door takes.
        decoder = EventDecoder(symbols: symbols, limits: DecodeLimits(maxBytes: 8 << 20, maxKeys: 65_536))
    }

    /// - Parameter start: what the block was asked from.
    mutating func piece(_ block: LogBlock, from start: LogCursor) -> LogPiece {
        // A topic that nobody reads cannot be in a block that was asked for by patterns; if it is, it is passed over.
        let kindOfTopic = block.topics.map { RecordKind.of($0) ?? .heartbeat }
        var kinds: [RecordKind] = []
        kinds.reserveCapacity(block.count)
        var values: [Range<Int>] = []
        values.reserveCapacity(block.count)
        for entry in block.entries {
            let kind = kindOfTopic[Int(entry.topic)]
            kinds.append(kind)
            if kind.isColumnar { values.append(Int(entry.valueStart)..<Int(entry.valueEnd)) }
        }
        let batch = decoder.decode(sharing: block.bytes, values: values)
        var events = [Int32](repeating: -1, count: block.count)
        var unreadable: [LogPiece.Unreadable] = []
        var bad = decoder.undecodable[...]
        var value = 0
        var event: Int32 = 0
        for record in 0..<block.count where kinds[record].isColumnar {
            if let first = bad.first, first.index == value {
                unreadable.append(.init(record: record, code: first.error.code.name, detail: first.error.description))
                bad.removeFirst()
            } else {
                events[record] = event
                event += 1
            }
            value += 1
        }
        return LogPiece(start: start, block: block, kinds: kinds, batch: batch, events: events, unreadable: unreadable)
    }
}
