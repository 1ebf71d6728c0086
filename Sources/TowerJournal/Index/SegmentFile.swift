import Synchronization
import TowerStreaming

/// A segment's place on disk. Readers keep it, so that retention may unlink the file while somebody reads.
final class SegmentFile: Sendable {
    let retention: RetentionClass
    let number: Int
    let path: String
    let file: any DiskFile
    let places = TopicPlaces()
    /// Set once the index in the footer was found to match its checksum.
    let isIndexWhole = Atomic(false)
    /// Set while the segment is being written.
    private let tail = Mutex<TailRing?>(nil)

    init(retention: RetentionClass, number: Int, path: String, file: any DiskFile) {
        self.retention = retention
        self.number = number
        self.path = path
        self.file = file
    }

    func setTail(_ ring: TailRing?) { tail.withLock { $0 = ring } }

    /// Whether the byte at `position` is among the newest that are kept in memory.
    func isInMemory(_ position: Int64) -> Bool { tail.withLock { $0 }?.covers(self, position) ?? false }

    /// Reads durable bytes, from memory if they are new; fewer than asked for only at the end of the file.
    func read(into buffer: UnsafeMutableRawBufferPointer, at position: Int64) throws(DiskError) -> Int {
        if let ring = tail.withLock({ $0 }), ring.read(self, into: buffer, at: position) { return buffer.count }
        return try file.read(into: buffer, at: position)
    }
}

/// A topic's part of a sealed segment.
struct SegmentTopic {
    var number: UInt32
    /// Index of its last section.
    var last: UInt32
    var firstOffset: Int64
}

/// What is in memory of a segment.
struct Segment {
    let file: SegmentFile
    var baseSequence: Int64
    var endSequence: Int64
    var firstTimestampMs: Int64
    var lastTimestampMs: Int64
    /// Where sections end in the file.
    var dataEnd: Int64
    /// Every section; `nil` when the index is read from the footer on demand.
    var index: SectionIndex?
    /// Rising by number; empty while the segment is being written, when the topic table has the same.
    var topics: [SegmentTopic] = []
    /// Set once the footer is durable.
    var footer: SegmentFooter?

    /// The same as an array of its own.
    var entries: [SectionEntry]? {
        get { index.map(Array.init) }
        set { index = newValue.map(SectionIndex.init) }
    }

    init(
        file: SegmentFile, baseSequence: Int64, endSequence: Int64, firstTimestampMs: Int64, lastTimestampMs: Int64,
        dataEnd: Int64, entries: [SectionEntry]?, topics: [SegmentTopic] = [], footer: SegmentFooter? = nil
    ) {
        self.file = file
        self.baseSequence = baseSequence
        self.endSequence = endSequence
        self.firstTimestampMs = firstTimestampMs
        self.lastTimestampMs = lastTimestampMs
        self.dataEnd = dataEnd
        index = entries.map(SectionIndex.init)
        self.topics = topics
        self.footer = footer
    }

    func topic(_ number: UInt32) -> SegmentTopic? {
        var low = 0
        var high = topics.count
        while low < high {
            let middle = (low + high) / 2
            if topics[middle].number < number { low = middle + 1 } else { high = middle }
        }
        return low < topics.count && topics[low].number == number ? topics[low] : nil
    }
}
