import Testing
@testable import TowerIngest

@Suite struct InflateTests {
    /// `hello hello hello\n` as gzip 1.12 writes it (`printf … | gzip -n -9`).
    static let hello: [UInt8] = [
        0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0x57, 0xc8, 0x40, 0x90, 0x5c,
        0x00, 0x3b, 0x7c, 0x8a, 0xdf, 0x12, 0x00, 0x00, 0x00,
    ]

    static func inflate(_ bytes: [UInt8], maxBytes: Int = 1 << 20, maxRatio: Int = 300) -> Result<[UInt8], IngestError> {
        do throws(IngestError) { return .success(try Inflate.gzip(bytes, maxBytes: maxBytes, maxRatio: maxRatio)) } catch {
            return .failure(error)
        }
    }

    @Test("a member is unpacked, and members one behind the other are one text")
    func unpacks() throws {
        let text = Array("hello hello hello\n".utf8)
        #expect(try Self.inflate(Self.hello).get() == text)
        #expect(try Self.inflate(Self.hello + Self.hello + Self.hello).get() == text + text + text)
    }

    @Test("every truncation and every flipped byte of the checksum is refused")
    func refusesDamage() {
        for length in 0..<Self.hello.count {
            guard case .failure(let error) = Self.inflate(Array(Self.hello[..<length])) else {
                Issue.record("\(length) bytes were taken")
                continue
            }
            #expect(error.code == .brokenCompression && error.status == 400)
        }
        for index in Self.hello.count - 8..<Self.hello.count {
            var damaged = Self.hello
            damaged[index] ^= 1
            guard case .failure = Self.inflate(damaged) else {
                Issue.record("byte \(index) may change")
                continue
            }
        }
        for tail in [[0], [0x1F, 0x8B], Array("x".utf8)] as [[UInt8]] {
            guard case .failure = Self.inflate(Self.hello + tail) else {
                Issue.record("\(tail) may follow")
                continue
            }
        }
    }

    @Test("a bomb is refused at the bound, by size and by ratio")
    func stopsBombs() {
        let bomb = Gzip.zeros(megabytes: 8)
        #expect(bomb.count < 9000)
        guard case .failure(let bySize) = Self.inflate(bomb, maxBytes: 5 << 20, maxRatio: 100_000) else {
            Issue.record("the bomb was unpacked")
            return
        }
        #expect(bySize.code == .tooLarge && bySize.status == 413)
        guard case .failure(let byRatio) = Self.inflate(bomb, maxBytes: 1 << 30, maxRatio: 300) else {
            Issue.record("the bomb was unpacked")
            return
        }
        #expect(byRatio.code == .tooLarge && byRatio.message.contains("300 times"))
        #expect((try? Self.inflate(bomb, maxBytes: 1 << 30, maxRatio: 2000).get())?.count == 8 << 20)
    }

    @Test("the door unpacks, and refuses a bomb without touching the log")
    func doorUnpacks() async throws {
        let fixture = Fixture()
        let error = await #expect(throws: IngestError.self) {
            try await fixture.ingest(Gzip.zeros(megabytes: 8), encoding: "gzip")
        }
        #expect(error?.status == 413 && fixture.log.appends == 0)
        let body = (0..<100).map { Fixture.event($0) }.joined(separator: "\n")
        #expect(try await fixture.ingest(Gzip.stored(Array(body.utf8)), encoding: "GZIP") == IngestReport(accepted: 100))
    }
}

/// Writes gzip without a compressor: stored blocks, and zeros that were packed before.
enum Gzip {
    private static let header: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]

    /// The bytes as they are, in stored blocks (RFC 1951, 3.2.4).
    static func stored(_ bytes: [UInt8]) -> [UInt8] {
        var out = header
        var start = 0
        repeat {
            let end = min(start + 65_535, bytes.count)
            let count = UInt16(end - start)
            out += [end == bytes.count ? 1 : 0, UInt8(count & 255), UInt8(count >> 8), UInt8(~count & 255), UInt8(~count >> 8)]
            out += bytes[start..<end]
            start = end
        } while start < bytes.count
        return out + trailer(crc: crc32(bytes), count: bytes.count)
    }

    /// That many MiB of zeros, a thousandth in size: one member a MiB, as zlib 1.2.13 packs it at level 9.
    static func zeros(megabytes: Int) -> [UInt8] {
        let head: [UInt8] = [
            0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 2, 3, 0xED, 0xC1, 0x31, 1, 0, 0, 0, 0xC2, 0xA0, 0xF5, 0x4F, 0x6D, 8, 0x5F, 0xA0,
        ]
        let tail: [UInt8] = [0x3E, 0x03, 0x1C, 0xEA, 0x38, 0xA7, 0, 0, 0x10, 0]
        let member = head + [UInt8](repeating: 0, count: 1016) + tail
        return (0..<megabytes).flatMap { _ in member }
    }

    private static func trailer(crc: UInt32, count: Int) -> [UInt8] {
        [crc, UInt32(truncatingIfNeeded: count)].flatMap { word in
            (0..<4).map { UInt8(truncatingIfNeeded: word >> UInt32(8 * $0)) }
        }
    }

    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { crc, _ in crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
    }

    private static func crc32(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(~UInt32(0)) { crc, byte in table[Int((crc ^ UInt32(byte)) & 255)] ^ crc >> 8 }
    }
}
