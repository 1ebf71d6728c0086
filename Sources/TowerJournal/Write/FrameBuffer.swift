import TowerStreaming

/// Memory in which one append becomes its frames. Reused, so that appending allocates nothing per record.
///
/// - Ownership: one at a time: the caller while it encodes, the writer until the answer, then the caller again.
final class FrameBuffer: @unchecked Sendable {
    struct Frame {
        var start: Int
        var length: Int
        var sectionCount: Int
        var recordCount: Int
        var retention: RetentionClass
    }
    /// What the writer needs to know of a section, side by side: it meets the sections' own bytes only to fill them in.
    struct Section: BitwiseCopyable {
        var topic: UInt32
        /// Bytes of the whole section.
        var length: UInt32
        var count: UInt32
        var nameLength: UInt8
        var flags: UInt8
        /// Set by the writer.
        var baseOffset: Int64 = 0
    }
    struct TopicReference {
        var number: UInt32
        var retention: RetentionClass
    }
    private(set) var base: UnsafeMutableRawPointer
    private(set) var capacity: Int
    var count = 0
    var frames: [Frame] = []
    /// Of all frames, in order.
    var sections: [Section] = []
    /// Topic of each record (or of each topic of a block), found before encoding.
    var topics: [TopicReference] = []
    /// For finding topics: a word per topic.
    var probes: [UInt64] = []
    var recordCount = 0
    /// Set by the writer.
    var sequence: Int64 = 0
    var timestampMs: Int64 = 0

    init(capacity: Int) {
        self.capacity = capacity
        base = .allocate(byteCount: capacity, alignment: 16)
    }

    deinit { base.deallocate() }

    /// Makes room for `more` bytes behind the first `count`, which are kept.
    func grow(keeping count: Int, more: Int) {
        let larger = max(capacity * 2, count + more)
        let memory = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
        memory.copyMemory(from: base, byteCount: count)
        base.deallocate()
        base = memory
        capacity = larger
    }

    func reset() {
        count = 0
        frames.removeAll(keepingCapacity: true)
        sections.removeAll(keepingCapacity: true)
        topics.removeAll(keepingCapacity: true)
        recordCount = 0
    }

    /// Where the writer put every record, in order. Valid once the append succeeded.
    func positions() -> [StoredPosition] {
        [StoredPosition](unsafeUninitializedCapacity: recordCount) { output, count in
            var sequence = sequence
            for section in sections {
                for offset in section.baseOffset..<section.baseOffset + Int64(section.count) {
                    let position = StoredPosition(offset: offset, sequence: sequence, timestampMs: timestampMs)
                    output.initializeElement(at: count, to: position)
                    count += 1
                    sequence += 1
                }
            }
        }
    }
}
