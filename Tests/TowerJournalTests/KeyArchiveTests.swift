import Glibc
import Testing
import TowerStreaming
import TowerTestKit
@testable import TowerJournal

/// Key files on a disk that tears, flips and forgets.
@Suite struct KeyArchiveTests {
    static let folder = "/data/ids"
    static let secret = WideKey(high: 0x0102_0304_0506_0708, low: 0x1112_1314_1516_1718)

    static func open(_ disk: FaultyDisk, keysPerFile: Int = 1000) throws -> DiskKeyArchive {
        try DiskKeyArchive(directory: folder, newSecret: secret, keysPerFile: keysPerFile, isInline: true, disk: disk)
    }

    /// Chunk `number` of `count` keys, complete.
    static func chunk(_ number: Int, count: Int = 5) -> KeyChunk {
        let first = number * count
        let words = (first..<first + count).flatMap { [UInt64($0) &* 0x9E37_79B9_7F4A_7C15, UInt64($0)] }
        let last = first + count - 1
        return KeyChunk(
            words: words, through: Int64(last + 1), last: Int64(last),
            witness: WideKey(high: words[words.count - 2], low: words[words.count - 1]))
    }

    static func words(_ archive: DiskKeyArchive, newest: Int = .max) -> [UInt64] {
        var words: [UInt64] = []
        _ = archive.read(newest: newest) { words += $0 }
        return words
    }

    static func filled(_ chunks: Int, keysPerFile: Int = 1000) async throws -> FaultyDisk {
        let disk = FaultyDisk()
        let archive = try open(disk, keysPerFile: keysPerFile)
        for number in 0..<chunks { archive.append(chunk(number)) }
        await archive.close()
        return disk
    }

    @Test("what was appended is read again, and gone on with")
    func roundTrip() async throws {
        let disk = try await Self.filled(3)
        let archive = try Self.open(disk)
        #expect(archive.secret == Self.secret && archive.trouble == nil)
        let last = Self.chunk(2)
        #expect(archive.extent == KeyExtent(keys: 15, from: 0, through: 15, last: 14, witness: last.witness))
        #expect(Self.words(archive) == (0..<3).flatMap { Self.chunk($0).words })
        #expect(Self.words(archive, newest: 6) == (1..<3).flatMap { Self.chunk($0).words })
        archive.append(Self.chunk(3))
        await archive.close()
        let again = try Self.open(disk)
        #expect(Self.words(again) == (0..<4).flatMap { Self.chunk($0).words } && again.extent?.through == 20)
    }

    @Test("a full file is followed by another, and one full file is kept")
    func rotates() async throws {
        for chunks in 1...12 {
            let disk = try await Self.filled(chunks, keysPerFile: 10)
            let files = (chunks + 1) / 2
            #expect(disk.paths == (max(1, files - 1)...files).map { Self.folder + "/" + KeyFileHeader.fileName(Int64($0)) })
            let archive = try Self.open(disk, keysPerFile: 10)
            let first = max(0, (files - 2) * 2)
            #expect(Self.words(archive) == (first..<chunks).flatMap { Self.chunk($0).words })
            #expect(archive.extent?.from == Int64(first * 5) && archive.trouble == nil)
        }
    }

    @Test("a chunk larger than a block is several blocks, the last of which says what is complete")
    func splits() async throws {
        let disk = FaultyDisk()
        let archive = try Self.open(disk, keysPerFile: 1 << 20)
        archive.append(Self.chunk(0, count: 3))
        let large = Self.chunk(0, count: KeyBlockHeader.maxKeys * 2 + 1)
        archive.append(large)
        let again = try Self.open(disk)
        #expect(again.extent?.keys == 3 + large.count && again.extent?.through == large.through)
        let isSame = Self.words(again) == Self.chunk(0, count: 3).words + large.words
        #expect(isSame)
        let path = try #require(disk.paths.last)
        disk.setContent(path, Array(disk.content(path).dropLast(KeyFileHeader.alignment)))
        #expect(try Self.open(disk).extent?.through == 3)
    }

