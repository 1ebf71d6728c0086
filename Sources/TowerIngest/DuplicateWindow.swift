/// Which events were accepted lately, and which are being accepted right now. Decides; whoever acts on it holds the lock.
///
/// - Shape: two generations of ids, each at most `generationIDs`. When the newer is full the older is forgotten and a
///   new one begins, so that at least the newest `generationIDs` are known, at most twice as many.
/// - Bound: 25.6 to 51.2 bytes an id, 10 million ids under 400 MB.
/// - Life of an id: `reserve` before the append, then `confirm` when it is durable or `release` when the append failed.
///   Until then another request with the same id learns whose ticket to wait for.
public struct DuplicateWindow: ~Copyable, Sendable {
    /// A request whose append is under way.
    public struct Ticket: Hashable, Sendable {
        public let number: UInt64
    }

    public enum Verdict: Hashable, Sendable {
        /// Not known; now held by the ticket.
        case fresh
        /// Durable already, or earlier among the same keys.
        case duplicate
        /// Another request is appending it: ask again when its ticket is over.
        case inFlight(Ticket)
    }

    public struct Reservation: Sendable {
        public var ticket: Ticket
        /// One a key, in order.
        public var verdicts: [Verdict]
    }

    public let generationIDs: Int
    // Reserved ids are in a generation already; `pending` tells which of them are not durable yet.
    private var newer = KeyGeneration()
    private var older = KeyGeneration()
    private var pending = PendingKeys()
    private var held: [UInt64: [EventKey]] = [:]
    private var nextTicket: UInt64 = 1

    public init(generationIDs: Int = 2_000_000) { self.generationIDs = max(generationIDs, 1) }

    /// Ids that would be called duplicates.
    public var count: Int { max(0, newer.count + older.count - pending.count) }
    /// Requests under way.
    public var openTickets: Int { held.count }
    /// Memory of both generations.
    public var bytes: Int { newer.bytes + older.bytes }

    /// Holds every key that is new. The ticket must be confirmed or released.
    public mutating func reserve(_ keys: [EventKey]) -> Reservation {
        let ticket = Ticket(number: nextTicket)
        nextTicket += 1
        var hashes: [UInt64] = []
        hashes.reserveCapacity(keys.count)
        // A place is nearly always a cache miss: all are asked for before the first is needed.
        for key in keys {
            let hash = key.hash
            hashes.append(hash)
            newer.prefetch(hash)
            if older.count > 0 { older.prefetch(hash) }
        }
        var fresh: [EventKey] = []
        fresh.reserveCapacity(keys.count)
        var verdicts: [Verdict] = []
        verdicts.reserveCapacity(keys.count)
        for index in keys.indices {
            let key = keys[index]
            let hash = hashes[index]
            // In a generation and not pending: durable. Not in a generation it may still be pending, when the window turned
            // over meanwhile.
            let isNew = !older.contains(key, hash: hash) && insert(key, hash: hash)
            let holder = isNew ? pending.insert(key, hash: hash, ticket: ticket.number) : pending.ticket(key, hash: hash)
            if holder == 0 {
                verdicts.append(isNew ? .fresh : .duplicate)
                if isNew { fresh.append(key) }
            } else {
                verdicts.append(holder == ticket.number ? .duplicate : .inFlight(Ticket(number: holder)))
            }
        }
        held[ticket.number] = fresh
        return Reservation(ticket: ticket, verdicts: verdicts)
    }

    /// The ticket's events are durable. Returns its keys, in order.
    @discardableResult
    public mutating func confirm(_ ticket: Ticket) -> [EventKey] {
        let keys = held.removeValue(forKey: ticket.number) ?? []
        for key in keys { pending.remove(key, hash: key.hash) }
        return keys
    }

    /// The ticket's append failed: its ids are as if never seen.
    public mutating func release(_ ticket: Ticket) {
        for key in held.removeValue(forKey: ticket.number) ?? [] {
            let hash = key.hash
            pending.remove(key, hash: hash)
            if !newer.remove(key, hash: hash) { _ = older.remove(key, hash: hash) }
        }
    }

    public func isOpen(_ ticket: Ticket) -> Bool { held[ticket.number] != nil }

    /// Makes room for ids that will be remembered, so that none of them makes a table grow.
    public mutating func reserveCapacity(_ ids: Int) { newer.reserveCapacity(min(ids, generationIDs)) }

    /// Learns ids that are durable, while reading the log again. Oldest first.
    public mutating func remember(_ keys: [EventKey]) {
        for key in keys {
            let hash = key.hash
            newer.prefetch(hash)
        }
        for key in keys {
            let hash = key.hash
            if !older.contains(key, hash: hash) { _ = insert(key, hash: hash) }
        }
    }

    /// The same for keys of two words each.
    mutating func remember(_ words: UnsafeBufferPointer<UInt64>) {
        // As far ahead as the processor keeps misses under way, and some more.
        let ahead = 32
        let count = words.count / 2
        for index in 0..<count {
            if index + ahead < count {
                newer.prefetch(EventKey(high: words[2 * (index + ahead)], low: words[2 * (index + ahead) + 1]).hash)
            }
            let key = EventKey(high: words[2 * index], low: words[2 * index + 1])
            let hash = key.hash
            if !older.contains(key, hash: hash) { _ = insert(key, hash: hash) }
        }
    }

    /// Whether it was new to the newer generation.
    @inline(__always)
    private mutating func insert(_ key: EventKey, hash: UInt64) -> Bool {
        if newer.count >= generationIDs {
            if newer.contains(key, hash: hash) { return false }
            swap(&older, &newer)
            newer = KeyGeneration()
        }
        return newer.insert(key, hash: hash)
    }
}
