/// Which events were accepted lately, and which are being accepted right now. Decides; whoever acts on it holds the lock.
///
/// - Shape: two generations of ids, each at most `generationIDs`. When the newer is full the older is forgotten and a
///   new one begins, so that at least the newest `generationIDs` are known, at most twice as many.
/// - Bound: 25.6 to 51.2 bytes an id, 10 million ids under 400 MB. 64 parts grow apart from each other, so that no single
///   insertion waits for the whole table to move.
/// - Life of an id: `reserve` before the append, then `confirm` when it is durable or `release` when the append failed.
///   Until then another request with the same id learns whose ticket to wait for.
public struct DuplicateWindow: Sendable {
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

    private static let parts = 64
    public let generationIDs: Int
    private var newer = [FlatKeySet](repeating: FlatKeySet(), count: Self.parts)
    private var older = [FlatKeySet](repeating: FlatKeySet(), count: Self.parts)
    private var newerCount = 0
    private var olderCount = 0
    private var pending = PendingKeys()
    private var held: [UInt64: [EventKey]] = [:]
    private var nextTicket: UInt64 = 1

    public init(generationIDs: Int = 2_000_000) { self.generationIDs = max(generationIDs, 1) }

    /// Ids that would be called duplicates.
    public var count: Int { newerCount + olderCount }
    /// Requests under way.
    public var openTickets: Int { held.count }
    /// Memory of both generations.
    public var bytes: Int { newer.reduce(0) { $0 + $1.bytes } + older.reduce(0) { $0 + $1.bytes } }

    /// Holds every key that is new. The ticket must be confirmed or released.
    public mutating func reserve(_ keys: [EventKey]) -> Reservation {
        let ticket = Ticket(number: nextTicket)
        nextTicket += 1
        var fresh: [EventKey] = []
        fresh.reserveCapacity(keys.count)
        var verdicts: [Verdict] = []
        verdicts.reserveCapacity(keys.count)
        for key in keys {
            let hash = key.hash
            if isRemembered(key, hash: hash) {
                verdicts.append(.duplicate)
                continue
            }
            let holder = pending.ticket(key, hash: hash)
            if holder == ticket.number {
                verdicts.append(.duplicate)
            } else if holder != 0 {
                verdicts.append(.inFlight(Ticket(number: holder)))
            } else {
                pending.insert(key, hash: hash, ticket: ticket.number)
                fresh.append(key)
                verdicts.append(.fresh)
            }
        }
        held[ticket.number] = fresh
        return Reservation(ticket: ticket, verdicts: verdicts)
    }

    /// The ticket's events are durable.
    public mutating func confirm(_ ticket: Ticket) {
        for key in held.removeValue(forKey: ticket.number) ?? [] {
            let hash = key.hash
            pending.remove(key, hash: hash)
            insert(key, hash: hash)
        }
    }

    /// The ticket's append failed: its ids are as if never seen.
    public mutating func release(_ ticket: Ticket) {
        for key in held.removeValue(forKey: ticket.number) ?? [] { pending.remove(key, hash: key.hash) }
    }

    public func isOpen(_ ticket: Ticket) -> Bool { held[ticket.number] != nil }

    /// Learns an id that is durable, while reading the log again. Oldest first.
    public mutating func remember(_ key: EventKey) {
        let hash = key.hash
        if !isRemembered(key, hash: hash) { insert(key, hash: hash) }
    }

    @inline(__always)
    private static func part(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash >> 58) }

    @inline(__always)
    private func isRemembered(_ key: EventKey, hash: UInt64) -> Bool {
        let part = Self.part(hash)
        return newer[part].contains(key, hash: hash) || older[part].contains(key, hash: hash)
    }

    private mutating func insert(_ key: EventKey, hash: UInt64) {
        if newerCount >= generationIDs {
            older = newer
            olderCount = newerCount
            newer = [FlatKeySet](repeating: FlatKeySet(), count: Self.parts)
            newerCount = 0
        }
        if newer[Self.part(hash)].insert(key, hash: hash) { newerCount += 1 }
    }
}
