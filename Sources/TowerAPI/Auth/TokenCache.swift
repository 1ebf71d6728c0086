import TowerModel
import TowerStores

/// Who a token hash belongs to, remembered for a short while so that ingest does not query the store per request.
///
/// Bounded in number and in age. Also remembers for a shorter while that a token is unknown, so that a client with a
/// wrong key in a loop costs a look-up every few seconds and not one per request.
struct TokenCache: Sendable {
    private struct Entry {
        var principal: Principal?
        var until: Timestamp
    }
    private var entries: [String: Entry] = [:]
    private let entriesMax: Int
    private let seconds: Double
    private let unknownSeconds: Double
    /// Counts flushes: an answer fetched before a flush must not be stored after it.
    private(set) var epoch = 0

    init(entriesMax: Int, seconds: Double, unknownSeconds: Double = 5) {
        self.entriesMax = max(entriesMax, 1)
        self.seconds = seconds
        self.unknownSeconds = min(unknownSeconds, seconds)
    }

    enum Answer: Equatable {
        case known(Principal)
        case unknown
        case ask(epoch: Int)
    }

    func look(_ hash: String, now: Timestamp) -> Answer {
        guard let entry = entries[hash] else { return .ask(epoch: epoch) }
        guard entry.until > now else { return .ask(epoch: epoch) }
        return entry.principal.map(Answer.known) ?? .unknown
    }

    /// Whom it belonged to when the store could last be asked, for as long as it cannot: a store that is away must not stop
    /// what needs no store, first of all events coming in.
    func stale(_ hash: String, now: Timestamp) -> Principal? {
        guard let entry = entries[hash], entry.until.adding(seconds: Self.staleSeconds) > now else { return nil }
        return entry.principal
    }

    private static let staleSeconds = 3600.0

    mutating func store(_ hash: String, _ principal: Principal?, now: Timestamp, epoch: Int) {
        guard epoch == self.epoch else { return }
        if entries.count >= entriesMax, entries[hash] == nil { makeRoom(now: now) }
        entries[hash] = Entry(principal: principal, until: now.adding(seconds: principal == nil ? unknownSeconds : seconds))
    }

    /// Forgets everything: after a revocation, a new token or a changed role nothing stale is believed.
    mutating func flush() {
        entries.removeAll(keepingCapacity: true)
        epoch += 1
    }

    var count: Int { entries.count }

    private mutating func makeRoom(now: Timestamp) {
        entries = entries.filter { $0.value.until > now }
        if entries.count >= entriesMax { entries.removeAll(keepingCapacity: true) }
    }
}
