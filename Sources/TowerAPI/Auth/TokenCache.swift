import TowerModel
import TowerStores

/// Who a token hash belongs to, remembered for a short while so that ingest does not query the store per request.
///
/// Bounded in number and in age. Also remembers for a shorter while that a token is unknown, so that a client with a
/// wrong key in a loop costs a look-up every few seconds and not one per request.
struct TokenCache: Sendable {
    private struct Entry {
        var principal: Principal?
        /// When the store said so.
        var verified: Timestamp
        /// Not asked again before.
        var until: Timestamp
    }
    private var entries: [String: Entry] = [:]
    private let entriesMax: Int
    private let seconds: Double
    private let unknownSeconds: Double
    /// Counts flushes: an answer fetched before a flush must not be stored after it.
    private(set) var epoch = 0

    /// While the store cannot be asked, a token is good for that long after the store last said so. A revocation by another process
    /// is obeyed no later than that.
    private static let awaySeconds = 300.0

    init(entriesMax: Int, seconds: Double, unknownSeconds: Double = 5) {
        self.entriesMax = max(entriesMax, 1)
        self.seconds = seconds
        self.unknownSeconds = min(unknownSeconds, seconds)
    }

    enum Answer: Equatable {
        case known(Principal)
        case unknown
        /// - Parameter isBelieved: whether it would be believed while the store is away.
        case ask(epoch: Int, isBelieved: Bool)
    }

    func look(_ hash: String, now: Timestamp) -> Answer {
        guard let entry = entries[hash], entry.until > now else {
            return .ask(epoch: epoch, isBelieved: lastKnown(hash, now: now) != nil)
        }
        return entry.principal.map(Answer.known) ?? .unknown
    }

    /// Whom it belonged to when the store could last be asked: a store that is away must not stop what needs no store, first
    /// of all events coming in. It is not asked again for a few seconds; how long the token is believed does not change.
    mutating func believe(_ hash: String, now: Timestamp, epoch: Int) -> Principal? {
        guard epoch == self.epoch, let principal = lastKnown(hash, now: now), var entry = entries[hash] else { return nil }
        entry.until = max(entry.until, min(now.adding(seconds: unknownSeconds), entry.verified.adding(seconds: Self.awaySeconds)))
        entries[hash] = entry
        return principal
    }

    mutating func store(_ hash: String, _ principal: Principal?, now: Timestamp, epoch: Int) {
        guard epoch == self.epoch else { return }
        if entries.count >= entriesMax, entries[hash] == nil { makeRoom(now: now) }
        let until = now.adding(seconds: principal == nil ? unknownSeconds : seconds)
        entries[hash] = Entry(principal: principal, verified: now, until: until)
    }

    /// Forgets everything: after a revocation, a new token or a changed role nothing stale is believed.
    mutating func flush() {
        entries.removeAll(keepingCapacity: true)
        epoch += 1
    }

    var count: Int { entries.count }

    private func lastKnown(_ hash: String, now: Timestamp) -> Principal? {
        guard let entry = entries[hash], entry.verified.adding(seconds: Self.awaySeconds) > now else { return nil }
        return entry.principal
    }

    private mutating func makeRoom(now: Timestamp) {
        entries = entries.filter { $0.value.until > now }
        if entries.count >= entriesMax { entries.removeAll(keepingCapacity: true) }
    }
}
