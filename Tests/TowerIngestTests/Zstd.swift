/// Writes Zstandard frames without a compressor: raw and repeated blocks (RFC 8878, 3.1.1).
enum Zstd {
    static let magic: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]

    /// What a frame says about itself; the window is 2^`windowLog` bytes, no checksum, no dictionary.
    struct Frame {
        var windowLog = 17
        /// What it says it unpacks to; `nil` says nothing.
        var declaredBytes: UInt32?
        var blocks: [Block] = []

        var bytes: [UInt8] {
            var out = Zstd.magic
            out.append(declaredBytes == nil ? 0x00 : 0x80)
            out.append(UInt8((windowLog - 10) << 3))
            if let declaredBytes { out += (0..<4).map { UInt8(truncatingIfNeeded: declaredBytes >> UInt32(8 * $0)) } }
            for (index, block) in blocks.enumerated() { out += block.bytes(isLast: index == blocks.count - 1) }
            return out
        }
    }

    enum Block {
        case raw([UInt8])
        case repeated(UInt8, count: Int)

        func bytes(isLast: Bool) -> [UInt8] {
            let (kind, count, content): (Int, Int, [UInt8])
            switch self {
            case .raw(let bytes): (kind, count, content) = (0, bytes.count, bytes)
            case .repeated(let byte, let times): (kind, count, content) = (1, times, [byte])
            }
            let header = (isLast ? 1 : 0) | kind << 1 | count << 3
            return [UInt8(header & 255), UInt8(header >> 8 & 255), UInt8(header >> 16 & 255)] + content
        }
    }

    /// The bytes as they are.
    static func stored(_ bytes: [UInt8]) -> [UInt8] {
        var blocks: [Block] = []
        for start in stride(from: 0, to: max(bytes.count, 1), by: 65_536) {
            blocks.append(.raw(Array(bytes[start..<min(start + 65_536, bytes.count)])))
        }
        return Frame(blocks: blocks).bytes
    }

    /// 128 KiB of a byte in four bytes, again and again: the densest there is, about 1:32,000.
    static func bomb(blocks: Int, byte: UInt8 = 0) -> [UInt8] {
        Frame(blocks: Array(repeating: .repeated(byte, count: 131_072), count: blocks)).bytes
    }

    static func skippable(_ content: [UInt8]) -> [UInt8] {
        [0x5A, 0x2A, 0x4D, 0x18] + (0..<4).map { UInt8(truncatingIfNeeded: content.count >> (8 * $0)) } + content
    }

    /// `packedText` as zstd 1.5.4 packs it (`zstd -19 --check --no-content-size`).
    static let packed: [UInt8] = [
        0x28, 0xb5, 0x2f, 0xfd, 0x04, 0x68, 0xa5, 0x03, 0x00, 0x42, 0x86, 0x11, 0x11, 0xb0, 0x1d, 0x03, 0xd8, 0x67, 0xd2, 0xc1,
        0x30, 0xd1, 0x2a, 0xd2, 0x52, 0x38, 0xec, 0x94, 0x8b, 0x01, 0xe9, 0xe8, 0xe7, 0xe6, 0xe5, 0xe4, 0xbf, 0xdf, 0x8f, 0x27,
        0x23, 0x1f, 0x1b, 0x17, 0x13, 0xdf, 0x76, 0x3d, 0x9c, 0x8a, 0x7a, 0x6a, 0x5a, 0x4a, 0xfa, 0xba, 0xed, 0x68, 0x2a, 0x1a,
        0xc7, 0x98, 0x52, 0x08, 0xf9, 0xed, 0x16, 0xcc, 0xa1, 0x42, 0x0c, 0x22, 0x8c, 0xa0, 0x02, 0x73, 0x0b, 0xbe, 0x16, 0x5b,
        0x90, 0x01, 0x31, 0xa8, 0x10, 0x60, 0xbd, 0xb5, 0x19, 0xf0, 0x35, 0xc6, 0x11, 0xb8, 0x88, 0x80, 0x08, 0x3f, 0x22, 0xb0,
        0x84, 0xfb, 0x01, 0x67, 0xfb, 0xf7, 0xfb, 0xfb, 0x1b, 0xaf, 0xf6, 0x6f, 0xcd, 0xbb, 0xb7, 0xb7, 0xb7, 0xb7, 0xc7, 0x07,
        0x17, 0x08, 0xe9, 0xda, 0x14, 0x0e, 0x8e, 0x0e, 0x20,
    ]

    static var packedText: [UInt8] {
        (0..<40).flatMap { index -> [UInt8] in
            let digits = String(index)
            let padded = String(repeating: "0", count: 8 - digits.count) + digits
            return Array("{\"event_id\":\"\(padded)\",\"v\":\(index % 7)}\n".utf8)
        }
    }
}
