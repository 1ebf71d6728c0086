import Foundation
import TowerModel

/// One line of `/topics/{topic}/records`: `{"event":…,"topic":"…","offset":…,"sequence":…,"ingested_at":"…"}`.
///
/// The place stands behind the event, so it is read from the end: the event's bytes are copied, never decoded.
struct RecordLine: Equatable {
    var value: [UInt8]
    var topic: String
    var offset: Int64
    var sequence: Int64
    var timestampMs: Int64

    private static let event = Array("{\"event\":".utf8)
    private static let raw = Array("{\"raw_base64\":\"".utf8)

    /// - Throws: `CommandFailure` for anything else.
    init(_ line: [UInt8]) throws {
        let unreadable = CommandFailure("The server sent a line that is no record.")
        let read: (mark: Int, topic: String, offset: Int64, sequence: Int64, at: Timestamp)? = line.withUnsafeBytes { bytes in
            guard let mark = Self.lastTopic(bytes) else { return nil }
            var scan = Scan(bytes: bytes, at: mark)
            guard scan.take(",\"topic\":\""), let topic = scan.text(), scan.take(",\"offset\":"), let offset = scan.number(),
                scan.take(",\"sequence\":"), let sequence = scan.number(), scan.take(",\"ingested_at\":\""),
                let at = scan.text(), scan.take("}"), scan.at == bytes.count,
                let instant = Timestamp(String(decoding: bytes[at], as: UTF8.self))
            else { return nil }
            return (mark, String(decoding: bytes[topic], as: UTF8.self), offset, sequence, instant)
        }
        guard let read else { throw unreadable }
        if line.starts(with: Self.event), read.mark >= Self.event.count {
            value = Array(line[Self.event.count..<read.mark])
        } else if line.starts(with: Self.raw), read.mark > Self.raw.count,
            let data = Data(base64Encoded: Data(line[Self.raw.count..<read.mark - 1]))
        {
            value = Array(data)
        } else {
            throw unreadable
        }
        topic = read.topic
        offset = read.offset
        sequence = read.sequence
        timestampMs = read.at.milliseconds
    }

    /// Where the last `,"topic":"` begins.
    private static func lastTopic(_ bytes: UnsafeRawBufferPointer) -> Int? {
        var at = bytes.count
        while at > 0 {
            at -= 1
            guard bytes[at] == UInt8(ascii: ",") else { continue }
            var scan = Scan(bytes: bytes, at: at)
            if scan.take(",\"topic\":\"") { return at }
        }
        return nil
    }

    private struct Scan {
        let bytes: UnsafeRawBufferPointer
        var at: Int

        mutating func take(_ literal: StaticString) -> Bool {
            let count = literal.utf8CodeUnitCount
            guard bytes.count - at >= count else { return false }
            for index in 0..<count where bytes[at + index] != literal.utf8Start[index] { return false }
            at += count
            return true
        }

        /// Up to the next quote, which is taken too.
        mutating func text() -> Range<Int>? {
            let start = at
            while at < bytes.count, bytes[at] != UInt8(ascii: "\"") { at += 1 }
            guard at < bytes.count else { return nil }
            at += 1
            return start..<at - 1
        }

        mutating func number() -> Int64? {
            let start = at
            var value: Int64 = 0
            while at < bytes.count, (0x30...0x39).contains(bytes[at]), at - start < 18 {
                value = value * 10 + Int64(bytes[at] & 0xF)
                at += 1
            }
            return at > start ? value : nil
        }
    }
}
