import Synchronization
public import TowerStreaming

extension Journal {
    /// Reads whole neighbourhoods of sections into the block's own memory and leaves the records there in their Kafka form:
    /// an entry points at key, value and headers inside what was read. What lies between is in `bytes` as well.
    ///
    /// - Note: ends before `maxBytes` where the bytes read, everything in between included, are twice as many.
    public func fetchBlock(
        matching patterns: [TopicPattern], from cursor: LogCursor, maxRecords: Int, maxBytes: Int
    ) async throws -> LogBlock {
        try checkOpen()
        var block = LogBlock(next: LogCursor(sequence: max(cursor.sequence, 0)))
        guard maxRecords > 0 else { return block }
        var filler = BlockFiller(from: block.next.sequence, maxRecords: maxRecords, maxBytes: maxBytes)
        var isGoingOn = true
        while isGoingOn {
            let first = try pick(patterns, from: filler.at, maxSections: filler.maxSections, maxBytes: max(maxBytes, 0))
            let capacity = min(2 * BlockFiller.room(first.sections) + (64 << 10), Int(Int32.max))
            block.bytes = try [UInt8](unsafeUninitializedCapacity: capacity) { memory, count in
                filler.begin(UnsafeMutableRawBufferPointer(memory))
                var picked = first
                while isGoingOn {
                    try filler.add(picked, catalog: catalog)
                    isGoingOn = !filler.isDone
                    // Nothing found and nothing fits any more: begin again with memory for what comes.
                    if filler.isFull { break }
                    if isGoingOn {
                        picked = try pick(
                            patterns, from: filler.at, maxSections: filler.maxSections, maxBytes: filler.sectionBytes)
                    }
                }
                count = filler.used
            }
            if !filler.entries.isEmpty { isGoingOn = false }
        }
        block.entries = filler.entries
        block.next = LogCursor(sequence: filler.at)
        let numbers = filler.topics
        block.topics = catalog.state.withLock { state in numbers.map { state.topics.text($0) } }
        return block
    }
}

/// Fills the memory of one block.
private struct BlockFiller {
    /// One read at most, so that a damaged length cannot ask for more.
    private static let maxRead = 4 << 20

    /// Where to go on.
    private(set) var at: Int64
    private(set) var entries: [LogBlock.Entry] = []
    /// Numbers of the topics met, in the order of `LogBlock.topics`.
    private(set) var topics: [UInt32] = []
    private(set) var used = 0
    private(set) var isDone = false
    /// The memory has no room for what comes next.
    private(set) var isFull = false
    private let from: Int64
    private let maxRecords: Int
    private var bytesLeft: Int
    private var sectionBytesSeen = 0
    private let maxBytes: Int
    private var memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    /// Topic number plus one in the upper half, its index in `topics` in the lower; open addressing, at most half full.
    private var slots = [UInt64](repeating: 0, count: 1024)

    init(from: Int64, maxRecords: Int, maxBytes: Int) {
        self.from = from
        self.maxRecords = maxRecords
        self.maxBytes = maxBytes
        bytesLeft = maxBytes
        at = from
        entries.reserveCapacity(min(maxRecords, 16_384))
    }

    var maxSections: Int { min(maxRecords - entries.count, 65_536) }

    /// How many bytes of sections will about hold the bytes of values that are left, as far as was seen.
    var sectionBytes: Int {
        let values = maxBytes - bytesLeft
        guard values > 0 else { return max(bytesLeft, 0) }
        let needed = Double(max(bytesLeft, 0)) * Double(sectionBytesSeen) / Double(values) * 1.02
        return Int(min(needed, Double(Int32.max)))
    }

    mutating func begin(_ memory: UnsafeMutableRawBufferPointer) {
        self.memory = memory
        used = 0
        isFull = false
    }

    /// Memory that reading the sections takes at most.
    static func room(_ sections: [PickedSection]) -> Int {
        var total = 0
        var next = 0
        while next < sections.count {
            let run = Self.run(sections, from: next)
            total += Int(run.bytes.upperBound - run.bytes.lowerBound) + 2 * TailRing.blockSize
            next = run.sections.upperBound
        }
        return total
    }

    /// Neighbours from `first` on that are read together, and their place in the file.
    private static func run(_ sections: [PickedSection], from first: Int) -> (sections: Range<Int>, bytes: Range<Int64>) {
        let start = sections[first].entry.filePosition
        var end = start + Int64(sections[first].entry.length)
        var last = first
        while last + 1 < sections.count, sections[last + 1].view == sections[first].view {
            let next = sections[last + 1].entry
            let nextEnd = next.filePosition + Int64(next.length)
            let isNear = next.filePosition >= end && next.filePosition - end <= SectionReader.maxGap
            guard isNear, nextEnd - start <= Self.maxRead else { break }
            end = nextEnd
            last += 1
        }
        return (first..<last + 1, start..<end)
    }

