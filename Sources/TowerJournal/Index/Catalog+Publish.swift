import TowerStreaming

extension Catalog {
    /// Sections that became durable in one segment.
    struct Published {
        var file: SegmentFile
        var baseSequence: Int64
        /// All sections of the segment; those up to `known` were published before.
        var index: SectionIndex
        var known: Int
        var dataEnd: Int64
        var firstTimestampMs: Int64
    }
}

extension Catalog.State {
    /// Makes sections readable. `end` is the log's new end.
    mutating func publish(_ published: [Catalog.Published], end: Int64, timestampMs: Int64) {
        for piece in published {
            let series = piece.file.retention.series
            if self.series[series].last?.file !== piece.file {
                retireActive(series)
                self.series[series].append(
                    Segment(
                        file: piece.file, baseSequence: piece.baseSequence, endSequence: piece.baseSequence,
                        firstTimestampMs: piece.firstTimestampMs, lastTimestampMs: piece.firstTimestampMs,
                        dataEnd: Int64(SegmentHeader.size), entries: []))
            }
            append(piece, to: series, timestampMs: timestampMs)
        }
        self.end = max(self.end, end)
        lastTimestampMs = max(lastTimestampMs, timestampMs)
    }

    private mutating func append(_ piece: Catalog.Published, to series: Int, timestampMs: Int64) {
        let last = self.series[series].count - 1
        let number = UInt32(piece.file.number)
        // Found empty by recovery, the segment did not know when it begins; its entries count from there.
        if piece.known == 0 { self.series[series][last].firstTimestampMs = piece.firstTimestampMs }
        let entries = piece.index.storage.base
        var deleted: [UInt32] = []
        topics.states.withUnsafeMutableBufferPointer { states in
            for index in piece.known..<piece.index.count {
                let topic = entries[index].topic
                states[Int(topic)].add(&entries[index], index: UInt32(index), segment: number, timestampMs: timestampMs)
                if states[Int(topic)].deletedBelow > 0 { deleted.append(topic) }
            }
        }
        for topic in deleted { noteDeletion(topic) }
        if piece.index.count > piece.known {
            let end = entries[piece.index.count - 1]
            self.series[series][last].endSequence = max(
                self.series[series][last].endSequence, piece.baseSequence + Int64(end.sequence) + Int64(end.count))
        }
        self.series[series][last].index = piece.index
        self.series[series][last].dataEnd = piece.dataEnd
        self.series[series][last].lastTimestampMs = timestampMs
    }

    /// Readers skip what a deletion forgot.
    mutating func noteDeletion(_ topic: UInt32) {
        deletedBelow[topic] = topics.states[Int(topic)].deletedBelow
    }

    /// The series' last segment will not be written any more: its topics move from the topic table into the segment.
    mutating func retireActive(_ series: Int) {
        guard let last = self.series[series].indices.last, self.series[series][last].topics.isEmpty else { return }
        let number = UInt32(self.series[series][last].file.number)
        var rows: [SegmentTopic] = []
        for topic in 0..<topics.count {
            let state = topics.states[topic]
            guard state.retention.series == series, state.activeSegment == number, state.activeLast != SectionEntry.none else {
                continue
            }
            rows.append(SegmentTopic(number: UInt32(topic), last: state.activeLast, firstOffset: state.activeFirstOffset))
        }
        self.series[series][last].topics = rows
    }
}

extension TopicState {
    /// Takes in a durable section and links it to the topic's section before it.
    @inline(__always)
    mutating func add(_ entry: inout SectionEntry, index: UInt32, segment: UInt32, timestampMs: Int64) {
        if activeSegment != segment {
            activeSegment = segment
            activeLast = SectionEntry.none
            activeFirstOffset = entry.baseOffset
        }
        entry.previous = activeLast
        activeLast = index
        if !isListed, bytes == 0, next == 0 { start = entry.baseOffset }
        if next <= start || firstTimestampMs == 0 { firstTimestampMs = timestampMs }
        next = max(next, entry.endOffset)
        if entry.flags & UInt32(SectionHeader.Flags.tombstone.rawValue) != 0 {
            isListed = false
            start = entry.baseOffset
            deletedBelow = entry.baseOffset
            bytes = 0
        } else {
            isListed = true
            bytes += Int64(entry.length)
            if entry.count > 0 { lastTimestampMs = timestampMs }
        }
    }
}
