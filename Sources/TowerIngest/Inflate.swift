import CTower

/// Unpacks gzip with a bound it cannot be talked out of.
enum Inflate {
    private static let block = 64 << 10

    /// The unpacked bytes of all members.
    ///
    /// - Throws: `IngestError`: 413 as soon as the output passes `maxBytes` or the ratio, at most one block late; 400 for
    ///   bytes that are no complete gzip stream.
    static func gzip(_ packed: [UInt8], maxBytes: Int, maxRatio: Int) throws(IngestError) -> [UInt8] {
        guard let stream = tower_inflate_open() else {
            throw IngestError(.unavailable, status: 503, "No memory to unpack the body", retryAfterSeconds: 5)
        }
        defer { tower_inflate_close(stream) }
        var output: [UInt8] = []
        output.reserveCapacity(min(packed.count * 4, maxBytes, 8 << 20))
        var buffer = [UInt8](repeating: 0, count: block)
        var position = 0
        var isMemberOpen = true
        while true {
            let step = step(stream, packed, from: position, into: &buffer)
            position += step.consumed
            output.append(contentsOf: buffer[..<step.produced])
            guard output.count <= maxBytes else {
                throw IngestError(.tooLarge, status: 413, "The body unpacks to more than \(maxBytes) bytes")
            }
            guard output.count <= 1 << 20 || output.count / max(position, 1) <= maxRatio else {
                throw IngestError(.tooLarge, status: 413, "The body unpacks to more than \(maxRatio) times its size")
            }
            switch step.status {
            case TOWER_INFLATE_END.rawValue:
                isMemberOpen = false
                guard position < packed.count else { return output }
                guard tower_inflate_next_member(stream) == TOWER_INFLATE_MORE.rawValue else { throw broken(position) }
                isMemberOpen = true
            case TOWER_INFLATE_MORE.rawValue where step.consumed > 0 || step.produced > 0: continue
            default: throw isMemberOpen && position == packed.count ? cut(position) : broken(position)
            }
        }
    }

    private static func step(_ stream: OpaquePointer, _ packed: [UInt8], from position: Int, into buffer: inout [UInt8])
        -> (status: UInt32, consumed: Int, produced: Int)
    {
        var consumed = 0
        var produced = 0
        let status = packed.withUnsafeBufferPointer { input in
            buffer.withUnsafeMutableBufferPointer { output -> Int32 in
                guard let source = input.baseAddress, let target = output.baseAddress else {
                    return Int32(TOWER_INFLATE_BROKEN.rawValue)
                }
                return tower_inflate_step(
                    stream, source + position, input.count - position, &consumed, target, output.count, &produced)
            }
        }
        return (UInt32(bitPattern: status), consumed, produced)
    }

    private static func cut(_ position: Int) -> IngestError {
        IngestError(.brokenCompression, status: 400, "The gzip body ends after \(position) bytes, before it is complete")
    }

    private static func broken(_ position: Int) -> IngestError {
        IngestError(.brokenCompression, status: 400, "The body is not gzip, or damaged, near byte \(position)")
    }
}