    /// Reads what was picked and adds its records until the block is complete.
    mutating func add(_ picked: PickedSections, catalog: Catalog) throws {
        var next = 0
        while next < picked.sections.count {
            let run = Self.run(picked.sections, from: next)
            let view = picked.views[Int(picked.sections[next].view)]
            guard let start = try read(run.bytes, of: view.file) else {
                isFull = true
                if !entries.isEmpty { isDone = true }
                return
            }
            for index in run.sections {
                let entry = picked.sections[index].entry
                let offset = start + Int(entry.filePosition - run.bytes.lowerBound)
                let end = min(offset + Int(entry.length), used)
                let section = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(memory)[min(offset, end)..<end])
                let sequence = view.baseSequence + Int64(entry.sequence)
                if let header = SectionReader.check(entry, sequence: sequence, section) {
                    sectionBytesSeen += section.count
                    guard addRecords(header, section, topic: entry.topic, at: offset) else {
                        isDone = true
                        return
                    }
                } else {
                    SectionReader.note(entry, sequence: sequence, file: view.file, in: catalog)
                }
                at = max(at, sequence + Int64(entry.count))
            }
            next = run.sections.upperBound
        }
        at = max(at, picked.covered)
        isDone = entries.count >= maxRecords || !entries.isEmpty && bytesLeft <= 0 || at >= picked.end
    }

    /// Reads a part of a file behind what was read before and returns where its first byte is; `nil` when there is no room.
    private mutating func read(_ range: Range<Int64>, of file: SegmentFile) throws -> Int? {
        guard let base = memory.baseAddress else { return nil }
        let block = TailRing.blockSize
        var range = range
        var target = used
        var lead = 0
        if range.upperBound - range.lowerBound >= SectionReader.directRead, !file.isInMemory(range.lowerBound) {
            lead = Int(range.lowerBound % Int64(block))
            range = range.lowerBound - Int64(lead)..<alignedUp(range.upperBound, to: Int64(block))
            let address = Int(bitPattern: base) + used
            target += alignedUp(address, to: block) - address
        }
        let length = Int(range.upperBound - range.lowerBound)
        guard target + length <= memory.count else { return nil }
        memory[used..<target].initializeMemory(as: UInt8.self, repeating: 0)
        do {
            let place = UnsafeMutableRawBufferPointer(rebasing: memory[target..<target + length])
            used = target + (try file.read(into: place, at: range.lowerBound))
        } catch {
            throw EventLogError(.io, error.description)
        }
        return target + lead
    }

    /// Adds a section's records; false when the block is complete.
    private mutating func addRecords(
        _ header: SectionHeader, _ section: UnsafeRawBufferPointer, topic: UInt32, at start: Int
    ) -> Bool {
        var topicIndex: Int32?
        var isGoingOn = true
        header.forEachRecord(section) { index, layout in
            let sequence = header.sequence + Int64(index)
            guard sequence >= from else { return true }
            if entries.count >= maxRecords || !entries.isEmpty && layout.value.count > bytesLeft {
                at = sequence
                isGoingOn = false
                return false
            }
            bytesLeft -= layout.value.count
            let number = topicIndex ?? self.index(of: topic)
            topicIndex = number
            entries.append(
                LogBlock.Entry(
                    offset: header.baseOffset + Int64(index), sequence: sequence, timestampMs: header.timestampMs, topic: number,
                    key: layout.key.map { start + $0.lowerBound..<start + $0.upperBound },
                    value: start + layout.value.lowerBound..<start + layout.value.upperBound,
                    headersStart: start + layout.headersStart, headerCount: layout.headerCount))
            return true
        }
        return isGoingOn
    }

    /// The topic's place in `topics`, given now if it was not met before.
    private mutating func index(of topic: UInt32) -> Int32 {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: UInt64(topic) &* 0x9E37_79B9_7F4A_7C15 >> 32) & mask
        while slots[slot] != 0 {
            if slots[slot] >> 32 == UInt64(topic) + 1 { return Int32(truncatingIfNeeded: slots[slot] & 0xFFFF_FFFF) }
            slot = (slot + 1) & mask
        }
        slots[slot] = (UInt64(topic) + 1) << 32 | UInt64(topics.count)
        topics.append(topic)
        if topics.count * 2 > slots.count { rehash() }
        return Int32(topics.count - 1)
    }

    private mutating func rehash() {
        let known = topics
        slots = [UInt64](repeating: 0, count: slots.count * 4)
        topics.removeAll(keepingCapacity: true)
        for topic in known { _ = index(of: topic) }
    }
}
