import TowerStreaming

/// A section to read, with the name of its topic.
struct Located {
    var file: SegmentFile
    var entry: SectionEntry
    var sequence: Int64
    var timestampMs: Int64

    var endSequence: Int64 { sequence + Int64(entry.count) }

    init(_ entry: SectionEntry, file: SegmentFile, baseSequence: Int64, firstTimestampMs: Int64) {
        self.file = file
        self.entry = entry
        sequence = baseSequence + Int64(entry.sequence)
        timestampMs = firstTimestampMs + Int64(entry.time)
    }
}

/// A segment whose index may have to be read from disk before it can be searched.
struct SegmentView {
    var file: SegmentFile
    var baseSequence: Int64
    var firstTimestampMs: Int64
    var footer: SegmentFooter?
    var endSequence: Int64
    /// First sequence that is certainly not in this segment but behind it.
    var nextBase: Int64

    func located(_ entry: SectionEntry) -> Located {
        Located(entry, file: file, baseSequence: baseSequence, firstTimestampMs: firstTimestampMs)
    }
}

extension Catalog.State {
    /// The first segment of a class with something at or after `sequence`.
    func view(_ series: Int, at sequence: Int64) -> SegmentView? {
        let segments = self.series[series]
        var low = 0
        var high = segments.count
        while low < high {
            let middle = (low + high) / 2
            if segments[middle].endSequence <= sequence { low = middle + 1 } else { high = middle }
        }
        return low < segments.count ? view(series, index: low) : nil
    }

    /// The last segment of a class with something before `sequence`.
    func view(_ series: Int, before sequence: Int64) -> SegmentView? {
        guard let index = self.series[series].lastIndex(where: { $0.baseSequence < sequence && $0.endSequence > $0.baseSequence })
        else {
            return nil
        }
        return view(series, index: index)
    }

    func view(_ series: Int, index: Int) -> SegmentView {
        let segment = self.series[series][index]
        let isLast = index == self.series[series].count - 1
        return SegmentView(
            file: segment.file, baseSequence: segment.baseSequence, firstTimestampMs: segment.firstTimestampMs,
            footer: segment.footer, endSequence: segment.endSequence,
            nextBase: isLast ? max(end, segment.endSequence) : self.series[series][index + 1].baseSequence)
    }

    mutating func names(_ located: [Located]) -> [TopicName] { located.map { topics.text($0.entry.topic) } }
}
