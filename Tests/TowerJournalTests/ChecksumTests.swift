import CTower
import Testing
import TowerTestKit

@Suite struct ChecksumTests {
    @Test(arguments: [
        ("123456789", 0xE306_9283 as UInt32), ("", 0), ("a", 0xC1D0_4330),
        ("The quick brown fox jumps over the lazy dog", 0x2262_0404),
    ])
    func knownValues(text: String, expected: UInt32) {
        let bytes = Array(text.utf8)
        #expect(tower_crc32c(0, bytes, bytes.count) == expected)
        #expect(tower_crc32c_portable(0, bytes, bytes.count) == expected)
        #expect(Castagnoli.checksum(bytes) == expected)
    }

    /// RFC 3720, appendix B.4.
    @Test func vectorsOfTheStandard() {
        let zeros = [UInt8](repeating: 0, count: 32)
        let ones = [UInt8](repeating: 0xFF, count: 32)
        let rising = Array(UInt8(0)..<32)
        #expect(tower_crc32c(0, zeros, 32) == 0x8A91_36AA)
        #expect(tower_crc32c(0, ones, 32) == 0x62A8_AB43)
        #expect(tower_crc32c(0, rising, 32) == 0x46DD_794E)
    }

    @Test func everyLengthAndAlignmentAgreesWithTheTable() {
        var generator = SeededGenerator(seed: 11)
        let bytes = (0..<8000).map { _ in UInt8.random(in: 0...255, using: &generator) }
        bytes.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress else { return }
            for length in Array(0...900) + [2047, 2048, 6143, 6144, 6145, 6528, 7900] {
                let start = length % 8
                #expect(
                    tower_crc32c(7, base + start, length) == tower_crc32c_portable(7, base + start, length), "length \(length)")
            }
            #expect(tower_crc32c(0, base, 7000) == Castagnoli.checksum(bytes[..<7000]))
        }
    }

    @Test func aChecksumCanBeContinued() {
        let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 * 37) }
        let whole = tower_crc32c(0, bytes, 1000)
        for cut in stride(from: 0, through: 1000, by: 13) {
            let first = tower_crc32c(0, bytes, cut)
            #expect(Array(bytes[cut...]).withUnsafeBytes { tower_crc32c(first, $0.baseAddress, $0.count) } == whole)
        }
    }
}
