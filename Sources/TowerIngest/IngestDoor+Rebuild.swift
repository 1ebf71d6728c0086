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
        var decoder = EventDecoder(symbols: symbols, catalog: catalog, limits: limits.decode)
        var blends: [Int32: EventKey.Blend] = [:]
        var learned = 0
        while cursor < end {
            let slice = try await log.fetch(matching: [.siteEvents], from: cursor, maxRecords: 20_000, maxBytes: 16 << 20)
            guard slice.next > cursor else { break }
            cursor = slice.next
            let batch = decoder.decode(slice.records.map(\.record.value))
            var keys: [EventKey] = []
            keys.reserveCapacity(batch.count)
            for event in 0..<batch.count {
                let tenant = batch.tenants[event]
                let blend = blends[tenant.rawValue] ?? EventKey.Blend(tenant: symbols.name(tenant), seed: seed)
                blends[tenant.rawValue] = blend
                keys.append(blend.key(batch.ids[event]))
            }
            let known = keys
            shared.withLock { shared in
                for key in known { shared.window.remember(key) }
            }
            learned += known.count
        }
        return learned
    }
}
