import TowerStreaming

/// The file `groups.tbl`: where consumer groups stand. Two copies a group, written in turn, so that a torn write leaves
/// the one before. Overwritten in place on a zero-filled file, so that a commit's sync touches no metadata.
///
/// - Concurrency: the writer's thread only.
final class GroupFile {
    static let copySize = 1024
    static let magic: UInt32 = 0x3147_5754  // "TWG1"
    private static let growth = 32 * 2 * copySize

    private struct Slot {
        var index: Int
        var version: UInt64
    }
    private let file: any DiskFile
    private var size: Int64
    private var slots: [String: Slot] = [:]
    /// Groups written since the last sync.
    private var unsynced: Set<String> = []

    struct Opened {
        var file: GroupFile
        var groups: [GroupTable.Group]
        /// Copies that are neither empty nor whole.
        var damaged: [(start: Int64, end: Int64)]
    }

    static func open(_ disk: any Disk, directory: String, exists: Bool, isReadOnly: Bool) throws(DiskError) -> Opened? {
        let path = directory + "/groups.tbl"
        if isReadOnly, !exists { return nil }
        let file = try disk.open(path, isReadOnly ? .read : exists ? .readWrite : .create)
        // Also when it exists: whoever made it may have ended before this.
        if !isReadOnly { try disk.syncDirectory(directory) }
        let opened = GroupFile(file: file, size: try file.size())
        let content = UnsafeMutableRawBufferPointer.allocate(byteCount: Int(opened.size), alignment: 8)
        defer { content.deallocate() }
        let count = try file.read(into: content, at: 0)
        let (groups, damaged) = opened.load(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(content)[..<count]))
        if !isReadOnly, count > 0 {
            // What a killed process or a failed sync left may be in the page cache only. Were it taken for durable, the next
            // commit would overwrite the only copy that is.
            try file.write([UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(content)[..<count])], at: 0)
            try file.sync()
        }
        return Opened(file: opened, groups: groups, damaged: damaged)
    }

    private init(file: any DiskFile, size: Int64) {
        self.file = file
        self.size = size
    }

    private func load(_ content: UnsafeRawBufferPointer) -> ([GroupTable.Group], [(start: Int64, end: Int64)]) {
        var newest: [String: GroupTable.Group] = [:]
        var damaged: [(Int64, Int64)] = []
        for copy in 0..<content.count / Self.copySize {
            let bytes = UnsafeRawBufferPointer(rebasing: content[copy * Self.copySize..<(copy + 1) * Self.copySize])
            guard let (group, version) = Self.decode(bytes) else {
                if bytes.contains(where: { $0 != 0 }) {
                    damaged.append((Int64(copy * Self.copySize), Int64((copy + 1) * Self.copySize)))
                }
                continue
            }
            if let known = slots[group.name], known.version >= version { continue }
            slots[group.name] = Slot(index: copy / 2, version: version)
            newest[group.name] = group
        }
        return (newest.values.sorted { $0.name < $1.name }, damaged)
    }

    /// Writes a group's state over its older copy.
    func write(_ group: GroupTable.Group) throws(DiskError) {
        var slot = slots[group.name] ?? Slot(index: (slots.values.map(\.index).max() ?? -1) + 1, version: 0)
        // A second time before the sync it goes over the same copy: the other one is the last that is durable.
        slot.version += unsynced.contains(group.name) ? 2 : 1
        let position = Int64(slot.index * 2 * Self.copySize) + Int64(slot.version % 2) * Int64(Self.copySize)
        if position + Int64(Self.copySize) > size {
            try SegmentFactory.zeroFill(file, from: size, count: Self.growth)
            size += Int64(Self.growth)
        }
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.copySize, alignment: 8)
        defer { copy.deallocate() }
        Self.encode(group, version: slot.version, to: copy)
        try file.write([UnsafeRawBufferPointer(copy)], at: position)
        slots[group.name] = slot
        unsynced.insert(group.name)
    }

    func sync() throws(DiskError) {
        guard !unsynced.isEmpty else { return }
        try file.sync()
        unsynced.removeAll(keepingCapacity: true)
    }

    private static func encode(_ group: GroupTable.Group, version: UInt64, to copy: UnsafeMutableRawBufferPointer) {
        copy.initializeMemory(as: UInt8.self, repeating: 0)
        guard let base = copy.baseAddress else { return }
        base.put(magic, 0)
        base.put(version, 8)
        base.put(group.committed.sequence, 16)
        base.put(group.epoch, 24)
        base.put(UInt8(group.name.utf8.count), 32)
        base.put(UInt8(group.patterns.count), 33)
        var at = 40
        for byte in group.name.utf8 {
            base.put(byte, at)
            at += 1
        }
        for pattern in group.patterns {
            base.put(UInt8(pattern.text.utf8.count), at)
            at += 1
            for byte in pattern.text.utf8 {
                base.put(byte, at)
                at += 1
            }
        }
        base.put(UnsafeRawPointer(base).checksum(8..<copySize), 4)
    }

    private static func decode(_ bytes: UnsafeRawBufferPointer) -> (GroupTable.Group, UInt64)? {
        guard let base = bytes.baseAddress, base.integer(0, as: UInt32.self) == magic,
            base.integer(4, as: UInt32.self) == base.checksum(8..<copySize)
        else { return nil }
        var at = 40
        func text(_ count: Int) -> String? {
            guard at + count <= bytes.count else { return nil }
            defer { at += count }
            return String(decoding: bytes[at..<at + count], as: UTF8.self)
        }
        guard let name = text(Int(bytes[32])) else { return nil }
        var patterns: [TopicPattern] = []
        for _ in 0..<bytes[33] {
            guard at < bytes.count else { return nil }
            at += 1
            guard let pattern = text(Int(bytes[at - 1])) else { return nil }
            patterns.append(TopicPattern(pattern))
        }
        let group = GroupTable.Group(
            name: name, patterns: patterns, committed: LogCursor(sequence: base.integer(16)), epoch: base.integer(24), members: 0)
        return (group, base.integer(8))
    }
}
