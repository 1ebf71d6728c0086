/// Bytes as sixteen to a line, with their place and what can be read of them.
struct HexDump {
    private let bytes: [UInt8]
    private let marked: Int?

    /// - Parameter marking: index of a byte that gets a caret.
    init(_ bytes: [UInt8], marking: Int? = nil) {
        self.bytes = bytes
        marked = marking
    }

    func text(upTo limit: Int) -> String {
        var lines: [String] = []
        for start in stride(from: 0, to: min(bytes.count, limit), by: 16) {
            let row = bytes[start..<min(start + 16, bytes.count)]
            let cells = row.map { Self.hex(Int($0), 2) }.joined(separator: " ")
            let readable = String(row.map { $0 >= 0x20 && $0 < 0x7F ? Character(Unicode.Scalar($0)) : "." })
            lines.append(Self.hex(start, 8) + "  " + cells + String(repeating: " ", count: 47 - cells.utf8.count) + "  " + readable)
            if let marked, row.indices.contains(marked) {
                lines.append(String(repeating: " ", count: 10 + 3 * (marked - start)) + "^^ byte \(marked + 1)")
            }
        }
        if bytes.count > limit { lines.append("… \(bytes.count - limit) bytes more; --json has all of them") }
        return lines.joined(separator: "\n")
    }

    private static func hex(_ value: Int, _ digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
