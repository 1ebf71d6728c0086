import TowerStreaming

/// The whole blocks of a folder's key files, from the oldest on, as long as each continues the one before.
///
/// A block that does not ends the chain, and so does anything amiss in a file: what would follow is not believed.
struct KeyChain {
    struct Block {
        /// Index in `files`.
        var file: Int
        var position: Int64
        var header: KeyBlockHeader
    }
    struct File {
        var header: KeyFileHeader
        var path: String
        var file: any DiskFile
        /// Where its blocks of the chain end.
        var end: Int64
    }

    private(set) var files: [File] = []
    private(set) var blocks: [Block] = []
    /// Paths of files that are not of the chain, to be removed before it grows.
    private(set) var strays: [String] = []
    private(set) var trouble: String?

    var extent: KeyExtent? {
        guard let first = blocks.first, let last = blocks.last else { return nil }
        return KeyExtent(
            keys: blocks.reduce(0) { $0 + $1.header.count }, from: first.header.from, through: last.header.through,
            last: last.header.last, witness: last.header.witness)
    }

    /// Keys in the newest file.
    var newestCount: Int { blocks.reduce(0) { $1.file == files.count - 1 ? $0 + $1.header.count : $0 } }

    init(_ disk: any Disk, directory: String) throws(DiskError) {
        let numbers = try disk.files(in: directory).compactMap(KeyFileHeader.number).sorted()
        var isWhole = true
        for number in numbers {
            let path = directory + "/" + KeyFileHeader.fileName(number)
            guard isWhole else {
                strays.append(path)
                continue
            }
            isWhole = try add(disk.open(path, .readWrite), path, number)
        }
    }

    /// Takes a file in; false when the chain ends in it.
    private mutating func add(_ file: any DiskFile, _ path: String, _ number: Int64) throws(DiskError) -> Bool {
        let size = try file.size()
        let head = try file.bytes(at: 0, count: KeyFileHeader.size)
        guard let header = head.withUnsafeBytes({ KeyFileHeader($0) }), header.number == number else {
            strays.append(path)
            trouble = "\(path) does not begin as a file of keys"
            return false
        }
        if let before = files.last, header.number != before.header.number + 1 || header.secret != before.header.secret {
            strays.append(path)
            trouble = "\(path) does not continue the file before it"
            return false
        }
        files.append(File(header: header, path: path, file: file, end: Int64(KeyFileHeader.alignment)))
        var at = Int64(KeyFileHeader.alignment)
        while at < size {
            let bytes = try file.bytes(at: at, count: KeyBlockHeader.size)
            guard let block = bytes.withUnsafeBytes({ KeyBlockHeader($0) }), block.fileNumber == number,
                at + Int64(block.length) <= size
            else {
                trouble = "\(path) has no whole block at byte \(at)"
                return false
            }
            if let before = blocks.last?.header, block.from != before.through || block.last < before.last {
                trouble = "the block of \(path) at byte \(at) does not continue the one before it"
                return false
            }
            blocks.append(Block(file: files.count - 1, position: at, header: block))
            at += Int64(block.length)
            files[files.count - 1].end = at
        }
        return true
    }

    /// Reads the newest blocks with at least `newest` keys, or all. Ends the chain before one that is not whole.
    mutating func read(newest: Int, _ body: (UnsafeBufferPointer<UInt64>) -> Void) {
        var first = blocks.count
        var keys = 0
        while first > 0, keys < newest {
            first -= 1
            keys += blocks[first].header.count
        }
        let memory = AlignedMemory(count: KeyBlockHeader.length(keys: KeyBlockHeader.maxKeys))
        for index in first..<blocks.count {
            let block = blocks[index]
            let target = UnsafeMutableRawBufferPointer(rebasing: memory.bytes[..<block.header.length])
            guard (try? files[block.file].file.read(into: target, at: block.position)) == block.header.length,
                let base = target.baseAddress,
                UnsafeRawPointer(base).checksum(KeyBlockHeader.size..<KeyBlockHeader.size + block.header.count * 16) == block.header.checksum
            else {
                cut(at: index, "the keys of \(files[block.file].path) at byte \(block.position) do not match their checksum")
                return
            }
            let words = (base + KeyBlockHeader.size).bindMemory(to: UInt64.self, capacity: block.header.count * 2)
            for word in 0..<block.header.count * 2 { words[word] = UInt64(littleEndian: words[word]) }
            body(UnsafeBufferPointer(start: words, count: block.header.count * 2))
        }
    }

    /// Ends the chain before a block.
    private mutating func cut(at index: Int, _ reason: String) {
        trouble = reason
        let block = blocks[index]
        blocks.removeSubrange(index...)
        strays += files[(block.file + 1)...].map(\.path)
        files.removeSubrange((block.file + 1)...)
        files[block.file].end = block.position
    }
}
