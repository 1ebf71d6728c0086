import TowerModel

/// A mail as it goes over the wire: RFC 5322 headers, a text body in quoted-printable, all of it ASCII.
struct MailMessage: Sendable {
    var from: String
    var to: [String]
    var subject: String
    var text: String
    /// Also the Message-ID, so that a mail that was sent twice is recognised as one.
    var deliveryID: EventID
    var kind: NotificationKind
    /// Of sending.
    var at: Timestamp

    /// Lines ended by CRLF, not yet dot-stuffed.
    var bytes: [UInt8] {
        let domain = from.split(separator: "@").last.map(String.init) ?? "towerco"
        var head = ""
        func add(_ name: String, _ value: String) { head += "\(name): \(value)\r\n" }
        add("From", "Towerco AIOps <\(from)>")
        add("To", to.joined(separator: ",\r\n "))
        add("Subject", Self.encodedWords(subject))
        add("Date", Self.date(at))
        add("Message-ID", "<\(deliveryID)@\(domain)>")
        add("X-Towerco-Delivery", deliveryID.description)
        add("X-Towerco-Kind", kind.rawValue)
        add("Auto-Submitted", "auto-generated")
        add("MIME-Version", "1.0")
        add("Content-Type", "text/plain; charset=utf-8")
        add("Content-Transfer-Encoding", "quoted-printable")
        return Array((head + "\r\n" + Self.quotedPrintable(text)).utf8)
    }

    /// RFC 2047: what is plain ASCII stays; anything else, line ends first of all, is encoded, at most 75 characters a word.
    static func encodedWords(_ text: String) -> String {
        if text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }), !text.contains("=?"), text.utf8.count <= 900 {
            return folded(text)
        }
        var words: [String] = []
        var word = ""
        for character in text {
            var piece = ""
            for byte in String(character).utf8 {
                let isPlain = (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                piece += isPlain ? String(UnicodeScalar(byte)) : byte == 0x20 ? "_" : "=" + hex(byte)
            }
            // 75 less `=?utf-8?q?` and `?=`.
            if word.utf8.count + piece.utf8.count > 63 {
                words.append(word)
                word = ""
            }
            word += piece
        }
        if !word.isEmpty { words.append(word) }
        return words.map { "=?utf-8?q?\($0)?=" }.joined(separator: "\r\n ")
    }

    /// Long headers continue on the next line at a space.
    private static func folded(_ text: String) -> String {
        var out = ""
        var column = 9
        for (index, word) in text.split(separator: " ", omittingEmptySubsequences: false).enumerated() {
            if index > 0 {
                if column + 1 + word.utf8.count > 76, !word.isEmpty {
                    out += "\r\n "
                    column = 1
                } else {
                    out += " "
                    column += 1
                }
            }
            out += word
            column += word.utf8.count
        }
        return out
    }

    /// RFC 2045, 6.7. Line ends become CRLF, no line is longer than 76.
    static func quotedPrintable(_ text: String) -> String {
        var out = ""
        for line in lines(text) {
            var column = 0
            let bytes = Array(line.utf8)
            for (index, byte) in bytes.enumerated() {
                let isLast = index == bytes.count - 1
                let isPlain = (0x21...0x7E).contains(byte) && byte != 0x3D || (byte == 0x20 || byte == 0x09) && !isLast
                let piece = isPlain ? String(UnicodeScalar(byte)) : "=" + hex(byte)
                if column + piece.utf8.count > 75 {
                    out += "=\r\n"
                    column = 0
                }
                out += piece
                column += piece.utf8.count
            }
            out += "\r\n"
        }
        return out
    }

    private static func lines(_ text: String) -> [Substring] {
        text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    }

    /// RFC 5321, 4.5.2: a line that begins with a dot gets another; the end is a line with a dot alone.
    static func dotStuffed(_ bytes: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count + 64)
        var isLineStart = true
        for byte in bytes {
            if isLineStart, byte == 0x2E { out.append(0x2E) }
            out.append(byte)
            isLineStart = byte == 0x0A
        }
        if !isLineStart { out += [0x0D, 0x0A] }
        return out + [0x2E, 0x0D, 0x0A]
    }

    /// `Thu, 15 Jan 2026 03:07:00 +0000`.
    static func date(_ at: Timestamp) -> String {
        let seconds = at.microseconds / 1_000_000
        let day = Int(seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400)
        let rest = Int(seconds) - day * 86_400
        let date = Timestamp.civil(day: day)
        let names = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let time = "\(two(rest / 3600)):\(two(rest / 60 % 60)):\(two(rest % 60))"
        return "\(names[(day % 7 + 7) % 7]), \(date.day) \(months[date.month - 1]) \(date.year) \(time) +0000"
    }

    private static func hex(_ byte: UInt8) -> String {
        let text = String(byte, radix: 16, uppercase: true)
        return text.count == 1 ? "0" + text : text
    }
}
