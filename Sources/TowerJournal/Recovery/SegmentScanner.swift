import TowerStreaming

/// Reads a segment from front to back without trusting anything: every header and every record is checked, and behind
/// damage it looks for the next thing that is whole.
struct SegmentScanner {
    struct Section {
        var position: Int64
        var header: SectionHeader
        var topic: UInt32
        /// Index in `frames`; -1 when the frame's header is lost.
        var frame: Int
    }
    struct Frame {
        var position: Int64
        var header: FrameHeader
    }
    /// Bytes in which nothing whole was found.
    struct Bad {
        var range: Range<Int64>
        /// Of the records that were there, when a header still tells.
        var sequence: Int64?
        var endSequence: Int64?
        /// The topic and the offset after those records, likewise.
        var topic: (number: UInt32, endOffset: Int64)?
        var hasEmptySector: Bool
        /// Whether its first sector is empty. Writes go from front to back, so that nothing in it was ever synced then.
        var beginsEmpty: Bool
        var reason: String
    }
    struct Result {
        var header: SegmentHeader?
        var frames: [Frame] = []
        var sections: [Section] = []
        var bad: [Bad] = []
        /// Whether a footer begins at `contentEnd`.
        var hasIndex = false
        /// Behind the last whole thing.
        var end: Int64 = Int64(SegmentHeader.size)
        /// Behind the last byte that is not zero (or at the footer, when there is one).
        var contentEnd: Int64 = 0
    }

    private let window: FileWindow
    private let resolve: (UnsafeRawBufferPointer, UInt32) -> UInt32?
    private var result = Result()
    /// Sequences rise through a file: what does not is left over from an append that was taken back.
    private var floor: Int64 = 0

    /// - Parameter resolve: the number of a topic's name, given the number written beside it; `nil` for a name that is none.
    static func scan(
        _ file: any DiskFile, resolve: @escaping (UnsafeRawBufferPointer, UInt32) -> UInt32?
    ) throws(DiskError) -> Result {
        var scanner = SegmentScanner(window: try FileWindow(file), resolve: resolve)
        return try scanner.run()
    }

    private init(window: FileWindow, resolve: @escaping (UnsafeRawBufferPointer, UInt32) -> UInt32?) {
        self.window = window
        self.resolve = resolve
    }

    private mutating func run() throws(DiskError) -> Result {
        let head = try window.bytes(at: 0, atLeast: SegmentHeader.size)
        if case .header(let header) = SegmentHeader.read(head) {
            result.header = header
            floor = header.baseSequence
        }
        var position = Int64(SegmentHeader.size)
        while position < window.size {
            let bytes = try window.bytes(at: position, atLeast: FrameHeader.size)
            if bytes.count >= 8, let base = bytes.baseAddress, base.integer(0, as: UInt64.self) == SegmentFooter.indexMagic {
                result.contentEnd = position
                result.hasIndex = true
                return result
            }
            if let header = FrameHeader(bytes), header.sequence >= floor, position + Int64(header.length) <= window.size {
                position = try readFrame(header, at: position)
                continue
            }
            if let next = try readSection(at: position, limit: window.size, frame: -1) {
                position = next
                continue
            }
            guard let next = try resynchronise(after: position, limit: window.size) else { break }
            position = next
        }
        result.contentEnd = max(try window.lastNonZero(from: result.end), result.end)
        try takeRest()
        return result
    }

    /// Notes as bad what lies behind the last whole thing and is not noted yet.
    private mutating func takeRest() throws(DiskError) {
        let start = max(result.end, result.bad.last?.range.upperBound ?? 0)
        let end = alignedUp(result.contentEnd)
        guard end > start else { return }
        if var last = result.bad.last, last.range.lowerBound == result.end {
            last.range = last.range.lowerBound..<end
            result.bad[result.bad.count - 1] = last
        } else {
            result.bad.append(try bad(start..<end, reason: "no frame"))
        }
    }

