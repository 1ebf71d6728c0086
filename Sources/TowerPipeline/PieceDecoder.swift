import TowerModel
import TowerStreaming
import TowerWire

/// Decodes blocks of what was accepted before; what cannot be read is named, with the reason.
struct PieceDecoder: Sendable {
    private var decoder: EventDecoder
    /// Asked once a block: a schema may be registered at any time.
    private let upcaster: @Sendable () -> EventUpcaster?

    init(symbols: SymbolTable, upcaster: @escaping @Sendable () -> EventUpcaster? = { nil }) {
        self.upcaster = upcaster
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
        var batch = decoder.decode(sharing: block.bytes, values: values)
        if let upcaster = upcaster() { upcast(&batch, &values, upcaster) }
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

    /// Reads what is of an older schema version again, as the newest; the block's own bytes stay what they are.
    private mutating func upcast(_ batch: inout EventBatch, _ values: inout [Range<Int>], _ upcaster: EventUpcaster) {
        let old = upcaster.oldEvents(of: batch)
        guard !old.isEmpty else { return }
        var bad = decoder.undecodable.map(\.index)[...]
        // Events of the batch by their place among the values.
        let places = values.indices.filter { index in
            if bad.first == index { bad.removeFirst() } else { return true }
            return false
        }
        var bytes = batch.bytes
        for event in old {
            let rewritten = upcaster.rewritten(
                batch.value(event), tenant: batch.tenants[event], type: batch.types[event], version: batch.versions[event])
            guard let rewritten, bytes.count + rewritten.count <= Int(Int32.max) else { continue }
            values[places[event]] = bytes.count..<bytes.count + rewritten.count
            bytes += rewritten
        }
        batch = decoder.decode(sharing: bytes, values: values)
    }
}
