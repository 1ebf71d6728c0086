/// Reads what `StateWriter` wrote. Everything is bounded by the bytes at hand; what they cannot be is an error with the field
/// and the place.
public struct StateReader: Sendable {
    @usableFromInline let bytes: [UInt8]
    @usableFromInline var position: Int
    @usableFromInline var end: Int
    private var names: [String] = []

    public init(_ bytes: [UInt8], from start: Int = 0) {
        self.bytes = bytes
        position = min(start, bytes.count)
        end = bytes.count
    }

    public var isAtEnd: Bool { position == end }
    /// Bytes not read yet.
    public var remaining: Int { end - position }

    @usableFromInline
    func short(_ field: StaticString) -> StateError { StateError(.short, field: "\(field)", position: position) }

    public func outOfRange(_ field: StaticString) -> StateError { StateError(.range, field: "\(field)", position: position) }

    // MARK: Numbers

    @inlinable
    public mutating func byte(_ field: StaticString) throws(StateError) -> UInt8 {
        guard position < end else { throw short(field) }
        defer { position += 1 }
        return bytes[position]
    }

    @inlinable
    public mutating func flag(_ field: StaticString) throws(StateError) -> Bool {
        switch try byte(field) {
        case 0: return false
        case 1: return true
        default: throw outOfRange(field)
        }
    }

    @inlinable
    public mutating func fixed64(_ field: StaticString) throws(StateError) -> UInt64 {
        guard end - position >= 8 else { throw short(field) }
        let value = bytes.withUnsafeBytes { [position] in $0.loadUnaligned(fromByteOffset: position, as: UInt64.self) }
        position += 8
        return UInt64(littleEndian: value)
    }

    @inlinable
    public mutating func fixed32(_ field: StaticString) throws(StateError) -> UInt32 {
        guard end - position >= 4 else { throw short(field) }
        let value = bytes.withUnsafeBytes { [position] in $0.loadUnaligned(fromByteOffset: position, as: UInt32.self) }
        position += 4
        return UInt32(littleEndian: value)
    }

