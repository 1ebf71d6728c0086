import TowerStreaming

/// Reads the log from its end downwards, a bounded piece per request.
struct BackwardScan: Sendable {
    let log: any EventLog
    let patterns: [TopicPattern]
    /// Records looked at per request, matching or not. When they are used up the page is short and has a cursor.
    let scanMax: Int
    private static let recordsPerFetch = 1000
    private static let cursorTag = "b1"

    /// Records that `pick` takes, newest first. `next` is `nil` once the beginning of the log was reached.
    ///
    /// - Parameter sinceMs: records appended before that are as good as not there; `nil` for all.
    func collect<Item>(
        limit: Int, cursor: String?, sinceMs: Int64? = nil, pick: (StoredRecord) -> Item?
    ) async throws -> (items: [Item], next: String?) {
        var position = try await start(cursor)
        var items: [Item] = []
        var budget = scanMax
        while budget > 0 {
            let slice = try await log.fetchBackward(
                matching: patterns, before: position, maxRecords: min(Self.recordsPerFetch, budget), maxScanned: budget)
            for (index, record) in slice.records.enumerated() {
                budget -= 1
                if let sinceMs, record.timestampMs < sinceMs { return (items, nil) }
                guard let item = pick(record) else { continue }
                items.append(item)
                guard items.count == limit else { continue }
                let place = try await placeBefore(index, record, position)
                return (items, place.sequence > 0 ? ScanCursor.encode(place, tag: Self.cursorTag) : nil)
            }
            guard slice.next < position, slice.next.sequence > 0 else { return (items, nil) }
            // The log counts also what did not match; here a step costs at least one, so that the loop ends.
            if slice.records.isEmpty { budget -= Int(min(position.sequence - slice.next.sequence, Int64(budget))) }
            position = slice.next
        }
        return (items, ScanCursor.encode(position, tag: Self.cursorTag))
    }

    /// Where to go on after the record that is `index`-th before a place. Partitions have no number for that: the same is read again
    /// up to there.
    private func placeBefore(_ index: Int, _ record: StoredRecord, _ position: LogCursor) async throws -> LogCursor {
        guard !position.parts.isEmpty else { return LogCursor(sequence: record.sequence) }
        return try await log.fetchBackward(
            matching: patterns, before: position, maxRecords: index + 1, maxScanned: scanMax
        ).next
    }

    private func start(_ cursor: String?) async throws -> LogCursor {
        guard let cursor else { return await log.end() }
        return try ScanCursor.place(cursor, tag: Self.cursorTag)
    }
}
