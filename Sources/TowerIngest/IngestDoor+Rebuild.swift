import Synchronization
import TowerModel
import TowerStreaming
import TowerWire

extension IngestDoor {
    /// Learns the newest event ids from the log, so that a restart forgets none of them. Call before the first request.
    ///
    /// - Parameter records: how far back to read, counted in records of the whole log; by default one generation.
    /// - Returns: how many ids were read.
    @discardableResult
    public func rebuild(records: Int? = nil) async throws -> Int {
        let end = await log.end()
        var cursor = LogCursor(sequence: max(0, end.sequence - Int64(records ?? limits.duplicateIDs)))
        var reader = KeyReader(symbols: symbols, limits: limits.decode, seed: seed)
        var learned = 0
        while cursor < end {
            let block = try await log.fetchBlock(
                matching: [.siteEvents], from: cursor, maxRecords: 50_000, maxBytes: 16 << 20)
            guard block.next > cursor else { break }
            cursor = block.next
            let keys = reader.keys(block)
            shared.withLock { $0.window.remember(keys) }
            learned += keys.count
        }
        return learned
    }
}

/// Reads the identities of events that were accepted before.
private struct KeyReader {
    private let symbols: SymbolTable
    private let limits: DecodeLimits
    private let seed: UInt64
    private var decoder: EventDecoder?
    private var blends: [String: EventKey.Blend] = [:]

    init(symbols: SymbolTable, limits: DecodeLimits, seed: UInt64) {
        self.symbols = symbols
        self.limits = limits
        self.seed = seed
    }

    /// What nearly every sender writes first, because the contract does.
    private static let head = Array(#"{"event_id":""#.utf8)
    private static let idBytes = 36

    mutating func keys(_ block: LogBlock) -> [EventKey] {
        var keys: [EventKey] = []
        keys.reserveCapacity(block.count)
        var odd: [Int] = []
        for index in 0..<block.count {
            guard let id = Self.leadingID(block, index), let tenant = block.header("tenant", index) else {
                odd.append(index)
                continue
            }
            keys.append(blend(tenant).key(id))
        }
        if !odd.isEmpty { read(odd.map { Array(block.value($0)) }, &keys) }
        return keys
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
    private mutating func read(_ values: [[UInt8]], _ keys: inout [EventKey]) {
        var decoder = self.decoder ?? EventDecoder(symbols: symbols, limits: limits)
        let batch = decoder.decode(values)
        self.decoder = decoder
        for event in 0..<batch.count { keys.append(blend(symbols.name(batch.tenants[event])).key(batch.ids[event])) }
    }

    private mutating func blend(_ tenant: String) -> EventKey.Blend {
        if let known = blends[tenant] { return known }
        let made = EventKey.Blend(tenant: tenant, seed: seed)
        blends[tenant] = made
        return made
    }
}
