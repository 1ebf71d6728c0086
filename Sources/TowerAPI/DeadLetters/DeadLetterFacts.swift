import TowerStreaming

/// What a letter says of itself: its headers, and of its bytes as much as can be told when they are no JSON.
struct DeadLetterFacts: Sendable {
    var reason: String
    var detail: String
    var origin: String
    var originOffset: Int64?
    /// Where its event belongs: the topic a group read it from, else that of the site it names.
    var topic: String?
    var site: String?
    var group: String?
    var attempts: Int
    var line: Int?
    var column: Int?
    var field: String?
    /// Length of what was sent; more than the letter holds where it was cut.
    var bytes: Int

    init(_ stored: StoredRecord) {
        let record = stored.record
        reason = "unknown"
        detail = ""
        origin = ""
        attempts = 1
        bytes = record.value.count
        for header in record.headers {
            let text = String(decoding: header.value, as: UTF8.self)
            switch header.name {
            case DeadLetterHeader.reasonCode: reason = text
            case DeadLetterHeader.detail: detail = text
            case DeadLetterHeader.origin: origin = text
            case DeadLetterHeader.originOffset: originOffset = Int64(text)
            case DeadLetterHeader.group: group = text
            case DeadLetterHeader.attempts: attempts = Int(text) ?? 1
            case DeadLetterHeader.line: line = Int(text)
            case DeadLetterHeader.column: column = Int(text)
            case DeadLetterHeader.field: field = text
            case DeadLetterHeader.bytes: bytes = Int(text) ?? bytes
            default: break
            }
        }
        site = Self.name(after: "\"site_id\"", in: record.value)
        topic = originOffset != nil ? origin : site.map { Topic.siteEvents(site: $0).rawValue }
    }

    /// The name in quotes behind a member's name and its colon, wherever it first stands; `nil` where none is.
    private static func name(after member: StaticString, in bytes: [UInt8]) -> String? {
        bytes.withUnsafeBytes { bytes in
            let length = member.utf8CodeUnitCount
            var at = 0
            while at + length <= bytes.count {
                if bytes[at] == member.utf8Start[0], bytes[at + 2] == member.utf8Start[2],
                    (0..<length).allSatisfy({ bytes[at + $0] == member.utf8Start[$0] })
                {
                    return quoted(bytes, from: at + length)
                }
                at += 1
            }
            return nil
        }
    }

    private static func quoted(_ bytes: UnsafeRawBufferPointer, from start: Int) -> String? {
        var at = start
        func skip() { while at < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[at]) { at += 1 } }
        skip()
        guard at < bytes.count, bytes[at] == UInt8(ascii: ":") else { return nil }
        at += 1
        skip()
        guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else { return nil }
        let begin = at + 1
        at = begin
        while at < bytes.count, at - begin <= 128, isNameByte(bytes[at]) { at += 1 }
        guard at < bytes.count, bytes[at] == UInt8(ascii: "\""), at > begin, at - begin <= 128 else { return nil }
        return String(decoding: bytes[begin..<at], as: UTF8.self)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x3A, 0x5F: true
        default: false
        }
    }
}
