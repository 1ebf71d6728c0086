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
    func collect<Item>(limit: Int, cursor: String?, pick: (StoredRecord) -> Item?) async throws -> (items: [Item], next: String?)
    {
        var position = try await start(cursor)
        var items: [Item] = []
        var budget = scanMax
        while budget > 0 {
            let slice = try await log.fetchBackward(
                matching: patterns, before: position, maxRecords: min(Self.recordsPerFetch, budget), maxScanned: budget)
            for record in slice.records {
                budget -= 1
                guard let item = pick(record) else { continue }
                items.append(item)
                if items.count == limit {
                    return (items, record.sequence > 0 ? ScanCursor.encode(record.sequence, tag: Self.cursorTag) : nil)
                }
            }
            guard slice.next < position, slice.next.sequence > 0 else { return (items, nil) }
            // The log counts also what did not match; here a step costs at least one, so that the loop ends.
            if slice.records.isEmpty { budget -= Int(min(position.sequence - slice.next.sequence, Int64(budget))) }
            position = slice.next
        }
        return (items, ScanCursor.encode(position.sequence, tag: Self.cursorTag))
    }

    private func start(_ cursor: String?) async throws -> LogCursor {
        guard let cursor else { return await log.end() }
        return LogCursor(sequence: try ScanCursor.decode(cursor, tag: Self.cursorTag))
    }
}
