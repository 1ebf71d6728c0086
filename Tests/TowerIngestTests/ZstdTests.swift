import Testing
@testable import TowerIngest

@Suite struct ZstdTests {
    static func unpack(_ bytes: [UInt8], maxBytes: Int = 1 << 20, maxRatio: Int = 300) -> Result<[UInt8], IngestError> {
        do throws(IngestError) { return .success(try Inflate.zstd(bytes, maxBytes: maxBytes, maxRatio: maxRatio)) } catch {
            return .failure(error)
        }
    }

    @Test("a frame is unpacked, frames one behind the other are one text, skippable frames are nothing")
    func unpacks() throws {
        #expect(try Self.unpack(Zstd.packed).get() == Zstd.packedText)
        #expect(try Self.unpack(Zstd.packed + Zstd.packed).get() == Zstd.packedText + Zstd.packedText)
        let between = Zstd.skippable(Array("note".utf8))
        #expect(try Self.unpack(between + Zstd.packed + between + Zstd.packed + between).get().count == 2 * Zstd.packedText.count)
        #expect(try Self.unpack(Zstd.stored([])).get() == [])
        for size in [1, 65_535, 65_536, 65_537, 131_072, 200_000] {
            let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            #expect(try Self.unpack(Zstd.stored(bytes)).get() == bytes)
        }
    }

    @Test("every truncation is refused, and no flipped bit passes for something else")
    func refusesDamage() {
        for length in 0..<Zstd.packed.count {
            guard case .failure(let error) = Self.unpack(Array(Zstd.packed[..<length])) else {
                Issue.record("\(length) bytes were taken")
                continue
            }
            #expect(error.code == .brokenCompression && error.status == 400)
        }
        for index in Zstd.packed.indices {
            for bit in 0..<8 {
                var damaged = Zstd.packed
                damaged[index] ^= 1 << UInt8(bit)
                // A bit of the frame's description may say the same in another way; what comes out may never differ.
                if case .success(let text) = Self.unpack(damaged) {
                    #expect(text == Zstd.packedText || text.isEmpty, "byte \(index), bit \(bit)")
                }
            }
        }
        for tail in [[0], Array(Zstd.magic[..<3]), Zstd.magic, Array("x".utf8), Array(InflateTests.hello)] as [[UInt8]] {
            guard case .failure = Self.unpack(Zstd.packed + tail) else {
                Issue.record("\(tail) may follow")
                continue
            }
        }
        // The magic numbers of formats before 1.0, which the library may know.
        for old in 0x1E...0x27 as ClosedRange<UInt8> {
            guard case .failure(let error) = Self.unpack([old, 0xB5, 0x2F, 0xFD] + Zstd.packed.dropFirst(4)) else {
                Issue.record("format \(old) was taken")
                continue
            }
            #expect(error.code == .brokenCompression)
        }
    }

    struct Bomb: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var bytes: [UInt8]
        var status: Int
        init(_ name: String, _ bytes: [UInt8], _ status: Int) {
            testDescription = name
            self.bytes = bytes
            self.status = status
        }
    }

    static let bombs: [Bomb] = [
        Bomb("1:32,000, 4 GiB", Zstd.bomb(blocks: 32_768), 413),
        Bomb("1:32,000, never ending", Array(Zstd.bomb(blocks: 32_768).dropLast(4)), 413),
        Bomb("many small frames", (0..<4000).flatMap { _ in Zstd.bomb(blocks: 1) }, 413),
        Bomb(
            "padded with skippable frames to stay under the ratio",
            (0..<6000).flatMap { _ in
                Zstd.bomb(blocks: 1) + Zstd.skippable([UInt8](repeating: 0, count: 600))
            }, 413),
        Bomb(
            "says 4 GiB, holds ten bytes",
            Zstd.Frame(declaredBytes: .max, blocks: [.repeated(0, count: 10)]).bytes, 400),
        Bomb(
            "says ten bytes, holds 128 KiB",
            Zstd.Frame(declaredBytes: 10, blocks: [.repeated(0, count: 131_072)]).bytes, 400),
        Bomb("a window of 2 GiB", Zstd.Frame(windowLog: 31, blocks: [.raw([1])]).bytes, 413),
        Bomb("a window of 16 MiB", Zstd.Frame(windowLog: 24, blocks: [.raw([1])]).bytes, 413),
        Bomb("wants a dictionary", Zstd.magic + [0x01, 0x38, 7] + [9, 0, 0, 1], 400),
        Bomb("a block of the reserved kind", Zstd.magic + [0x00, 0x38] + [7, 0, 0], 400),
        Bomb("a skippable frame that says 4 GiB", [0x50, 0x2A, 0x4D, 0x18, 255, 255, 255, 255, 0], 400),
        Bomb("no zstd at all", Array("{\"event_id\":1}".utf8), 400), Bomb("nothing", [], 400),
    ]

    @Test("a bomb is refused at the bound", arguments: bombs)
    func stopsBombs(_ bomb: Bomb) {
        guard case .failure(let error) = Self.unpack(bomb.bytes, maxBytes: 16 << 20) else {
            Issue.record("it was unpacked")
            return
        }
        #expect(error.status == bomb.status && !error.isRetriable)
        #expect(error.code == (bomb.status == 413 ? .tooLarge : .brokenCompression))
    }

    @Test("both bounds hold by themselves, and the largest allowed window is taken")
    func boundsSizeAndRatio() throws {
        let bomb = Zstd.bomb(blocks: 64)
        guard case .failure(let bySize) = Self.unpack(bomb, maxBytes: 5 << 20, maxRatio: .max),
            case .failure(let byRatio) = Self.unpack(bomb, maxBytes: 1 << 30, maxRatio: 300)
        else {
            Issue.record("the bomb was unpacked")
            return
        }
        #expect(bySize.message.contains("\(5 << 20) bytes") && byRatio.message.contains("300 times"))
        #expect(try Self.unpack(bomb, maxBytes: 8 << 20, maxRatio: 1_000_000).get().count == 8 << 20)
        #expect(try Self.unpack(Zstd.Frame(windowLog: 23, blocks: [.raw([1, 2])]).bytes).get() == [1, 2])
    }

    @Test("a bomb within a bomb is unpacked one layer deep")
    func unpacksOneLayer() throws {
        let inner = Zstd.bomb(blocks: 300_000)
        #expect(try Self.unpack(Zstd.stored(inner), maxBytes: 2 << 20).get() == inner)
        #expect(try InflateTests.inflate(Gzip.stored(inner), maxBytes: 2 << 20).get() == inner)
    }
}
