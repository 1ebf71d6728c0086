import TowerIngest

/// A report of the door as JSON, without an encoder: among many bad lines that would cost more than reading the good ones. The same
/// bytes as the encoder's: keys sorted, no blanks, slashes as they are.
struct ReportText {
    private(set) var bytes: [UInt8] = []

    init(_ report: IngestReport) {
        bytes.reserveCapacity(64 + report.rejected.count * 192)
        write("{\"accepted\":")
        write(report.accepted)
        write(",\"duplicates\":")
        write(report.duplicates)
        write(",\"rejected\":[")
        for (index, rejection) in report.rejected.enumerated() {
            write(index == 0 ? "{\"code\":\"" : ",{\"code\":\"")
            quote(rejection.code)
            write("\",\"detail\":\"")
            quote(rejection.detail)
            write("\",\"line\":")
            write(rejection.line)
            write("}")
        }
        write("]}")
    }

    private mutating func write(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private mutating func write(_ number: Int) {
        var digits = String(number)
        digits.withUTF8 { bytes.append(contentsOf: $0) }
    }

    /// What stands between the quotes.
    private mutating func quote(_ text: String) {
        var text = text
        let isPlain = text.withUTF8 { text in
            // Every byte, so that the loop is one over whole registers: nearly always nothing is to be escaped.
            var odd: UInt8 = 0
            for byte in text {
                odd |= byte < 0x20 ? 1 : 0
                odd |= byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") ? 1 : 0
            }
            if odd == 0 { bytes.append(contentsOf: text) }
            return odd == 0
        }
        if !isPlain { quote(bytewise: text) }
    }

    private mutating func quote(bytewise text: String) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0x08: write("\\b")
            case 0x09: write("\\t")
            case 0x0A: write("\\n")
            case 0x0C: write("\\f")
            case 0x0D: write("\\r")
            case 0..<0x20:
                write("\\u00")
                for digit in [byte >> 4, byte & 15] { bytes.append(digit < 10 ? 0x30 + digit : 0x57 + digit) }
            default: bytes.append(byte)
            }
        }
    }
}
