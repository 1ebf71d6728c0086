import TowerStreaming

extension SimulatedModel {
    /// Takes in what a journal shows after it was opened: which of the uncertain things happened. From then on they are
    /// promised, for they were shown. Returns what is wrong.
    mutating func settle(
        read: [StoredRecord], topics: [TopicDescription], groups shown: [GroupDescription], end shownEnd: Int64
    ) -> String? {
        let listed = Dictionary(uniqueKeysWithValues: topics.map { ($0.topic, $0) })
        for (topic, state) in isListed where state == nil {
            if listed[topic] == nil {
                forget(topic)
            } else {
                // A deletion that did not happen, or a topic made anew behind one that did.
                if !read.contains(where: { $0.record.topic == topic }) { forget(topic) }
                isListed[topic] = true
            }
        }
        if let wrong = merge(read) { return wrong }
        for topic in topics {
            guard isListed[topic.topic] == true else { return "\(topic.topic) is there and was never made" }
            if let expected = next[topic.topic], topic.endOffset < expected {
                return "\(topic.topic) ends at \(topic.endOffset), \(expected) was given"
            }
            next[topic.topic] = topic.endOffset
        }
        for (topic, state) in isListed where state == true && listed[topic] == nil { return "\(topic) is gone" }
        if shownEnd < end { return "the log ends at \(shownEnd), \(end) was given" }
        // Sequences that nobody was given may be given after the next end.
        end = max(end, (kept.last?.sequence ?? -1) + 1)
        for group in shown {
            guard var known = groups[group.group] else { return "group \(group.group) was never made" }
            guard known.allowed.contains(group.committed.sequence) else {
                return "group \(group.group) stands at \(group.committed.sequence), committed \(known.allowed.sorted())"
            }
            if group.epoch < known.epoch { return "group \(group.group) fell from epoch \(known.epoch) to \(group.epoch)" }
            known.allowed = [group.committed.sequence]
            known.isCertain = true
            known.epoch = group.epoch
            groups[group.group] = known
        }
        for (name, group) in groups where !shown.contains(where: { $0.group == name }) {
            if group.isCertain { return "group \(name) is gone" }
            groups[name] = nil
        }
        uncertain.removeAll()
        return nil
    }

    /// Compares what was read with what must be there, and moves what came beside it to `kept`.
    private mutating func merge(_ read: [StoredRecord]) -> String? {
        var merged: [StoredRecord] = []
        merged.reserveCapacity(read.count)
        var expected = kept[...]
        var returned: [StoredRecord] = []
        var back = expired[...]
        var at = 0
        while at < read.count {
            let record = read[at]
            if let last = merged.last, record.sequence <= last.sequence { return "sequence \(record.sequence) twice" }
            if let first = expected.first, first.sequence == record.sequence {
                guard first == record else { return "wrong bytes at sequence \(record.sequence)" }
                expected.removeFirst()
                merged.append(record)
                at += 1
                continue
            }
            while let first = back.first, first.sequence < record.sequence { back.removeFirst() }
            if let first = back.first, first == record {
                returned.append(record)
                merged.append(record)
                at += 1
                continue
            }
            let match = uncertain.firstIndex { append in
                at + append.count <= read.count
                    && zip(read[at...], append).allSatisfy { $0.record == $1 }
            }
            guard let match else {
                if let first = expected.first, first.sequence < record.sequence {
                    return "sequence \(first.sequence) was acknowledged and is lost"
                }
                return "a false record at sequence \(record.sequence): \(record.record.topic)"
            }
            merged += read[at..<at + uncertain[match].count]
            at += uncertain[match].count
            uncertain.removeSubrange(...match)
        }
        if let first = expected.first {
            return "sequence \(first.sequence) of \(first.record.topic) was acknowledged and is lost (\(expected.count) in all)"
        }
        kept = merged
        expired = []
        for record in returned { next[record.record.topic] = max(next[record.record.topic] ?? 0, record.offset + 1) }
        for record in merged { isListed[record.record.topic] = true }
        lastTimestampMs = max(lastTimestampMs, merged.last?.timestampMs ?? 0)
        return nil
    }
}