    /// Reads a frame's sections and returns where it ends.
    private mutating func readFrame(_ header: FrameHeader, at start: Int64) throws(DiskError) -> Int64 {
        let index = result.frames.count
        let end = start + Int64(header.length)
        result.frames.append(Frame(position: start, header: header))
        var position = start + Int64(FrameHeader.size)
        floor = max(floor, header.sequence)
        var isWhole = true
        while position < end {
            if let next = try readSection(at: position, limit: end, frame: index) {
                position = next
                continue
            }
            isWhole = false
            let hint = floor
            guard let next = try resynchronise(after: position, limit: end) else {
                let range = position..<end
                var lost = try bad(range, reason: "section damaged")
                lost.sequence = lost.sequence ?? hint
                append(lost)
                position = end
                // Behind a torn frame the next one is looked for at its end.
                return end
            }
            if let last = result.bad.indices.last, result.bad[last].sequence == nil { result.bad[last].sequence = hint }
            position = next
        }
        if isWhole || position >= end { result.end = max(result.end, end) }
        return end
    }

    /// Takes in the section at `position` and returns where it ends; `nil` when there is no section header.
    private mutating func readSection(at position: Int64, limit: Int64, frame: Int) throws(DiskError) -> Int64? {
        var bytes = try window.bytes(at: position, atLeast: SectionHeader.size + TopicName.maxBytes)
        guard let header = SectionHeader(bytes), header.sequence >= floor, position + Int64(header.length) <= limit else {
            return nil
        }
        if bytes.count < header.length { bytes = try window.bytes(at: position, atLeast: header.length) }
        guard bytes.count >= header.length, let base = bytes.baseAddress else { return nil }
        let name = UnsafeRawBufferPointer(rebasing: bytes[SectionHeader.size..<header.headLength])
        guard TopicName.isValid(name), let topic = resolve(name, header.topicNumber) else { return nil }
        let end = position + Int64(header.length)
        let endSequence = header.sequence + Int64(header.recordCount)
        floor = endSequence
        guard header.recordsAreIntact(in: base) else {
            var lost = try bad(position..<end, reason: "records do not match their checksum")
            lost.sequence = header.sequence
            lost.endSequence = endSequence
            lost.topic = (topic, header.baseOffset + Int64(header.recordCount))
            append(lost)
            return end
        }
        result.sections.append(Section(position: position, header: header, topic: topic, frame: frame))
        result.end = end
        return end
    }

    /// Looks for the next frame or section on the 8-byte grid behind `position`; notes what lies between as bad.
    private mutating func resynchronise(after position: Int64, limit: Int64) throws(DiskError) -> Int64? {
        var at = position + 8
        while at + 8 <= limit {
            let bytes = try window.bytes(at: at, atLeast: 8)
            guard bytes.count >= 8, let base = bytes.baseAddress else { return nil }
            // Both kinds are recognised by a word; only then is it worth checking more.
            let usable = Int(min(Int64(bytes.count), limit - at)) / 8 * 8
            var offset = 0
            while offset < usable {
                let isFrame = base.integer(offset, as: UInt32.self) == FrameHeader.magic
                let isSection = base.integer(offset + 4, as: UInt16.self) == SectionHeader.magic
                if isFrame || isSection {
                    let candidate = at + Int64(offset)
                    if try isWhole(candidate, limit: limit) {
                        append(try bad(position..<candidate, reason: "header damaged"))
                        return candidate
                    }
                    // The window may have moved.
                    break
                }
                offset += 8
            }
            at += Int64(max(offset, 0)) + (offset < usable ? 8 : 0)
        }
        return nil
    }

    private func isWhole(_ position: Int64, limit: Int64) throws(DiskError) -> Bool {
        let bytes = try window.bytes(at: position, atLeast: SectionHeader.size + TopicName.maxBytes)
        if let frame = FrameHeader(bytes) { return frame.sequence >= floor && position + Int64(frame.length) <= limit }
        guard let section = SectionHeader(bytes) else { return false }
        return section.sequence >= floor && position + Int64(section.length) <= limit
    }

    private func bad(_ range: Range<Int64>, reason: String) throws(DiskError) -> Bad {
        Bad(
            range: range, hasEmptySector: try window.hasEmptySector(range), beginsEmpty: try window.beginsEmpty(range),
            reason: reason)
    }

    private mutating func append(_ bad: Bad) {
        result.bad.append(bad)
    }
}
