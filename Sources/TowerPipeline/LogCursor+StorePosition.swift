import TowerStores
import TowerStreaming

// The one place where a place in the log becomes a position in a store and back.

extension LogCursor {
    init(_ position: StorePosition) {
        self = position.parts.isEmpty
            ? LogCursor(sequence: position.sequence) : LogCursor(parts: position.parts.map { LogPart(name: $0.key, next: $0.value) })
    }

    /// Whether every partition of this place was read no further than `other` was.
    func isWithin(_ other: LogCursor) -> Bool {
        guard !parts.isEmpty || !other.parts.isEmpty else { return sequence <= other.sequence }
        return parts.allSatisfy { $0.next <= other.next(in: $0.name) ?? 0 }
    }
}

extension StorePosition {
    init(_ cursor: LogCursor) {
        self = cursor.parts.isEmpty
            ? StorePosition(sequence: cursor.sequence)
            : StorePosition(parts: Dictionary(cursor.parts.map { ($0.name, $0.next) }, uniquingKeysWith: { _, later in later }))
    }
}

extension EventLog {
    /// Where to look for what was written at or after a position, also in partitions that it does not name: there in the newest
    /// `records` of each.
    func tail(after position: LogCursor, records: Int64) async -> LogCursor {
        guard !position.parts.isEmpty else { return position }
        let end = await end()
        let unnamed = end.parts.filter { position.next(in: $0.name) == nil }
        return LogCursor(parts: position.parts + unnamed.map { LogPart(name: $0.name, next: max($0.next - records, 0)) })
    }
}
