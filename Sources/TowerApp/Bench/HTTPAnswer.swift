/// Reads an HTTP/1.1 answer as its bytes arrive: just as much of the protocol as a server's own load generator needs.
///
/// - Bounds: an answer of at most `capacity` bytes. It must have a `Content-Length`.
struct HTTPAnswer {
    static let capacity = 1 << 20

    enum Problem: Error, Equatable {
        case tooLarge
        case malformed
        /// A body without a stated length; chunked answers are not read.
        case lengthMissing
    }

    private(set) var bytes: [UInt8] = []
    private(set) var status = 0
    /// Where the body begins and ends, once the head is whole.
    private(set) var body: Range<Int>?
    private var scanned = 0

    var isWhole: Bool { body.map { bytes.count >= $0.upperBound } ?? false }

    mutating func reset() {
        bytes.removeAll(keepingCapacity: true)
        status = 0
        body = nil
        scanned = 0
    }

    /// Takes more bytes in. What follows the answer, which nothing should without pipelining, is an error.
    mutating func take(_ more: UnsafeRawBufferPointer) throws(Problem) {
        guard bytes.count + more.count <= Self.capacity else { throw .tooLarge }
        bytes.append(contentsOf: more)
        if body == nil { try readHead() }
        if let body, bytes.count > body.upperBound { throw .malformed }
    }

    private mutating func readHead() throws(Problem) {
        guard let end = endOfHead() else { return }
        // "HTTP/1.1 202 …"
        guard end >= 12, bytes[0] == UInt8(ascii: "H"), let status = Self.number(bytes, from: 9) else { throw .malformed }
        self.status = status
        var line = end
        for start in 0..<end where start == 0 || bytes[start - 1] == UInt8(ascii: "\n") {
            if Self.matches("content-length:", bytes, start) { line = start }
        }
        if line == end {
            guard status == 204 || status == 304 else { throw .lengthMissing }
            body = end..<end
            return
        }
        var at = line + 15
        while bytes[at] == UInt8(ascii: " ") { at += 1 }
        guard let length = Self.number(bytes, from: at) else { throw .malformed }
        guard length <= Self.capacity else { throw .tooLarge }
        body = end..<end + length
    }

    /// Index behind the empty line.
    private mutating func endOfHead() -> Int? {
        var at = max(3, scanned)
        while at < bytes.count {
            if bytes[at] == 10, bytes[at - 1] == 13, bytes[at - 2] == 10, bytes[at - 3] == 13 { return at + 1 }
            at += 1
        }
        scanned = at
        return nil
    }

    /// The number behind `"name":` in a JSON body; `nil` when there is none.
    func count(of name: StaticString) -> Int? {
        guard let body, isWhole, let at = position(after: name, in: body) else { return nil }
        return Self.number(bytes, from: at)
    }

    /// Elements of the array of objects behind `"name":`, told by their opening braces; `nil` when there is none.
    func objects(in name: StaticString) -> Int? {
        guard let body, isWhole, let start = position(after: name, in: body), bytes[start] == UInt8(ascii: "[") else {
            return nil
        }
        var depth = 0
        var found = 0
        var isInText = false
        var at = start - 1
        while at + 1 < body.upperBound {
            at += 1
            if isInText {
                if bytes[at] == UInt8(ascii: "\\") { at += 1 } else if bytes[at] == UInt8(ascii: "\"") { isInText = false }
                continue
            }
            switch bytes[at] {
            case UInt8(ascii: "\""): isInText = true
            case UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "]"):
                depth -= 1
                if depth == 0 { return found }
            case UInt8(ascii: "{"): found += 1
            default: break
            }
        }
        return nil
    }

    private func position(after name: StaticString, in body: Range<Int>) -> Int? {
        let length = name.utf8CodeUnitCount
        guard body.count > length + 3 else { return nil }
        for at in body.lowerBound..<body.upperBound - length - 3
        where bytes[at] == UInt8(ascii: "\"") && Self.matches(name, bytes, at + 1) && bytes[at + length + 1] == UInt8(ascii: "\"")
        {
            var value = at + length + 2
            while value < body.upperBound, bytes[value] == UInt8(ascii: ":") || bytes[value] == UInt8(ascii: " ") { value += 1 }
            return value < body.upperBound ? value : nil
        }
        return nil
    }

    /// Whether the text, in lower case, begins there; letters of either case count as equal.
    private static func matches(_ text: StaticString, _ bytes: [UInt8], _ start: Int) -> Bool {
        guard start + text.utf8CodeUnitCount <= bytes.count else { return false }
        for index in 0..<text.utf8CodeUnitCount {
            let byte = bytes[start + index]
            let lower = byte >= 65 && byte <= 90 ? byte | 0x20 : byte
            if lower != text.utf8Start[index] { return false }
        }
        return true
    }

    private static func number(_ bytes: [UInt8], from start: Int) -> Int? {
        var value = 0
        var at = start
        while at < bytes.count, bytes[at] >= 48, bytes[at] <= 57, at - start < 12 {
            value = value * 10 + Int(bytes[at] - 48)
            at += 1
        }
        return at > start ? value : nil
    }
}
