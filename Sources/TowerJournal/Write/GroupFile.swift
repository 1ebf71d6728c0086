import TowerStreaming

/// The file `groups.tbl`: where consumer groups stand. Two copies a group, written in turn, so that a torn write leaves
/// the one before. Overwritten in place on a zero-filled file, so that a commit's sync touches no metadata.
///
/// A copy is of version 1 as long as that can say everything, so that an older program reads it; of version 2 while the group
/// is paused or its slots stand at different places.
///
/// - Concurrency: the writer's thread only.
final class GroupFile {
    static let copySize = 1024
    static let magic: UInt32 = 0x3147_5754  // "TWG1"
    static let magic2: UInt32 = 0x3247_5754  // "TWG2"
    /// Where the slots' distances lie, 6 bytes each, up to the end of the copy.
    static let aheadStart = copySize - aheadBytes * GroupSlots.count
    static let aheadBytes = 6
    static let pausedFlag: UInt8 = 1
    static let aheadFlag: UInt8 = 2
    private static let growth = 32 * 2 * copySize

    private struct Slot {
        var index: Int
        var version: UInt64
        /// Of the state written last by this process.
        var revision: Int64 = 0
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

    /// Writes a group's state over its older copy. A state that a newer one overtook on its way here is in that one already.
    func write(_ group: GroupTable.Group) throws(DiskError) {
        var slot = slots[group.name] ?? Slot(index: (slots.values.map(\.index).max() ?? -1) + 1, version: 0)
        guard group.revision == 0 || group.revision > slot.revision else { return }
        slot.revision = group.revision
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
}
