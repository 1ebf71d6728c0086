/// One record of a CSV file.
public struct CSVRow: Sendable, Hashable {
    /// Line on which it begins, from 1.
    public var line: Int
    public var fields: [String]
}

/// What is wrong with a table, and where.
public struct CSVProblem: Sendable, Codable, Hashable, Error {
    public var file: String
    public var line: Int
    /// Name of the column; empty when the whole line is meant.
    public var column: String
    public var reason: String
    public init(file: String, line: Int, column: String = "", reason: String) {
        self.file = file
        self.line = line
        self.column = column
        self.reason = reason
    }
}

/// Reads CSV as RFC 4180 has it, one record at a time; a bad record costs only itself.
///
/// - Tolerant: a byte order mark, `\n`, `\r\n` or `\r` as line ends, blank lines, `;` or a tab as delimiter (whichever of the
///   three the first line has most of, outside quotes).
/// - Bounds: `maximumFieldBytes` of a field, `maximumFields` of a record.
public struct CSVReader: Sendable {
    public static let maximumFieldBytes = 65_536
    public static let maximumFields = 256

    private let bytes: [UInt8]
    private let file: String
    private var at = 0
    private var line = 1
    public let delimiter: UInt8

    public init(_ bytes: [UInt8], file: String) {
        self.bytes = bytes
        self.file = file
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { at = 3 }
        delimiter = Self.delimiter(of: bytes[at...])
    }

    private static func delimiter(of bytes: ArraySlice<UInt8>) -> UInt8 {
        var counts = [UInt8(0x2C): 0, 0x3B: 0, 0x09: 0]
        var isQuoted = false
        for byte in bytes {
            if byte == 0x22 { isQuoted.toggle() }
            guard !isQuoted else { continue }
            if byte == 0x0A || byte == 0x0D { break }
            if let count = counts[byte] { counts[byte] = count + 1 }
        }
        return [UInt8(0x2C), 0x3B, 0x09].max { counts[$0]! < counts[$1]! } ?? 0x2C
    }

    /// The next record, or what is wrong with it; `nil` at the end.
    public mutating func next() -> Result<CSVRow, CSVProblem>? {
        while at < bytes.count, bytes[at] == 0x0A || bytes[at] == 0x0D { endLine() }
        guard at < bytes.count else { return nil }
        let (start, begun) = (at, line)
        var fields: [String] = []
        while true {
            let field = self.field()
            switch field {
            case .failure(let reason):
                // Whatever the quotes hide, the next line is read on its own.
                at = start
                line = begun
                while at < bytes.count, bytes[at] != 0x0A, bytes[at] != 0x0D { at += 1 }
                endLine()
                return .failure(
                    CSVProblem(file: file, line: begun, column: "field \(fields.count + 1)", reason: reason.text))
            case .success(let text): fields.append(text)
            }
            guard at < bytes.count, bytes[at] == delimiter else { break }
            at += 1
            guard fields.count < Self.maximumFields else {
                while at < bytes.count, bytes[at] != 0x0A, bytes[at] != 0x0D { at += 1 }
                endLine()
                return .failure(CSVProblem(file: file, line: begun, reason: "more than \(Self.maximumFields) fields"))
            }
        }
        endLine()
        return .success(CSVRow(line: begun, fields: fields))
    }

    private struct Reason: Error { let text: String }

    private mutating func field() -> Result<String, Reason> {
        guard at < bytes.count, bytes[at] == 0x22 else {
            let start = at
            while at < bytes.count, bytes[at] != delimiter, bytes[at] != 0x0A, bytes[at] != 0x0D { at += 1 }
            return text(bytes[start..<at])
        }
        at += 1
        var content: [UInt8] = []
        while true {
            guard at < bytes.count else { return .failure(Reason(text: "the quote that begins this field is never closed")) }
            guard content.count <= Self.maximumFieldBytes else { return .failure(Self.tooLong) }
            let byte = bytes[at]
            if byte == 0x22 {
                at += 1
                guard at < bytes.count, bytes[at] == 0x22 else { break }
                content.append(0x22)
                at += 1
            } else if byte == 0x0D {
                content.append(0x0A)
                endLine()
            } else {
                content.append(byte)
                if byte == 0x0A { line += 1 }
                at += 1
            }
        }
        guard at == bytes.count || bytes[at] == delimiter || bytes[at] == 0x0A || bytes[at] == 0x0D else {
            return .failure(Reason(text: "text follows the closing quote; a quote inside a quoted field is written twice"))
        }
        return text(content[...])
    }

    private static let tooLong = Reason(text: "longer than \(maximumFieldBytes) bytes")

    private func text(_ slice: ArraySlice<UInt8>) -> Result<String, Reason> {
        guard slice.count <= Self.maximumFieldBytes else { return .failure(Self.tooLong) }
        guard let text = String(validating: slice, as: UTF8.self) else {
            return .failure(Reason(text: "not UTF-8; save the file as UTF-8"))
        }
        return .success(text)
    }

    private mutating func endLine() {
        guard at < bytes.count else { return }
        if bytes[at] == 0x0D, at + 1 < bytes.count, bytes[at + 1] == 0x0A { at += 1 }
        at += 1
        line += 1
    }
}
