import TowerStreaming

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Writes values of log blocks as lines to a file, or to standard output for `-`.
///
/// - Cost: one copy of each value into a buffer of 1 MiB, a system call per buffer.
/// - JSON over several lines becomes one line: a line break inside JSON is only ever white space.
final class BlockWriter {
    private let descriptor: Int32
    private let ownsDescriptor: Bool
    private let path: String
    private let buffer: UnsafeMutableRawBufferPointer
    private var used = 0
    private static let capacity = 1 << 20

    init(path: String) throws {
        self.path = path
        ownsDescriptor = path != "-"
        descriptor = ownsDescriptor ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644) : 1
        guard descriptor >= 0 else { throw CommandFailure("Could not write \(path): \(String(cString: strerror(errno))).") }
        buffer = .allocate(byteCount: Self.capacity, alignment: 16)
    }

    deinit {
        buffer.deallocate()
        if ownsDescriptor { close(descriptor) }
    }

    func writeValues(of block: LogBlock, _ range: Range<Int>) throws {
        try block.bytes.withUnsafeBytes { bytes in
            for entry in block.entries[range] {
                try writeLine(UnsafeRawBufferPointer(rebasing: bytes[Int(entry.valueStart)..<Int(entry.valueEnd)]))
            }
        }
    }

    func writeLine(_ line: UnsafeRawBufferPointer) throws {
        if used + line.count + 1 > Self.capacity { try flush() }
        guard line.count < Self.capacity else {
            // Longer than the buffer: a copy of its own.
            var copy = Array(line) + [0x0A]
            copy.withUnsafeMutableBytes { Self.joinLines(UnsafeMutableRawBufferPointer(rebasing: $0[..<line.count])) }
            return try copy.withUnsafeBytes { try writeAll($0) }
        }
        let place = UnsafeMutableRawBufferPointer(rebasing: buffer[used..<used + line.count])
        place.copyMemory(from: line)
        Self.joinLines(place)
        buffer[used + line.count] = 0x0A
        used += line.count + 1
    }

    private static func joinLines(_ line: UnsafeMutableRawBufferPointer) {
        guard let base = line.baseAddress, line.count > 0 else { return }
        for lineBreak in [0x0A, 0x0D] as [Int32] {
            var from = 0
            while let found = memchr(base + from, lineBreak, line.count - from) {
                found.storeBytes(of: 0x20, as: UInt8.self)
                from = found - base + 1
            }
        }
    }

    func flush() throws {
        defer { used = 0 }
        try writeAll(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<used]))
    }

    private func writeAll(_ bytes: UnsafeRawBufferPointer) throws {
        var done = 0
        while done < bytes.count {
            let wrote = write(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done)
            if wrote < 0 {
                if errno == EINTR { continue }
                throw CommandFailure("Could not write on to \(path): \(String(cString: strerror(errno))).")
            }
            done += wrote
        }
    }
}
