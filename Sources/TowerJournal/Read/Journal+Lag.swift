import Synchronization
import TowerStreaming

extension Journal {
    /// How many records a group has not read, and when the oldest of them was appended.
    /// Cost: a walk over the index of what is unread, of sealed segments only the first time; no record is read.
    func unread(_ group: GroupTable.Group) throws -> (count: Int64, oldestMs: Int64?) {
        var total: Int64 = 0
        var oldest: Int64?
        let (matches, deletedBelow, end) = catalog.state.withLock { ($0.matches(group.patterns), $0.deletedBelow, $0.end) }
        let deletions = deletedBelow.values.reduce(0, &+)
        func add(_ part: LagCache.Part) {
            total += part.count
            if let found = part.oldestMs { oldest = min(oldest ?? .max, found) }
        }
        let positions = group.positions
        let slots = group.ahead.isEmpty ? [] : slotsOfTopics()
        for retention in matches.classes.sorted(by: { $0.series < $1.series }) {
            var at = group.committed.sequence
            while at < end, let view = catalog.read({ $0.view(retention.series, at: at) }) {
                let from = at
                at = max(view.endSequence, at + 1)
                let key = LagCache.Key(
                    patterns: group.patterns, series: retention.series, segment: UInt64(view.file.number),
                    // Compaction leaves the number and moves the end.
                    dataEnd: view.footer?.dataEnd ?? 0, deletions: deletions)
                let isWhole = view.footer != nil && group.furthest <= view.baseSequence
                if isWhole, let known = lagCache.find(key) {
                    add(known)
                    continue
                }
                let part = try indexed(view.file) { entries -> LagCache.Part in
                    var part = LagCache.Part()
                    for index in entries.firstIndex(endingAfter: from - view.baseSequence)..<entries.count {
                        let entry = entries[index]
                        guard entry.count > 0, matches.contains(entry.topic), entry.baseOffset >= deletedBelow[entry.topic] ?? 0
                        else {
                            continue
                        }
                        let start = view.baseSequence + Int64(entry.sequence)
                        let topic = Int(entry.topic)
                        let position = topic < slots.count ? max(from, positions[Int(slots[topic])]) : from
                        let unread = start + Int64(entry.count) - max(start, position)
                        guard unread > 0 else { continue }
                        part.count += unread
                        if part.oldestMs == nil { part.oldestMs = view.firstTimestampMs + Int64(entry.time) }
                    }
                    return part
                }
                if isWhole { lagCache.insert(part, for: key) }
                add(part)
            }
        }
        return (total, oldest)
    }

    /// By topic number, the slot of its name.
    private func slotsOfTopics() -> [UInt8] {
        let names = catalog.read { $0.topics.names }
        return (0..<names.count).map { UInt8(GroupSlots.slot(of: names[$0])) }
    }
}
