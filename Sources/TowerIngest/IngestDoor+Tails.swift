import Synchronization
import TowerModel
import TowerStreaming

extension IngestDoor {
    /// Ids read of a log of partitions at the start. What came before them, or comes through another door, is not known here as
    /// a repeat: readers leave those out.
    static let tailIDs: Int64 = 1 << 18

    /// Learns the ids at the ends of the partitions.
    func recallTails(_ end: LogCursor) async throws -> Int {
        let events = end.parts.filter { part in
            guard let topic = part.place?.topic else { return false }
            return topic == log.place(of: Topic.siteEvents(site: "S")) || TopicPattern.siteEvents.matches(topic)
        }
        guard !events.isEmpty else { return 0 }
        let share = max(min(Int64(limits.duplicateIDs), Self.tailIDs) / Int64(events.count), 1)
        var cursor = LogCursor(parts: events.map { LogPart(name: $0.name, next: max($0.next - share, 0)) })
        var reader = KeyReader(symbols: symbols, limits: limits.decode, secret: secret)
        var count = 0
        while events.contains(where: { (cursor.next(in: $0.name) ?? 0) < $0.next }) {
            let block = try await log.fetchBlock(matching: [.siteEvents], from: cursor, maxRecords: 50_000, maxBytes: 16 << 20)
            guard block.next > cursor else { break }
            cursor = block.next
            let keys = reader.keys(block)
            shared.withLock { $0.window.remember(keys) }
            count += keys.count
        }
        return count
    }
}
