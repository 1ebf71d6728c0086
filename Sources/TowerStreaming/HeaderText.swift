/// A record's headers in Kafka's form, one behind the other: what a door writes for each of many records, where an array of names and
/// values would cost an allocation a header.
///
/// - Shape: `name length, name, value length, value`, `count` times; lengths as zigzag varints (Kafka protocol guide, "Record Header").
public struct HeaderText: Sendable {
    public private(set) var bytes: [UInt8] = []
    public private(set) var count = 0

    public init() {}

    public init(_ headers: [Record.Header]) {
        for header in headers { add(header) }
    }

    public mutating func add(_ header: Record.Header) {
        count += 1
        Self.put(header, to: &bytes)
    }

    public mutating func add(_ name: String, _ value: String) {
        count += 1
        Self.put(text: name, to: &bytes)
        Self.put(text: value, to: &bytes)
    }

    /// The number in decimal digits.
    public mutating func add(_ name: String, _ value: Int) { add(name, String(value)) }

    /// Forgets the headers and keeps the memory.
    public mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        count = 0
    }

    /// Adds a set: the number of headers, then they themselves.
    package static func put(_ headers: [Record.Header], to bytes: inout [UInt8]) {
        put(headers.count, to: &bytes)
        for header in headers { put(header, to: &bytes) }
    }

    static func put(_ header: Record.Header, to bytes: inout [UInt8]) {
        put(text: header.name, to: &bytes)
        put(header.value.count, to: &bytes)
        bytes.append(contentsOf: header.value)
    }

    /// Adds a text behind its length: in one piece where it lies in one, as nearly every text does.
    @inline(__always)
    private static func put(text: String, to bytes: inout [UInt8]) {
        var text = text
        text.withUTF8 { text in
            put(text.count, to: &bytes)
            bytes.append(contentsOf: text)
        }
    }

    /// Adds a length.
    @inline(__always)
    static func put(_ number: Int, to bytes: inout [UInt8]) {
        if number >= 0, number < 64 { return bytes.append(UInt8(number << 1)) }
        withUnsafeTemporaryAllocation(byteCount: 10, alignment: 1) { memory in
            guard let base = memory.baseAddress else { return }
            let count = Varint.write(number, to: base, at: 0)
            bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: memory[..<count]))
        }
    }

    /// Where the header at `at` has its name and value; moves `at` behind it. `nil` where the bytes hold none.
    package static func next(_ bytes: UnsafeRawBufferPointer, _ at: inout Int) -> (name: Range<Int>, value: Range<Int>)? {
        guard let name = part(bytes, &at), let value = part(bytes, &at) else { return nil }
        return (name, value)
    }

    private static func part(_ bytes: UnsafeRawBufferPointer, _ at: inout Int) -> Range<Int>? {
        guard let length = Varint.read(bytes, at: &at), length <= bytes.count - at else { return nil }
        let range = at..<at + max(length, 0)
        at = range.upperBound
        return range
    }

    /// The header that lies there, as a value.
    static func header(_ bytes: UnsafeRawBufferPointer, _ place: (name: Range<Int>, value: Range<Int>)) -> Record.Header {
        Record.Header(String(decoding: bytes[place.name], as: UTF8.self), Array(bytes[place.value]))
    }
}
