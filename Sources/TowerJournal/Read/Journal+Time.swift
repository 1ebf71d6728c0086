import Synchronization
public import TowerStreaming

extension Journal {
    public func cursor(atOrAfterMs timestampMs: Int64) async throws -> LogCursor {
        try checkOpen()
        let (views, end) = catalog.read { state -> ([SegmentView], Int64) in
            let views = state.series.indices.compactMap { series -> SegmentView? in
                let index = state.series[series].firstIndex {
                    $0.endSequence > $0.baseSequence && $0.lastTimestampMs >= timestampMs
                }
                return index.map { state.view(series, index: $0) }
            }
            return (views, state.end)
        }
        var found = end
        for view in views {
            let sequence = try indexed(view.file) { entries -> Int64? in
                var low = 0
                var high = entries.count
                while low < high {
                    let middle = (low + high) / 2
                    if view.firstTimestampMs + Int64(entries[middle].time) < timestampMs {
                        low = middle + 1
                    } else {
                        high = middle
                    }
                }
                return low < entries.count ? view.baseSequence + Int64(entries[low].sequence) : nil
            }
            found = min(found, sequence ?? end)
        }
        return LogCursor(sequence: found)
    }

    public func offset(topic: TopicName, atOrAfterMs timestampMs: Int64) async throws -> Int64 {
        try checkOpen()
        let known = catalog.read { state -> (start: Int64, next: Int64)? in
            guard let number = state.topics.number(of: topic), state.topics.states[Int(number)].isListed else { return nil }
            return (state.topics.states[Int(number)].start, state.topics.states[Int(number)].next)
        }
        guard let known else { throw EventLogError.unknownTopic(topic) }
        // The topic's last section below the cursor bounds the answer; segments are walked from the oldest that can hold it.
        let sequence = try await cursor(atOrAfterMs: timestampMs).sequence
        var at = known.start
        while at < known.next {
            let step = catalog.read { $0.step($0.topics.number(of: topic), from: at) }
            guard case .segment(let view, let last, let from, let next) = step else { break }
            let index = try index(view.file)
            guard Int(last) < index.count else { break }
            let answer = view.file.places.withPlaces(of: index[Int(last)].topic, last: last, in: index) { places -> Int64? in
                let first = places.firstPosition { view.baseSequence + Int64(index[Int($0)].sequence) < sequence }
                return first < places.count ? index[Int(places[first])].baseOffset : nil
            }
            let found = (answer: answer, end: max(from, index[Int(last)].endOffset))
            if let answer = found.answer { return max(answer, known.start) }
            guard max(found.end, next ?? 0) > at else { break }
            at = max(found.end, next ?? 0)
        }
        return known.next
    }
}
