/// Which records of compacted topics a newer one of their key replaced.
struct CompactionPlan {
    private struct Key: Hashable {
        var topic: UInt32
        var bytes: [UInt8]
    }
    private struct Newest {
        var sequence: Int64
        var isOnly: Bool
    }
    static let maxKeys = 1_000_000

    /// Journal-wide numbers.
    let topics: Set<UInt32>
    /// A topic's last record stays, whatever it says: from it the next offset is known.
    private let nextOffsets: [UInt32: Int64]
    private let tombstonesBefore: Int64
    private var newest: [Key: Newest] = [:]

    init(topics: Set<UInt32>, nextOffsets: [UInt32: Int64], tombstonesBefore: Int64) {
        self.topics = topics
        self.nextOffsets = nextOffsets
        self.tombstonesBefore = tombstonesBefore
    }

    /// Takes in a section; sections come in the order of the log.
    mutating func note(_ topic: UInt32, _ header: SectionHeader, _ bytes: UnsafeRawBufferPointer) {
        header.forEachRecord(bytes) { index, layout in
            guard let range = layout.key else { return true }
            let key = Key(topic: topic, bytes: Array(bytes[range]))
            let sequence = header.sequence + Int64(index)
            if newest[key] != nil {
                newest[key] = Newest(sequence: sequence, isOnly: false)
            } else if newest.count < Self.maxKeys {
                newest[key] = Newest(sequence: sequence, isOnly: true)
            }
            return true
        }
    }

    /// The records of a section that stay, and what goes with the others.
    func kept(_ topic: UInt32, _ header: SectionHeader, _ bytes: UnsafeRawBufferPointer)
        -> (runs: [Range<Int>], droppedRecords: Int, droppedBytes: Int)
    {
        var runs: [Range<Int>] = []
        var dropped = (records: 0, bytes: 0)
        var start = header.headLength
        header.forEachRecord(bytes) { index, layout in
            defer { start = layout.end }
            guard isDropped(topic, header, index, layout, bytes) else {
                if let last = runs.last, last.upperBound == index {
                    runs[runs.count - 1] = last.lowerBound..<index + 1
                } else {
                    runs.append(index..<index + 1)
                }
                return true
            }
            dropped.records += 1
            dropped.bytes += layout.end - start
            return true
        }
        if runs.isEmpty { dropped.bytes = header.length }
        return (runs, dropped.records, dropped.bytes)
    }

    private func isDropped(
        _ topic: UInt32, _ header: SectionHeader, _ index: Int, _ layout: RecordCodec.Layout, _ bytes: UnsafeRawBufferPointer
    ) -> Bool {
        guard let range = layout.key, let newest = newest[Key(topic: topic, bytes: Array(bytes[range]))] else { return false }
        if header.baseOffset + Int64(index) + 1 >= nextOffsets[topic] ?? 0 { return false }
        if header.sequence + Int64(index) < newest.sequence { return true }
        // The last word on a key that is gone stays as long as there is anything older that it answers.
        return layout.value.isEmpty && newest.isOnly && header.timestampMs < tombstonesBefore
    }
}