    /// The shortest form only: one value has one encoding.
    @inlinable
    public mutating func unsigned(_ field: StaticString) throws(StateError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let next = try byte(field)
            if shift == 63, next > 1 { throw outOfRange(field) }
            value |= UInt64(next & 0x7F) << shift
            if next < 0x80 {
                if next == 0, shift > 0 { throw outOfRange(field) }
                return value
            }
            shift += 7
        }
    }

    @inlinable
    public mutating func signed(_ field: StaticString) throws(StateError) -> Int64 {
        let value = try unsigned(field)
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    @inlinable
    public mutating func int(_ field: StaticString) throws(StateError) -> Int { Int(try signed(field)) }

    @inlinable
    public mutating func int32(_ field: StaticString) throws(StateError) -> Int32 {
        guard let value = Int32(exactly: try signed(field)) else { throw outOfRange(field) }
        return value
    }

    /// A number that counts from 0 to below a bound: an index.
    @inlinable
    public mutating func index(_ field: StaticString, below bound: Int) throws(StateError) -> Int32 {
        let value = try int32(field)
        guard value >= 0, Int(value) < bound else { throw outOfRange(field) }
        return value
    }

    /// How many elements follow. Each takes at least `each` bytes, so no count asks for more memory than there are bytes.
    @inlinable
    public mutating func count(_ field: StaticString, each: Int = 1) throws(StateError) -> Int {
        let value = try unsigned(field)
        guard value <= UInt64(remaining / max(each, 1)) else { throw outOfRange(field) }
        return Int(value)
    }

    @inlinable
    public mutating func double(_ field: StaticString) throws(StateError) -> Double { Double(bitPattern: try fixed64(field)) }

    @inlinable
    public mutating func float(_ field: StaticString) throws(StateError) -> Float { Float(bitPattern: try fixed32(field)) }

    @inlinable
    public mutating func instant(_ field: StaticString, near base: Int64) throws(StateError) -> Int64 {
        switch try unsigned(field) {
        case 0: return .min
        case 1: return .max
        case 2: return Timestamp.distantPast.microseconds
        case 3: return Int64(bitPattern: try fixed64(field))
        case let code:
            let zigzag = code - 4
            return base &+ (Int64(bitPattern: zigzag >> 1) ^ -Int64(bitPattern: zigzag & 1))
        }
    }

    @inlinable
    public mutating func timestamp(
        _ field: StaticString, near base: Timestamp = Timestamp(microseconds: 0)
    ) throws(StateError) -> Timestamp {
        Timestamp(microseconds: try instant(field, near: base.microseconds))
    }

    @inlinable
    public mutating func id(_ field: StaticString) throws(StateError) -> EventID {
        let high = try fixed64(field)
        return EventID(high: high, low: try fixed64(field))
    }

    // MARK: Names and parts

    public mutating func name(_ field: StaticString) throws(StateError) -> String {
        let number = try unsigned(field)
        if number < UInt64(names.count) { return names[Int(number)] }
        guard number == UInt64(names.count) else { throw outOfRange(field) }
        let name = try text(field)
        names.append(name)
        return name
    }

    public mutating func text(_ field: StaticString) throws(StateError) -> String {
        let size = try count(field)
        let start = position
        // What is no UTF-8 was not written by us.
        guard let text = String(validating: bytes[start..<start + size], as: UTF8.self) else { throw outOfRange(field) }
        position += size
        return text
    }

    /// Enters a part: it must be read to its end before `leave`.
    public mutating func enter(_ field: StaticString) throws(StateError) -> StatePart {
        let size = try fixed64(field)
        guard size <= UInt64(remaining) else { throw short(field) }
        let part = StatePart(outerEnd: end, outerNames: names)
        names = []
        end = position + Int(size)
        return part
    }

    public mutating func leave(_ part: StatePart, _ field: StaticString) throws(StateError) {
        guard isAtEnd else { throw StateError(.excess, field: "\(field)", position: position) }
        end = part.outerEnd
        names = part.outerNames
    }

    /// The version of a room's encoding; only the one asked for is taken.
    public mutating func version(_ expected: UInt64, _ field: StaticString) throws(StateError) {
        let start = position
        let found = try unsigned(field)
        guard found == expected else { throw StateError(.version(found), field: "\(field)", position: start) }
    }
}

/// What lies around a part that is being read.
public struct StatePart: Sendable {
    fileprivate var outerEnd: Int
    fileprivate var outerNames: [String]
}

extension StateReader {
    @inlinable
    public mutating func optionalDouble(_ field: StaticString) throws(StateError) -> Double? {
        try flag(field) ? try double(field) : nil
    }

    public mutating func optionalName(_ field: StaticString) throws(StateError) -> String? {
        try flag(field) ? try name(field) : nil
    }

    public mutating func optionalID(_ field: StaticString) throws(StateError) -> EventID? {
        try flag(field) ? try id(field) : nil
    }

    public mutating func optionalTimestamp(
        _ field: StaticString, near base: Timestamp = Timestamp(microseconds: 0)
    ) throws(StateError) -> Timestamp? {
        try flag(field) ? try timestamp(field, near: base) : nil
    }

    public mutating func ids(_ field: StaticString) throws(StateError) -> [EventID] {
        let size = try count(field, each: 16)
        var ids: [EventID] = []
        ids.reserveCapacity(size)
        for _ in 0..<size { ids.append(try id(field)) }
        return ids
    }

    public mutating func numbers(_ field: StaticString) throws(StateError) -> [Int32] {
        let size = try count(field)
        var numbers: [Int32] = []
        numbers.reserveCapacity(size)
        for _ in 0..<size { numbers.append(try int32(field)) }
        return numbers
    }

    public mutating func names(_ field: StaticString) throws(StateError) -> [String] {
        let size = try count(field)
        var names: [String] = []
        for _ in 0..<size { names.append(try name(field)) }
        return names
    }

    /// A value that is written by its public name.
    public mutating func named<Value: RawRepresentable>(
        _ type: Value.Type, _ field: StaticString
    ) throws(StateError) -> Value where Value.RawValue == String {
        guard let value = Value(rawValue: try name(field)) else { throw outOfRange(field) }
        return value
    }
}
