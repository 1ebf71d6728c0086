import TowerStreaming

/// One copy of a group's state in bytes: docs/formats/journal.md, "groups.tbl".
extension GroupFile {
    static func encode(_ group: GroupTable.Group, version: UInt64, to copy: UnsafeMutableRawBufferPointer) {
        copy.initializeMemory(as: UInt8.self, repeating: 0)
        guard let base = copy.baseAddress else { return }
        let flags = (group.isPaused ? pausedFlag : 0) | (group.ahead.isEmpty ? 0 : aheadFlag)
        base.put(flags == 0 ? magic : magic2, 0)
        base.put(version, 8)
        base.put(group.committed.sequence, 16)
        base.put(group.epoch, 24)
        base.put(UInt8(group.name.utf8.count), 32)
        base.put(UInt8(group.patterns.count), 33)
        base.put(flags, 34)
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
        for (slot, distance) in group.ahead.enumerated() {
            for byte in 0..<aheadBytes {
                base.put(UInt8(truncatingIfNeeded: distance >> Int64(8 * byte)), aheadStart + slot * aheadBytes + byte)
            }
        }
        base.put(UnsafeRawPointer(base).checksum(8..<copySize), 4)
    }

    static func decode(_ bytes: UnsafeRawBufferPointer) -> (GroupTable.Group, UInt64)? {
        guard let base = bytes.baseAddress, [magic, magic2].contains(base.integer(0, as: UInt32.self)),
            base.integer(4, as: UInt32.self) == base.checksum(8..<copySize)
        else { return nil }
        let flags = base.integer(0, as: UInt32.self) == magic2 ? bytes[34] : 0
        let end = flags & aheadFlag == 0 ? bytes.count : aheadStart
        var at = 40
        func text(_ count: Int) -> String? {
            guard at + count <= end else { return nil }
            defer { at += count }
            return String(decoding: bytes[at..<at + count], as: UTF8.self)
        }
        guard let name = text(Int(bytes[32])) else { return nil }
        var patterns: [TopicPattern] = []
        for _ in 0..<bytes[33] {
            guard at < end else { return nil }
            at += 1
            guard let pattern = text(Int(bytes[at - 1])) else { return nil }
            patterns.append(TopicPattern(pattern))
        }
        let group = GroupTable.Group(
            name: name, patterns: patterns, committed: LogCursor(sequence: base.integer(16)),
            ahead: flags & aheadFlag == 0 ? [] : distances(bytes), epoch: base.integer(24), isPaused: flags & pausedFlag != 0)
        return (group, base.integer(8))
    }

    private static func distances(_ bytes: UnsafeRawBufferPointer) -> [Int64] {
        (0..<GroupSlots.count).map { slot in
            (0..<aheadBytes).reduce(0) { $0 | Int64(bytes[aheadStart + slot * aheadBytes + $1]) << Int64(8 * $1) }
        }
    }
}
