import TowerStreaming

/// Writes chunks behind a chain. Touched by one thread at a time.
///
/// After the first refused call it writes nothing more: what was written stays good, and the next start reads the rest from
/// the log.
final class KeyFileWriter: @unchecked Sendable {
    private let disk: any Disk
    private let directory: String
    private let secret: WideKey
    /// A file that has as many is not gone on in.
    private let keysPerFile: Int
    private let memory = AlignedMemory(count: KeyBlockHeader.length(keys: KeyBlockHeader.maxKeys))

    private var file: (any DiskFile)?
    private var number: Int64
    private var position: Int64 = 0
    private var keys = 0
    private var through: Int64
    /// Not of the chain; removed before anything is written.
    private var strays: [String]
    /// Files of the chain, oldest first, that one being written included.
    private var paths: [String]
    /// Must lose what lies behind `position` before anything is written.
    private var hasDebris: Bool
    private(set) var failure: DiskError?

    /// Goes on behind `chain`.
    init(_ disk: any Disk, directory: String, chain: KeyChain, secret: WideKey, keysPerFile: Int) {
        self.disk = disk
        self.directory = directory
        self.secret = secret
        self.keysPerFile = max(keysPerFile, 1)
        file = chain.files.last?.file
        number = chain.files.last?.header.number ?? 0
        position = chain.files.last?.end ?? 0
        keys = chain.newestCount
        through = chain.extent?.through ?? 0
        strays = chain.strays
        paths = chain.files.map(\.path)
        hasDebris = true
    }

    /// Forgets the chain: the next chunk begins another.
    func restart(from sequence: Int64) {
        strays += paths
        paths = []
        file = nil
        keys = 0
        through = sequence
    }

    func write(_ chunk: KeyChunk) {
        guard failure == nil, chunk.count > 0 else { return }
        do throws(DiskError) {
            try clean()
            var start = 0
            while start < chunk.count {
                let end = min(start + KeyBlockHeader.maxKeys, chunk.count)
                if file == nil || keys >= keysPerFile { try begin() }
                try write(chunk, start..<end, through: end == chunk.count ? max(chunk.through, through) : through)
                start = end
            }
        } catch {
            failure = error
        }
    }

    /// Makes what was written survive a power cut.
    func sync() {
        guard failure == nil, let file, !paths.isEmpty else { return }
        do throws(DiskError) { try file.sync() } catch { failure = error }
    }

    /// Removes what is not of the chain, so that no later start can take it for a part of it.
    private func clean() throws(DiskError) {
        if !strays.isEmpty {
            for path in strays.reversed() { try disk.remove(path) }
            strays = []
            try disk.syncDirectory(directory)
        }
        if hasDebris, let file { try file.truncate(to: position) }
        hasDebris = false
    }

    /// Begins the next file, and removes those that only repeat what is old.
    private func begin() throws(DiskError) {
        if let file { try file.sync() }
        number += 1
        let path = directory + "/" + KeyFileHeader.fileName(number)
        let made = try disk.open(path, .create)
        let head = UnsafeMutableRawBufferPointer(rebasing: memory.bytes[..<KeyFileHeader.alignment])
        head.initializeMemory(as: UInt8.self, repeating: 0)
        if let base = head.baseAddress { KeyFileHeader(number: number, secret: secret).write(to: base) }
        try made.write([UnsafeRawBufferPointer(head)], at: 0)
        try disk.syncDirectory(directory)
        for old in paths.dropLast() { try disk.remove(old) }
        paths = paths.suffix(1) + [path]
        file = made
        position = Int64(KeyFileHeader.alignment)
        keys = 0
    }

    private func write(_ chunk: KeyChunk, _ range: Range<Int>, through: Int64) throws(DiskError) {
        let length = KeyBlockHeader.length(keys: range.count)
        let block = UnsafeMutableRawBufferPointer(rebasing: memory.bytes[..<length])
        guard let file, let base = block.baseAddress else { return }
        let end = KeyBlockHeader.size + range.count * 16
        for (index, word) in chunk.words[range.lowerBound * 2..<range.upperBound * 2].enumerated() {
            base.put(word, KeyBlockHeader.size + index * 8)
        }
        UnsafeMutableRawBufferPointer(rebasing: block[end...]).initializeMemory(as: UInt8.self, repeating: 0)
        KeyBlockHeader(
            count: range.count, checksum: UnsafeRawPointer(base).checksum(KeyBlockHeader.size..<end), fileNumber: number,
            from: self.through, through: through, last: chunk.last, witness: chunk.witness
        ).write(to: base)
        try file.write([UnsafeRawBufferPointer(block)], at: position)
        position += Int64(length)
        keys += range.count
        self.through = through
    }
}