    @Test("a file cut at any byte gives the blocks before the cut")
    func tornAnywhere() async throws {
        let disk = try await Self.filled(3)
        let path = try #require(disk.paths.first)
        let content = disk.content(path)
        let block = KeyBlockHeader.length(keys: 5)
        // Every byte that means something, and some of the zeros behind.
        for size in 0..<content.count where size % block <= KeyBlockHeader.size + 5 * 16 || size % 61 == 0 || size % block == block - 1 {
            let torn = FaultyDisk()
            torn.setContent(path, Array(content[..<size]))
            let archive = try Self.open(torn)
            let whole = max(0, (size - KeyFileHeader.alignment) / block)
            #expect(Self.words(archive) == (0..<whole).flatMap { Self.chunk($0).words })
            #expect(archive.extent?.through == (whole == 0 ? nil : Int64(whole * 5)))
            // At a block's end nothing is amiss: it was not written further.
            #expect((archive.trouble == nil) == (size >= KeyFileHeader.size && (size < block || size % block == 0)), "\(size) bytes")
            // And it is gone on with behind the last whole block.
            var next = Self.chunk(whole)
            if whole == 0 { archive.restart(from: 0) }
            next.through += 1
            archive.append(next)
            #expect(try Self.words(Self.open(torn)) == (0...whole).flatMap { Self.chunk($0).words })
        }
    }

    @Test("any bit that turned round ends the chain before its block, or lies in bytes that mean nothing")
    func flippedAnywhere() async throws {
        let disk = try await Self.filled(3)
        let path = try #require(disk.paths.first)
        let content = disk.content(path)
        let block = KeyBlockHeader.length(keys: 5)
        let meaning = KeyBlockHeader.size + 5 * 16
        for start in stride(from: 0, to: content.count, by: block) {
            let size = start == 0 ? KeyFileHeader.size : meaning
            for bit in start * 8..<(start + size + 8) * 8 {
                let flipped = FaultyDisk()
                flipped.setContent(path, content)
                flipped.flip(path, bit: bit)
                let archive = try Self.open(flipped)
                let isNoise = bit >= (start + size) * 8
                let whole = isNoise ? 3 : start == 0 ? 0 : start / block - 1
                #expect(Self.words(archive) == (0..<whole).flatMap { Self.chunk($0).words }, "bit \(bit)")
                #expect((archive.trouble == nil) == isNoise, "bit \(bit)")
                #expect(archive.extent?.through == (whole == 0 ? nil : Int64(whole * 5)), "bit \(bit)")
            }
        }
    }

    /// How a folder can be wrong, and how many chunks of the first file are still believed.
    static let wrongFolders: [(name: String, believed: Int)] = [
        ("middle file missing", 2), ("file under another number", 2), ("file of another secret", 2), ("blocks of another file", 2),
        ("first file without a head", 0), ("newer version", 0),
    ]

    @Test("files that do not continue one another are not a chain", arguments: wrongFolders)
    func mixtures(_ mixture: (name: String, believed: Int)) async throws {
        // Three files, of which rotation would have kept two.
        let disk = FaultyDisk()
        let names = (1...3).map { Self.folder + "/" + KeyFileHeader.fileName(Int64($0)) }
        let full = FaultyDisk()
        let archive = try Self.open(full, keysPerFile: 10)
        for number in 0..<6 {
            archive.append(Self.chunk(number))
            if number % 2 == 1 { disk.setContent(names[number / 2], full.content(names[number / 2])) }
        }
        #expect(try Self.words(Self.open(disk)) == (0..<6).flatMap { Self.chunk($0).words })
        switch mixture.name {
        case "middle file missing": try disk.remove(names[1])
        case "file under another number": disk.setContent(names[1], disk.content(names[2]))
        case "file of another secret":
            let other = FaultyDisk()
            let foreign = try DiskKeyArchive(
                directory: Self.folder, newSecret: WideKey(high: 1, low: 2), keysPerFile: 10, isInline: true, disk: other)
            for number in 0..<4 { foreign.append(Self.chunk(number)) }
            disk.setContent(names[1], other.content(names[1]))
        case "blocks of another file":
            let head = disk.content(names[1])[..<KeyFileHeader.alignment]
            disk.setContent(names[1], Array(head) + Array(disk.content(names[2])[KeyFileHeader.alignment...]))
        case "first file without a head": disk.setContent(names[0], [UInt8](repeating: 0, count: 8192))
        default:
            var content = disk.content(names[0])
            content[12] = 2
            let checksum = content.withUnsafeBytes { $0.baseAddress?.checksum(12..<KeyFileHeader.size) }
            try #require(checksum != nil)
            withUnsafeBytes(of: (checksum ?? 0).littleEndian) { content.replaceSubrange(8..<12, with: $0) }
            disk.setContent(names[0], content)
        }
        let found = try Self.open(disk, keysPerFile: 10)
        #expect(Self.words(found) == (0..<mixture.believed).flatMap { Self.chunk($0).words })
        #expect(found.trouble != nil)
        // What was not believed is gone before anything new is there.
        found.restart(from: 40)
        found.append(Self.chunk(8))
        let again = try Self.open(disk, keysPerFile: 10)
        #expect(Self.words(again) == Self.chunk(8).words && again.extent?.from == 40 && again.trouble == nil)
    }

