import TowerStreaming

/// The topics that are compacted, in the file `topics.tbl`: replaced as a whole, by renaming.
///
/// A file that is damaged counts as empty: then nothing is compacted, which loses nothing.
struct TopicPolicies {
    static let fileName = "topics.tbl"
    static let magic: UInt32 = 0x3154_5754  // "TWT1"
    static let headerSize = 16
    /// Bound of a list that is rewritten at every change.
    static let maxTopics = 10_000

    private(set) var compacted: Set<TopicName> = []
    private(set) var isDamaged = false

    static func load(_ disk: any Disk, directory: String) throws(DiskError) -> TopicPolicies {
        let file = try disk.open(directory + "/" + fileName, .read)
        let bytes = try file.bytes(at: 0, count: Int(min(try file.size(), Int64(headerSize + maxTopics * (TopicName.maxBytes + 2)))))
        var policies = TopicPolicies()
        if let names = bytes.withUnsafeBytes({ parse($0) }) { policies.compacted = names } else { policies.isDamaged = true }
        return policies
    }

    mutating func set(_ topic: TopicName, _ configuration: TopicConfiguration) {
        if configuration.cleanup == .compact { compacted.insert(topic) } else { compacted.remove(topic) }
    }

    func save(_ disk: any Disk, directory: String) throws(DiskError) {
        var bytes = [UInt8](repeating: 0, count: Self.headerSize)
        for name in compacted.sorted() {
            bytes.append(1)
            bytes.append(UInt8(name.rawValue.utf8.count))
            bytes.append(contentsOf: name.rawValue.utf8)
        }
        bytes.withUnsafeMutableBytes { buffer in
            guard let base = buffer.baseAddress else { return }
            base.put(Self.magic, 0)
            base.put(UInt16(1), 8)
            base.put(UInt32(compacted.count), 12)
            base.put(UnsafeRawPointer(base).checksum(8..<buffer.count), 4)
        }
        let path = directory + "/" + Self.fileName
        let temporary = path + SegmentHeader.temporarySuffix
        let file = try disk.open(temporary, .create)
        try file.write(bytes, at: 0)
        try file.sync()
        try disk.rename(temporary, to: path)
        try disk.syncDirectory(directory)
    }

    private static func parse(_ bytes: UnsafeRawBufferPointer) -> Set<TopicName>? {
        guard bytes.count >= headerSize, let base = bytes.baseAddress, base.integer(0, as: UInt32.self) == magic,
            base.integer(4, as: UInt32.self) == base.checksum(8..<bytes.count), base.integer(8, as: UInt16.self) == 1
        else { return nil }
        var names: Set<TopicName> = []
        var at = headerSize
        while at + 2 <= bytes.count {
            let length = Int(base.integer(at + 1, as: UInt8.self))
            guard at + 2 + length <= bytes.count else { return nil }
            if base.integer(at, as: UInt8.self) == 1 {
                names.insert(TopicName(String(decoding: bytes[at + 2..<at + 2 + length], as: UTF8.self)))
            }
            at += 2 + length
        }
        return names
    }
}
