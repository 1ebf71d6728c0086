import TowerStores
import TowerStreaming

/// Reads one topic from its end downwards: by offset where it has offsets of its own, so that the other topics of the log cost nothing,
/// however large it is. On brokers it shares partitions with other topics and is read by time among them.
struct TopicScan: Sendable {
    let log: any EventLog
    let topic: TopicName
    /// Records of the topic looked at per request, matching or not.
    let scanMax: Int
    private static let windowRecords: Int64 = 256
    private static let windowBytes = 4 << 20
    private static let cursorTag = "t1"

    /// Records that `pick` takes, newest first. `next` is `nil` once the topic's beginning was reached.
    ///
    /// - Parameter sinceMs: records appended before that are as good as not there; `nil` for all.
    func collect<Item>(
        limit: Int, cursor: String?, sinceMs: Int64? = nil, pick: (StoredRecord) -> Item?
    ) async throws -> (items: [Item], next: String?) {
        // There its offsets have holes and, with shards, several beginnings.
        guard log.place(of: topic) == topic else {
            let scan = BackwardScan(log: log, patterns: [TopicPattern(topic.rawValue)], scanMax: scanMax)
            return try await scan.collect(limit: limit, cursor: cursor, sinceMs: sinceMs, pick: pick)
        }
        let start = try cursor.map { try ScanCursor.decode($0, tag: Self.cursorTag) }
        guard let description = try await log.topics(matching: TopicPattern(topic.rawValue)).first else { return ([], nil) }
        var bottom = description.startOffset
        if let sinceMs { bottom = max(bottom, try await log.offset(topic: topic, atOrAfterMs: sinceMs)) }
        var end = min(start ?? description.endOffset, description.endOffset)
        var items: [Item] = []
        var budget = scanMax
        while budget > 0, end > bottom {
            let from = max(end - min(Self.windowRecords, Int64(budget)), bottom)
            for record in try await window(from, end).reversed() {
                guard let item = pick(record) else { continue }
                items.append(item)
                if items.count == limit {
                    return (
                        items,
                        record.offset > bottom ? ScanCursor.encode(record.offset, tag: Self.cursorTag) : nil
                    )
                }
            }
            budget -= Int(end - from)
            end = from
        }
        return (items, end > bottom ? ScanCursor.encode(end, tag: Self.cursorTag) : nil)
    }

    func page<Item>(limit: Int, cursor: String?, sinceMs: Int64? = nil, pick: (StoredRecord) -> Item?) async throws -> Page<Item> {
        let found = try await collect(limit: limit, cursor: cursor, sinceMs: sinceMs, pick: pick)
        return Page(items: found.items, nextCursor: found.next)
    }

    /// Records with offsets in `from ..< end`, rising. The log may give them in several pieces.
    private func window(_ from: Int64, _ end: Int64) async throws -> [StoredRecord] {
        var records: [StoredRecord] = []
        var next = from
        while next < end {
            let piece = try await log.fetch(topic: topic, from: next, maxBytes: Self.windowBytes).prefix { $0.offset < end }
            guard let last = piece.last else { break }
            records.append(contentsOf: piece)
            next = last.offset + 1
        }
        return records
    }
}
