import CTower

/// Unpacks bodies with a bound it cannot be talked out of.
///
/// - Bounds: output is counted as it comes, never believed from a header; one block of 64 KiB late at most. A gzip window
///   is 32 KiB by its format, a Zstandard window is at most 8 MiB (RFC 9659).
/// - Nesting: one layer is unpacked. What is inside is events or is refused as such.
enum Inflate {
    private static let block = 64 << 10
    /// RFC 9659: what a receiver of `Content-Encoding: zstd` must take, and all it need take.
    private static let zstdWindowLog: Int32 = 23

    private enum Outcome {
        case more
        /// A member or frame is complete; another may follow.
        case end
        case broken
        case noMemory
        case window
    }

    private struct Step {
        var outcome: Outcome
        var consumed: Int
        var produced: Int
    }

    /// The unpacked bytes of all gzip members.
    ///
    /// - Throws: `IngestError`: 413 as soon as the output passes `maxBytes` or the ratio, at most one block late; 400 for
    ///   bytes that are no complete gzip stream.
    static func gzip(_ packed: [UInt8], maxBytes: Int, maxRatio: Int) throws(IngestError) -> [UInt8] {
        guard let stream = tower_inflate_open() else { throw noMemory }
        defer { tower_inflate_close(stream) }
        return try unpack(packed, "gzip", maxBytes: maxBytes, maxRatio: maxRatio) { input, output in
            guard let source = input.baseAddress, let target = output.baseAddress else {
                return Step(outcome: .broken, consumed: 0, produced: 0)
            }
            var consumed = 0
            var produced = 0
            let status = tower_inflate_step(stream, source, input.count, &consumed, target, output.count, &produced)
            var outcome = Outcome.broken
            switch UInt32(bitPattern: status) {
            case TOWER_INFLATE_MORE.rawValue: outcome = .more
            case TOWER_INFLATE_NO_MEMORY.rawValue: outcome = .noMemory
            case TOWER_INFLATE_END.rawValue:
                let isReady =
                    consumed == input.count || tower_inflate_next_member(stream) == Int32(TOWER_INFLATE_MORE.rawValue)
                outcome = isReady ? .end : .broken
            default: outcome = .broken
            }
            return Step(outcome: outcome, consumed: consumed, produced: produced)
        }
    }

    /// The unpacked bytes of all Zstandard frames (RFC 8878), skippable ones passed over.
    ///
    /// - Throws: `IngestError`: 413 as soon as the output passes `maxBytes` or the ratio, at most one block late, and for a
    ///   window beyond 8 MiB; 400 for bytes that are no complete frames, or want a dictionary.
    static func zstd(_ packed: [UInt8], maxBytes: Int, maxRatio: Int) throws(IngestError) -> [UInt8] {
        guard let stream = tower_zstd_open(zstdWindowLog) else { throw noMemory }
        defer { tower_zstd_close(stream) }
        return try unpack(packed, "zstd", maxBytes: maxBytes, maxRatio: maxRatio) { input, output in
            guard let source = input.baseAddress, let target = output.baseAddress else {
                return Step(outcome: .broken, consumed: 0, produced: 0)
            }
            var consumed = 0
            var produced = 0
            let status = tower_zstd_step(stream, source, input.count, &consumed, target, output.count, &produced)
            let outcome: Outcome
            switch UInt32(bitPattern: status) {
            case TOWER_ZSTD_MORE.rawValue: outcome = .more
            case TOWER_ZSTD_END.rawValue: outcome = .end
            case TOWER_ZSTD_NO_MEMORY.rawValue: outcome = .noMemory
            case TOWER_ZSTD_WINDOW.rawValue: outcome = .window
            default: outcome = .broken
            }
            return Step(outcome: outcome, consumed: consumed, produced: produced)
        }
    }

    /// Takes one step after the other until the input is used up at the end of a member.
    private static func unpack(
        _ packed: [UInt8], _ name: String, maxBytes: Int, maxRatio: Int,
        _ step: (UnsafeBufferPointer<UInt8>, UnsafeMutableBufferPointer<UInt8>) -> Step
    ) throws(IngestError) -> [UInt8] {
        guard !packed.isEmpty else { throw cut(name, 0) }
        var output: [UInt8] = []
        output.reserveCapacity(min(packed.count * 4, maxBytes, 8 << 20))
        var buffer = [UInt8](repeating: 0, count: block)
        var position = 0
        while true {
            let done = packed.withUnsafeBufferPointer { input in
                buffer.withUnsafeMutableBufferPointer { step(UnsafeBufferPointer(rebasing: input[position...]), $0) }
            }
            position += done.consumed
            output.append(contentsOf: buffer[..<done.produced])
            guard output.count <= maxBytes else {
                throw IngestError(.tooLarge, status: 413, "The body unpacks to more than \(maxBytes) bytes")
            }
            guard output.count <= 1 << 20 || output.count / max(position, 1) <= maxRatio else {
                throw IngestError(.tooLarge, status: 413, "The body unpacks to more than \(maxRatio) times its size")
            }
            switch done.outcome {
            case .end where position == packed.count: return output
            case .end where done.consumed > 0: continue
            case .more where done.produced == buffer.count: continue
            case .more where position == packed.count: throw cut(name, position)
            case .more where done.consumed > 0 || done.produced > 0: continue
            case .noMemory: throw noMemory
            case .window:
                throw IngestError(
                    .tooLarge, status: 413,
                    "The \(name) body wants a window of more than \(1 << Int(zstdWindowLog)) bytes; pack it without --long or --ultra"
                )
            default: throw broken(name, position)
            }
        }
    }

    private static let noMemory = IngestError(
        .unavailable, status: 503, "No memory to unpack the body", retryAfterSeconds: 5)

    private static func cut(_ name: String, _ position: Int) -> IngestError {
        IngestError(.brokenCompression, status: 400, "The \(name) body ends after \(position) bytes, before it is complete")
    }

    private static func broken(_ name: String, _ position: Int) -> IngestError {
        IngestError(.brokenCompression, status: 400, "The body is not \(name), or damaged, near byte \(position)")
    }
}
