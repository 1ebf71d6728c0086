public import TowerModel

/// Leaves out events that came before, where the log itself may hold one twice: a broker behind several doors, or a spool
/// that was sent again after a crash. Behind the embedded log the door has done this already.
///
/// - Window: at least the newest `generation` ids, at most twice as many, at 16 bytes each. An id is known by 64 bits of it
///   mixed with its tenant, so among two million ids one in ten million million new ones is taken for an old one.
/// - Order: which of two is the first is the log's order, so every reader of a partition leaves out the same one.
public struct RepeatFilter: Sendable {
    /// Open addressing over fingerprints; 0 is an empty place.
    private struct Generation: Sendable {
        var places: [UInt64]
        var count = 0
        init(capacity: Int) { places = [UInt64](repeating: 0, count: capacity) }

        func contains(_ key: UInt64) -> Bool {
            var at = Int(truncatingIfNeeded: key) & (places.count - 1)
            while places[at] != 0 {
                if places[at] == key { return true }
                at = (at + 1) & (places.count - 1)
            }
            return false
        }

        /// `false` when it was there.
        mutating func insert(_ key: UInt64) -> Bool {
            var at = Int(truncatingIfNeeded: key) & (places.count - 1)
            while places[at] != 0 {
                if places[at] == key { return false }
                at = (at + 1) & (places.count - 1)
            }
            places[at] = key
            count += 1
            return true
        }
    }

    private let generation: Int
    private var newer: Generation
    private var older: Generation
    private var lastTenant = Symbol.none
    private var lastSalt: UInt64 = 0
    /// Events left out since the start.
    public private(set) var repeats: Int64 = 0

    /// - Parameter generation: 1 to 2^30, rounded up to a power of two.
    public init(generation: Int = 1 << 20) {
        var size = 1
        while size < min(max(generation, 1), 1 << 30) { size *= 2 }
        self.generation = size
        newer = Generation(capacity: size * 2)
        older = Generation(capacity: size * 2)
    }

    /// The events of `run` that did not come before, which from now on have. The run itself when that is all of them.
    public mutating func fresh(_ run: EventRun) -> EventRun {
        var repeated: [Int] = []
        for index in run.events.indices where !insert(run.batch, Int(run.events[index])) { repeated.append(index) }
        guard !repeated.isEmpty else { return run }
        self.repeats += Int64(repeated.count)
        var events: [Int32] = []
        var arrivedAt: [Timestamp] = []
        events.reserveCapacity(run.events.count - repeated.count)
        arrivedAt.reserveCapacity(run.events.count - repeated.count)
        var next = repeated[...]
        for index in run.events.indices {
            if next.first == index {
                next.removeFirst()
                continue
            }
            events.append(run.events[index])
            arrivedAt.append(run.arrivedAt[index])
        }
        return EventRun(batch: run.batch, events: events[...], arrivedAt: arrivedAt[...])
    }

    /// `false` when it came before.
    mutating func insert(_ batch: EventBatch, _ event: Int) -> Bool {
        insert(Self.fingerprint(batch.ids[event], salt: salt(batch.tenants[event], batch.symbols)))
    }

    /// The same for what is no event of a batch.
    mutating func insert(_ id: EventID, of place: String) -> Bool { insert(Self.fingerprint(id, salt: Self.hash(place))) }

    private mutating func insert(_ key: UInt64) -> Bool {
        if older.contains(key) { return false }
        guard newer.insert(key) else { return false }
        if newer.count >= generation {
            older = newer
            newer = Generation(capacity: generation * 2)
        }
        return true
    }

    /// Of the tenant's name and not its symbol, which differs from process to process.
    private mutating func salt(_ tenant: Symbol, _ symbols: SymbolTable) -> UInt64 {
        if tenant == lastTenant { return lastSalt }
        lastTenant = tenant
        lastSalt = Self.hash(symbols.name(tenant))
        return lastSalt
    }

    private static func hash(_ name: String) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in name.utf8 {
            hash ^= UInt64(byte)
            hash = hash &* 0x0100_0000_01B3
        }
        return hash
    }

    private static func fingerprint(_ id: EventID, salt: UInt64) -> UInt64 {
        // splitmix64's finisher over both halves: ids that differ in a few low bits end up far apart.
        var mixed = id.high ^ (id.low &* 0x9E37_79B9_7F4A_7C15) ^ salt
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        mixed ^= mixed >> 31
        return mixed == 0 ? 1 : mixed
    }
}
