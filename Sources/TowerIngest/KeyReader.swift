import TowerModel
import TowerStreaming
import TowerWire

/// Reads the identities of events that were accepted before.
struct KeyReader {
    private let symbols: SymbolTable
    private let limits: DecodeLimits
    private let secret: WideKey
    private var decoder: EventDecoder?
    private var blends: [String: EventKey.Blend] = [:]

    init(symbols: SymbolTable, limits: DecodeLimits, secret: WideKey) {
        self.symbols = symbols
        self.limits = limits
        self.secret = secret
    }

    /// What nearly every sender writes first, because the contract does.
    private static let head = Array(#"{"event_id":""#.utf8)
    private static let idBytes = 36

    /// The keys of a block's events, in no order.
    mutating func keys(_ block: LogBlock) -> [EventKey] {
        var keys: [EventKey] = []
        keys.reserveCapacity(block.count)
        var odd: [[UInt8]] = []
        for index in 0..<block.count {
            if let id = Self.leadingID(block, index), let tenant = block.header("tenant", index) {
                keys.append(blend(tenant).key(id))
            } else {
                odd.append(Array(block.value(index)))
            }
        }
        return odd.isEmpty ? keys : keys + decoded(odd)
    }

    /// The last event of a block: its sequence and its key.
    mutating func last(_ block: LogBlock) -> (sequence: Int64, key: EventKey)? {
        for index in (0..<block.count).reversed() {
            if let key = key(block, index) { return (block.entries[index].sequence, key) }
        }
        return nil
    }

    /// The key of one record; `nil` when it holds no event.
    mutating func key(_ block: LogBlock, _ index: Int) -> EventKey? {
        if let id = Self.leadingID(block, index), let tenant = block.header("tenant", index) { return blend(tenant).key(id) }
        return decoded([Array(block.value(index))]).first
    }

    /// The id where it is the first member; `nil` where it is not, or not written in the usual form.
    private static func leadingID(_ block: LogBlock, _ index: Int) -> EventID? {
        let entry = block.entries[index]
        let start = Int(entry.valueStart)
        guard Int(entry.valueEnd) - start > head.count + idBytes else { return nil }
        return block.bytes.withUnsafeBytes { bytes in
            guard bytes[start..<start + head.count].elementsEqual(head) else { return nil }
            let text = start + head.count
            guard bytes[text + idBytes] == 0x22 else { return nil }
            return EventID.parse(UnsafeRawBufferPointer(rebasing: bytes[text..<text + idBytes]))
        }
    }

    /// The slow way, for events that begin with something else.
    private mutating func decoded(_ values: [[UInt8]]) -> [EventKey] {
        var decoder = self.decoder ?? EventDecoder(symbols: symbols, limits: limits)
        let batch = decoder.decode(values)
        self.decoder = decoder
        return (0..<batch.count).map { blend(symbols.name(batch.tenants[$0])).key(batch.ids[$0]) }
    }

    private mutating func blend(_ tenant: String) -> EventKey.Blend {
        if let known = blends[tenant] { return known }
        let made = EventKey.Blend(tenant: tenant, secret: secret)
        blends[tenant] = made
        return made
    }
}
