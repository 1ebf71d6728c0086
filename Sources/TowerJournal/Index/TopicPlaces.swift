import Synchronization

/// Where one segment's sections of a topic stand in its index, for topics that somebody reads far from their end.
///
/// The index links every section to the topic's one before; finding an offset by that alone walks over all behind it. Here
/// the walk is done once a topic, goes on from where it ended before, and is kept: 4 bytes per section of such a topic.
final class TopicPlaces: Sendable {
    private let known = Mutex<[UInt32: [UInt32]]>([:])

    /// Runs `body` with the indexes, rising, of a topic's sections with records, up to `last`, which are in `index`.
    func withPlaces<Answer: Sendable>(
        of topic: UInt32, last: UInt32, in index: SectionIndex, _ body: ([UInt32]) -> Answer
    ) -> Answer {
        known.withLock { known in
            var places = known.removeValue(forKey: topic) ?? []
            var missing: [UInt32] = []
            var at = last
            while Int(at) < index.count, places.last.map({ at > $0 }) ?? true {
                let entry = index[Int(at)]
                if entry.count > 0 { missing.append(at) }
                at = entry.previous
            }
            places.append(contentsOf: missing.reversed())
            let answer = body(places)
            known[topic] = places
            return answer
        }
    }

    func forget() { known.withLock { $0.removeAll() } }
}

extension Array where Element == UInt32 {
    /// The position of the first place for which `isBefore` is false; it must be true for all places before that.
    func firstPosition(after isBefore: (UInt32) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if isBefore(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