    @Test("whichever call is refused, what is read later is a beginning of what was appended", arguments: [false, true])
    func refusedCalls(_ isFull: Bool) async throws {
        let calls = try await Self.filled(7, keysPerFile: 10).calls
        for call in 1...calls {
            let disk = FaultyDisk()
            disk.fail(call: call, with: isFull ? .short(ENOSPC) : .error(EIO))
            var appended = 0
            do throws(EventLogError) {
                let archive = try DiskKeyArchive(
                    directory: Self.folder, newSecret: Self.secret, keysPerFile: 10, isInline: true, disk: disk)
                for number in 0..<7 {
                    archive.append(Self.chunk(number))
                    if archive.trouble == nil { appended = number + 1 }
                }
                await archive.close()
                #expect(archive.trouble != nil)
            } catch {
                #expect(error.code == (isFull ? .diskFull : .io))
            }
            for survival in [FaultyDisk.Survival.everything, .synced, .random(seed: UInt64(call))] {
                let words = try Self.words(Self.open(disk.restarted(survival), keysPerFile: 10))
                let all = (0..<7).flatMap { Self.chunk($0).words }
                let first = words.isEmpty ? 0 : try #require(all.firstIndex(of: words[0]))
                #expect(Array(all[first..<first + words.count]) == words, "call \(call)")
                if case .everything = survival, appended > 0 {
                    #expect(first + words.count >= min(appended, 7) * 10, "call \(call)")
                }
            }
        }
    }

    @Test("files are in the stated bytes")
    func bytes() async throws {
        let disk = try await Self.filled(1)
        let content = disk.content(Self.folder + "/0000000001.keys")
        #expect(content.count == 8192)
        #expect(Array(content[..<8]) == Array("TOWERKEY".utf8) && Array(content[12..<24]) == [1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0])
        #expect(Array(content[24..<40]) == [8, 7, 6, 5, 4, 3, 2, 1, 0x18, 0x17, 0x16, 0x15, 0x14, 0x13, 0x12, 0x11])
        let block = Array(content[4096...])
        #expect(Array(block[..<4]) == Array("TWK1".utf8) && Array(block[8..<12]) == [5, 0, 0, 0])
        #expect(block[16] == 1 && block[24] == 0 && block[32] == 5 && block[40] == 4)
        #expect(Array(block[48..<64]) == Array(block[128..<144]))
        #expect(block[144...].allSatisfy { $0 == 0 })
    }

    @Test("a thread writes what is handed over, and closing waits for it")
    func thread() async throws {
        let disk = FaultyDisk()
        let archive = try DiskKeyArchive(directory: Self.folder, newSecret: Self.secret, keysPerFile: 1000, disk: disk)
        for number in 0..<20 { archive.append(Self.chunk(number)) }
        await archive.close()
        #expect(try Self.words(Self.open(disk.restarted(.synced))) == (0..<20).flatMap { Self.chunk($0).words })
        archive.append(Self.chunk(20))
        await archive.close()
        #expect(try Self.open(disk).extent?.keys == 100)
    }
}
