import TowerStreaming

/// Keys that became durable and are not yet with the archive, and up to where the archive will then know all of them.
/// Decides; whoever acts on it holds the lock.
///
/// Requests end in another order than they began, so "all below" needs care: a record gets its sequence after its keys were
/// reserved, and so a greater one than any confirmed by then. What is complete therefore ends at the smallest such bound
/// of the requests under way.
struct KeyOutbox: Sendable {
    private let chunkKeys: Int
    private var words: [UInt64] = []
    /// The greatest sequence of a durable record that is known of, and the record's key.
    private var greatest: Int64
    private var last: Int64
    private var witness: WideKey
    /// By ticket, rising: everything the ticket appends goes behind this sequence.
    private var floors: [UInt64: Int64] = [:]
    /// Nothing is kept any more: a failed append may have left records that nobody confirmed.
    private(set) var isClosed = false

    /// - Parameters:
    ///   - end: the keys of all records below are with the archive.
    ///   - extent: what the archive holds.
    ///   - chunkKeys: keys of a chunk, about.
    init(end: Int64, extent: KeyExtent?, chunkKeys: Int) {
        self.chunkKeys = max(chunkKeys, 1)
        greatest = end - 1
        last = extent?.last ?? 0
        witness = extent?.witness ?? WideKey(high: 0, low: 0)
    }

    /// Before the append of a ticket's keys.
    mutating func reserve(_ ticket: DuplicateWindow.Ticket) {
        if !isClosed { floors[ticket.number] = greatest }
    }

    /// The ticket's keys are durable, the last of them at `sequence`. Gives a chunk when one is full.
    mutating func confirm(_ ticket: DuplicateWindow.Ticket, _ keys: [EventKey], last sequence: Int64?) -> KeyChunk? {
        guard !isClosed else { return nil }
        floors[ticket.number] = nil
        guard let key = keys.last else { return nil }
        guard let sequence else {
            // Without a place nothing can be said of what is complete.
            close()
            return nil
        }
        return take(keys, last: (sequence, key))
    }

    /// The ticket's keys are durable and not for the archive.
    mutating func skip(_ ticket: DuplicateWindow.Ticket) { floors[ticket.number] = nil }

    /// Keys that were read from the log up to `next`, and the last event. Only before the first ticket.
    mutating func learn(_ keys: [EventKey], last: (sequence: Int64, key: EventKey)?, next: Int64) -> KeyChunk? {
        greatest = max(greatest, next - 1)
        return last.flatMap { take(keys, last: $0) }
    }

    private mutating func take(_ keys: [EventKey], last event: (sequence: Int64, key: EventKey)) -> KeyChunk? {
        if words.isEmpty { words.reserveCapacity(2 * (chunkKeys + keys.count)) }
        for key in keys {
            words.append(key.high)
            words.append(key.low)
        }
        if event.sequence >= last {
            last = event.sequence
            witness = WideKey(high: event.key.high, low: event.key.low)
        }
        greatest = max(greatest, event.sequence)
        return words.count >= 2 * chunkKeys ? flush() : nil
    }

    /// The ticket's append failed. When it is doubtful whether something was written nothing is said any more about what is
    /// complete: the next start reads it from the log.
    mutating func fail(_ ticket: DuplicateWindow.Ticket, isDoubtful: Bool) {
        floors[ticket.number] = nil
        if isDoubtful { close() }
    }

    private mutating func close() {
        isClosed = true
        words = []
        floors = [:]
    }

    /// What there is.
    mutating func flush() -> KeyChunk? {
        guard !isClosed, !words.isEmpty else { return nil }
        let through = floors.values.min() ?? greatest
        let chunk = KeyChunk(words: words, through: through + 1, last: last, witness: witness)
        words = []
        return chunk
    }
}
