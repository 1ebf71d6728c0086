import Synchronization
public import TowerModel

/// Who produces and who reads which schema version of each event type, since when: counted where batches pass.
///
/// - Bound: `maxEntries`, and a share of them for one tenant, so that a tenant with made-up types cannot push out another;
///   what finds no room is counted in `droppedEvents`. Kept in memory: it begins anew with the process.
/// - Cost: a few nanoseconds an event, a lock and a few look-ups a batch. Any thread.
public final class SchemaUsage: Sendable {
    public enum Side: String, Sendable, Hashable {
        case producer
        case consumer
    }

    /// One line of the answer.
    public struct Entry: Sendable, Hashable {
        public var tenant: String
        public var type: String
        public var version: String
        public var side: Side
        /// Where it came from (`http:` and the name of the key), or the consumer group.
        public var who: String
        public var firstSeenAt: Timestamp
        public var lastSeenAt: Timestamp
        public var events: Int64
    }

    private struct Key: Hashable {
        var tenant: Symbol
        var type: Symbol
        var version: UInt32
        var side: Side
        var who: Int32
    }
    private struct Count {
        var firstSeenAt: Timestamp
        var lastSeenAt: Timestamp
        var events: Int64
    }
    private struct State {
        var counts: [Key: Count] = [:]
        var ofTenant: [Symbol: Int] = [:]
        var names: [String: Int32] = [:]
        var nameList: [String] = []
        var droppedEvents: Int64 = 0
    }

    private let symbols: SymbolTable
    private let maxEntries: Int
    private let maxEntriesOfTenant: Int
    private let maxNames: Int
    private let state = Mutex(State())

    public init(symbols: SymbolTable, maxEntries: Int = 20_000, maxEntriesOfTenant: Int = 4_000) {
        self.symbols = symbols
        self.maxEntries = maxEntries
        self.maxEntriesOfTenant = maxEntriesOfTenant
        maxNames = 4_000
    }

    /// Events of a batch passed by.
    public func note(
        _ side: Side, _ who: String, _ batch: EventBatch, _ events: some RandomAccessCollection<Int32>, at now: Timestamp
    ) {
        var tally = VersionTally()
        tally.add(batch, events)
        state.withLock { state in
            guard let name = self.name(who, in: &state) else {
                for entry in tally.entries { state.droppedEvents += entry.count }
                return
            }
            for entry in tally.entries {
                let key = Key(tenant: entry.tenant, type: entry.type, version: entry.version, side: side, who: name)
                if state.counts[key] != nil {
                    state.counts[key]?.lastSeenAt = now
                    state.counts[key]?.events += entry.count
                } else if state.counts.count < maxEntries, state.ofTenant[entry.tenant, default: 0] < maxEntriesOfTenant {
                    state.counts[key] = Count(firstSeenAt: now, lastSeenAt: now, events: entry.count)
                    state.ofTenant[entry.tenant, default: 0] += 1
                } else {
                    state.droppedEvents += entry.count
                }
            }
        }
    }

    private func name(_ who: String, in state: inout State) -> Int32? {
        if let known = state.names[who] { return known }
        guard state.nameList.count < maxNames else { return nil }
        let number = Int32(state.nameList.count)
        state.names[who] = number
        state.nameList.append(who)
        return number
    }

    /// Events that found no room in the table.
    public var droppedEvents: Int64 { state.withLock { $0.droppedEvents } }

    /// What is known of a tenant, or of all; by type, version, side and name.
    public func entries(of tenant: TenantID? = nil) -> [Entry] {
        let (counts, names) = state.withLock { ($0.counts, $0.nameList) }
        let wanted = tenant?.rawValue
        return symbols.withInterner { interner in
            counts.compactMap { key, count -> Entry? in
                let owner = interner.name(key.tenant)
                guard wanted == nil || owner == wanted else { return nil }
                return Entry(
                    tenant: owner, type: interner.name(key.type), version: "\(key.version >> 16).\(key.version & 0xFFFF)",
                    side: key.side,
                    who: names[Int(key.who)], firstSeenAt: count.firstSeenAt, lastSeenAt: count.lastSeenAt, events: count.events)
            }
        }.sorted {
            ($0.type, $0.version, $0.side.rawValue, $0.who, $0.tenant) < (
                $1.type, $1.version, $1.side.rawValue, $1.who, $1.tenant
            )
        }
    }

    /// Versions seen lately, by type and side, over all tenants: for metrics, whose labels must stay few.
    public func versionsInUse(since: Timestamp) -> (produced: Int, read: Int) {
        let counts = state.withLock { $0.counts }
        struct Pair: Hashable {
            var tenant: Symbol
            var type: Symbol
            var version: UInt32
        }
        func distinct(_ side: Side) -> Int {
            Set(
                counts.lazy.filter { $0.key.side == side && $0.value.lastSeenAt >= since }
                    .map { Pair(tenant: $0.key.tenant, type: $0.key.type, version: $0.key.version) }
            ).count
        }
        return (distinct(.producer), distinct(.consumer))
    }
}
