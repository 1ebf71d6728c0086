import CTower
import TowerStreaming

extension SegmentFooter {
    /// Everything that goes behind `dataEnd`, from the segment's index. `names` are by topic number.
    static func build(
        dataEnd: Int64, baseSequence: Int64, endSequence: Int64, firstTimestampMs: Int64, lastTimestampMs: Int64,
        entries: some RandomAccessCollection<SectionEntry>, names: TopicTable.Names
    ) -> (footer: SegmentFooter, bytes: [UInt8]) {
        // By topic number: a hash for every section would cost more than all the rest.
        var rowOf = [UInt32](repeating: SectionEntry.none, count: names.count)
        var rows: [TopicRow] = []
        for (index, entry) in entries.enumerated() {
            if rowOf[Int(entry.topic)] == SectionEntry.none {
                rowOf[Int(entry.topic)] = UInt32(rows.count)
                rows.append(
                    TopicRow(
                        number: entry.topic, last: 0, firstOffset: entry.baseOffset, endOffset: 0, deletedBelow: 0, bytes: 0,
                        lastTimestampMs: 0, firstTimestampMs: firstTimestampMs + Int64(entry.time), isListed: true))
            }
            rows[Int(rowOf[Int(entry.topic)])].add(entry, at: index, firstTimestampMs: firstTimestampMs)
        }
        let topicBytes = rows.reduce(0) { $0 + TopicRow.size + names.bytes(Int($1.number)).count }
        var footer = SegmentFooter(
            dataEnd: dataEnd, baseSequence: baseSequence, endSequence: endSequence, firstTimestampMs: firstTimestampMs,
            lastTimestampMs: lastTimestampMs, topicCount: rows.count, entryCount: entries.count, topicBytes: topicBytes,
            topicsChecksum: 0, entriesChecksum: 0)
        let entriesStart = 8 + alignedUp(topicBytes)
        let total = entriesStart + footer.entryBytes + size
        let bytes = [UInt8](unsafeUninitializedCapacity: total) { buffer, count in
            guard let base = buffer.baseAddress.map({ UnsafeMutableRawPointer($0) }) else { return }
            base.put(indexMagic, 0)
            var at = 8
            for row in rows { at = row.write(name: names.bytes(Int(row.number)), to: base, at: at) }
            while at < entriesStart {
                base.put(UInt8(0), at)
                at += 1
            }
            for (index, entry) in entries.enumerated() {
                var local = entry
                local.topic = rowOf[Int(entry.topic)]
                local.write(to: base + entriesStart + index * SectionEntry.size)
            }
            footer.topicsChecksum = UnsafeRawPointer(base).checksum(8..<8 + topicBytes)
            footer.entriesChecksum = UnsafeRawPointer(base).checksum(entriesStart..<entriesStart + footer.entryBytes)
            footer.write(to: base + entriesStart + footer.entryBytes)
            count = total
        }
        return (footer, bytes)
    }

    /// The rows of a topic table whose checksum was verified; `nil` when it does not hold `count` of them.
    static func rows(_ bytes: UnsafeRawBufferPointer, count: Int) -> [(row: TopicRow, name: UnsafeRawBufferPointer)]? {
        var rows: [(TopicRow, UnsafeRawBufferPointer)] = []
        rows.reserveCapacity(count)
        var at = 0
        guard let base = bytes.baseAddress else { return count == 0 ? [] : nil }
        for _ in 0..<count {
            guard at + TopicRow.size <= bytes.count else { return nil }
            let row = TopicRow(base + at)
            let nameLength = Int(base.integer(at + 56, as: UInt8.self))
            guard nameLength > 0, at + TopicRow.size + nameLength <= bytes.count else { return nil }
            rows.append((row, UnsafeRawBufferPointer(rebasing: bytes[at + TopicRow.size..<at + TopicRow.size + nameLength])))
            at += TopicRow.size + nameLength
        }
        return rows
    }
}

extension SegmentFooter.TopicRow {
    fileprivate mutating func add(_ entry: SectionEntry, at index: Int, firstTimestampMs: Int64) {
        last = UInt32(index)
        endOffset = entry.endOffset
        let flags = SectionHeader.Flags(rawValue: UInt8(truncatingIfNeeded: entry.flags))
        if flags.contains(.tombstone) {
            deletedBelow = entry.baseOffset
            isListed = false
            bytes = 0
        } else {
            isListed = true
            bytes += Int64(entry.length)
            lastTimestampMs = firstTimestampMs + Int64(entry.time)
        }
    }

    /// Writes the row and the name at `at` and returns where they end.
    fileprivate func write(name: UnsafeRawBufferPointer, to bytes: UnsafeMutableRawPointer, at: Int) -> Int {
        let base = bytes + at
        base.put(number, 0)
        base.put(last, 4)
        base.put(firstOffset, 8)
        base.put(endOffset, 16)
        base.put(deletedBelow, 24)
        base.put(self.bytes, 32)
        base.put(lastTimestampMs, 40)
        base.put(firstTimestampMs, 48)
        base.put(UInt8(name.count), 56)
        base.put(UInt8(isListed ? 1 : 0), 57)
        base.put(UInt16(0), 58)
        if let source = name.baseAddress { (base + Self.size).copyMemory(from: source, byteCount: name.count) }
        return at + Self.size + name.count
    }

    fileprivate init(_ base: UnsafeRawPointer) {
        number = base.integer(0)
        last = base.integer(4)
        firstOffset = base.integer(8)
        endOffset = base.integer(16)
        deletedBelow = base.integer(24)
        bytes = base.integer(32)
        lastTimestampMs = base.integer(40)
        firstTimestampMs = base.integer(48)
        isListed = base.integer(57, as: UInt8.self) != 0
    }
}
