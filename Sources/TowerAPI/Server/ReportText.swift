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

    private mutating func write(_ number: Int) { bytes.append(contentsOf: String(number).utf8) }

    /// What stands between the quotes.
    private mutating func quote(_ text: String) {
        let isPlain = text.utf8.allSatisfy { $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
        // Nearly always, and then in one piece.
        if isPlain { bytes.append(contentsOf: text.utf8) } else { quote(bytewise: text) }
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
