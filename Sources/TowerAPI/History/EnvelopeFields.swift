/// The envelope's members that history filters by, read from an event's JSON without decoding the rest.
///
/// The door has checked the JSON already; what is not an object of that kind answers `nil` here, never a crash.
package struct EnvelopeFields: Sendable, Equatable {
    var eventID: String?
    var eventType: String?
    var siteID: String?
    package var timestamp: String?

    package static func scan(_ bytes: [UInt8]) -> EnvelopeFields? {
        var scanner = Scanner(bytes: bytes)
        return scanner.envelope()
    }

    private struct Scanner {
        let bytes: [UInt8]
        var position = 0

        init(bytes: [UInt8]) { self.bytes = bytes }

        mutating func envelope() -> EnvelopeFields? {
            var fields = EnvelopeFields()
            skipSpace()
            guard take(0x7B) else { return nil }
            skipSpace()
            if take(0x7D) { return fields }
            while true {
                skipSpace()
                guard let name = string() else { return nil }
                skipSpace()
                guard take(0x3A) else { return nil }
                skipSpace()
                switch name {
                case "event_id": fields.eventID = string()
                case "event_type": fields.eventType = string()
                case "site_id": fields.siteID = string()
                case "timestamp": fields.timestamp = string()
                default: guard skipValue() else { return nil }
                }
                skipSpace()
                if take(0x2C) { continue }
                return take(0x7D) ? fields : nil
            }
        }

        mutating func skipSpace() {
            while position < bytes.count, bytes[position] == 0x20 || (0x09...0x0D).contains(bytes[position]) { position += 1 }
        }

        mutating func take(_ byte: UInt8) -> Bool {
            guard position < bytes.count, bytes[position] == byte else { return false }
            position += 1
            return true
        }

        /// A string's text. Envelope values need no escapes; one that has them does not match any filter.
        mutating func string() -> String? {
            guard position < bytes.count, bytes[position] == 0x22 else { return nil }
            let start = position + 1
            guard skipString() else { return nil }
            return String(decoding: bytes[start..<position - 1], as: UTF8.self)
        }

        mutating func skipString() -> Bool {
            guard take(0x22) else { return false }
            while position < bytes.count {
                let byte = bytes[position]
                position += byte == 0x5C ? 2 : 1
                if byte == 0x22 { return true }
            }
            return false
        }

        /// Steps over any value, by counting brackets outside strings.
        mutating func skipValue() -> Bool {
            var depth = 0
            while position < bytes.count {
                switch bytes[position] {
                case 0x22:
                    guard skipString() else { return false }
                    if depth == 0 { return true }
                case 0x7B, 0x5B:
                    depth += 1
                    position += 1
                case 0x7D, 0x5D:
                    if depth == 0 { return true }
                    depth -= 1
                    position += 1
                    if depth == 0 { return true }
                case 0x2C where depth == 0: return true
                default: position += 1
                }
            }
            return false
        }
    }
}
