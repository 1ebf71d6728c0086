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
    private(set) var base: UnsafeMutableRawPointer
    private(set) var capacity: Int
    var count = 0
    var frames: [Frame] = []
    struct TopicReference {
        var number: UInt32
        var retention: RetentionClass
    }
    /// Topic of each record (or of each topic of a block), found before encoding.
    var topics: [TopicReference] = []
    var recordCount = 0
    /// Set by the writer.
    var sequence: Int64 = 0
    var timestampMs: Int64 = 0

    init(capacity: Int) {
        self.capacity = capacity
        base = .allocate(byteCount: capacity, alignment: 16)
    }

    deinit { base.deallocate() }

    /// Makes room for `more` bytes.
    @inline(__always)
    func reserve(_ more: Int) {
        if count + more > capacity { grow(more) }
    }

    private func grow(_ more: Int) {
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
        topics.removeAll(keepingCapacity: true)
        recordCount = 0
    }

    /// Where the writer put every record, in order. Valid once the append succeeded.
    func positions() -> [StoredPosition] {
        [StoredPosition](unsafeUninitializedCapacity: recordCount) { output, count in
            var sequence = sequence
            for frame in frames {
                var at = frame.start + FrameHeader.size
                for _ in 0..<frame.sectionCount {
                    let header = SectionHeader(trusting: base + at)
                    for index in 0..<header.recordCount {
                        let position = StoredPosition(
                            offset: header.baseOffset + Int64(index), sequence: sequence, timestampMs: timestampMs)
                        output.initializeElement(at: count, to: position)
                        count += 1
                        sequence += 1
                    }
                    at += header.length
                }
            }
        }
    }
}
