#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Reads a file, or standard input for `-`, line by line without holding more than one block and one line.
///
/// - Bound: a line longer than `maxLineBytes` is handed on cut, marked as too long, and reading goes on behind its end.
public struct LineReader: ~Copyable {
    private let descriptor: Int32
    private let ownsDescriptor: Bool
    private let maxLineBytes: Int
    private var buffer: [UInt8]
    private var start = 0
    private var end = 0
    private var atEnd = false

    public init(path: String, maxLineBytes: Int = 16 << 20, blockBytes: Int = 1 << 20) throws {
        if path == "-" {
            descriptor = 0
            ownsDescriptor = false
        } else {
            descriptor = open(path, O_RDONLY | O_CLOEXEC)
            ownsDescriptor = true
            guard descriptor >= 0 else { throw CommandFailure("Could not open \(path): \(String(cString: strerror(errno))).") }
        }
        self.maxLineBytes = maxLineBytes
        self.buffer = [UInt8](repeating: 0, count: blockBytes)
    }

    deinit { if ownsDescriptor { close(descriptor) } }

    /// Calls `body` with each line, its terminator and a carriage return before it removed; `false` stops.
    public mutating func forEach(_ body: (UnsafeRawBufferPointer, _ isTooLong: Bool) throws -> Bool) throws {
        var skipping = false
        while true {
            if let newline = indexOfNewline() {
                let line = start..<newline
                start = newline + 1
                if skipping {
                    skipping = false
                    continue
                }
                guard try emit(line, body) else { return }
                continue
            }
            if atEnd {
                if start < end, !skipping { _ = try emit(start..<end, body) }
                return
            }
            if end - start > maxLineBytes, !skipping {
                let line = start..<start + maxLineBytes
                guard try buffer.withUnsafeBytes({ try body(UnsafeRawBufferPointer(rebasing: $0[line]), true) }) else { return }
                skipping = true
            }
            if skipping { start = end }
            try fill()
        }
    }

    private func emit(_ range: Range<Int>, _ body: (UnsafeRawBufferPointer, Bool) throws -> Bool) throws -> Bool {
        var upper = range.upperBound
        if upper > range.lowerBound, buffer[upper - 1] == 0x0D { upper -= 1 }
        return try buffer.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[range.lowerBound..<upper]), false) }
    }

    private func indexOfNewline() -> Int? {
        buffer.withUnsafeBytes { bytes in
            guard start < end, let base = bytes.baseAddress, let found = memchr(base + start, 0x0A, end - start) else { return nil }
            return UnsafeRawPointer(found) - base
        }
    }

    private mutating func fill() throws {
        if start > 0 {
            buffer.withUnsafeMutableBytes { bytes in
                guard let base = bytes.baseAddress else { return }
                memmove(base, base + start, end - start)
            }
            end -= start
            start = 0
        }
        if end == buffer.count { buffer.append(contentsOf: [UInt8](repeating: 0, count: buffer.count)) }
        let room = end
        let got = buffer.withUnsafeMutableBytes { bytes in read(descriptor, bytes.baseAddress! + room, bytes.count - room) }
        if got < 0 {
            if errno == EINTR { return }
            throw CommandFailure("Could not read on: \(String(cString: strerror(errno))).")
        }
        if got == 0 { atEnd = true } else { end += got }
    }
}

/// Writes a file, or standard output for `-`, through one buffer.
public final class LineWriter {
    private let descriptor: Int32
    private let ownsDescriptor: Bool
    private var buffer: [UInt8] = []
    public private(set) var lines = 0

    public init(path: String) throws {
        if path == "-" {
            descriptor = 1
            ownsDescriptor = false
        } else {
            descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
            ownsDescriptor = true
            guard descriptor >= 0 else { throw CommandFailure("Could not write \(path): \(String(cString: strerror(errno))).") }
        }
        buffer.reserveCapacity(1 << 20)
    }

    public func write(_ line: some Sequence<UInt8>) throws {
        buffer.append(contentsOf: line)
        buffer.append(0x0A)
        lines += 1
        if buffer.count >= 1 << 20 { try flush() }
    }

    public func flush() throws {
        var done = 0
        while done < buffer.count {
            let from = done
            let wrote = buffer.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress! + from, $0.count - from) }
            if wrote < 0 {
                if errno == EINTR { continue }
                throw CommandFailure("Could not write on: \(String(cString: strerror(errno))).")
            }
            done += wrote
        }
        buffer.removeAll(keepingCapacity: true)
    }

    deinit { if ownsDescriptor { close(descriptor) } }
}

/// A command that could not do its work; the message is for the person who typed it. Exit code 1, or 2 for misuse.
public struct CommandFailure: Error, CustomStringConvertible {
    public let description: String
    public let isUsage: Bool
    public init(_ description: String, isUsage: Bool = false) {
        self.description = description
        self.isUsage = isUsage
    }
}
