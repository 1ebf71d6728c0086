/// Writes the state of a room as bytes that depend on the state alone.
///
/// - Shape: little-endian; counts and small numbers as base-128 varints; a name is written where it first comes up and is a
///   number from then on. Numbers of the symbol table are of one process and have no place here.
/// - Order: what lies in a dictionary is written sorted, so equal states have equal bytes in every process.
/// - Cost: appends to one array; a state of 100 MB takes a few tenths of a second.
public struct StateWriter: Sendable {
    @usableFromInline var storage: [UInt8] = []
    @usableFromInline var length = 0
    private var numbers: [String: Int] = [:]
    private var names: [String] = []

    public init() {}

    /// - Parameter capacity: bytes expected.
    public init(capacity: Int) { storage.reserveCapacity(capacity) }

    public var count: Int { length }

    public var bytes: [UInt8] { Array(storage[..<length]) }

    /// Gives the bytes away and begins anew: no copy of a large state.
    public mutating func take() -> [UInt8] {
        storage.removeLast(storage.count - length)
        let bytes = storage
        self = StateWriter()
        return bytes
    }

    @inlinable
    mutating func makeRoom(_ more: Int) {
        guard storage.count - length < more else { return }
        grow(more)
    }

    @usableFromInline
    mutating func grow(_ more: Int) {
        storage.append(contentsOf: repeatElement(0, count: max(more, max(4096, storage.count))))
    }

    // MARK: Numbers

    @inlinable
    public mutating func write(byte: UInt8) {
        makeRoom(1)
        storage[length] = byte
        length += 1
    }

    @inlinable
    public mutating func write(_ flag: Bool) { write(byte: flag ? 1 : 0) }

    @inlinable
    public mutating func write(fixed: UInt64) {
        makeRoom(8)
        storage.withUnsafeMutableBytes { [length] in $0.storeBytes(of: fixed.littleEndian, toByteOffset: length, as: UInt64.self) }
        length += 8
    }

    @inlinable
    public mutating func write(fixed: UInt32) {
        makeRoom(4)
        storage.withUnsafeMutableBytes { [length] in $0.storeBytes(of: fixed.littleEndian, toByteOffset: length, as: UInt32.self) }
        length += 4
    }

    @inlinable
    public mutating func write(unsigned: UInt64) {
        makeRoom(10)
        var rest = unsigned
        while rest >= 0x80 {
            storage[length] = UInt8(truncatingIfNeeded: rest) | 0x80
            length += 1
            rest >>= 7
        }
        storage[length] = UInt8(rest)
        length += 1
    }

    /// Zigzag, so that small negative numbers are short, too.
    @inlinable
    public mutating func write(signed: Int64) { write(unsigned: UInt64(bitPattern: signed << 1 ^ signed >> 63)) }

    @inlinable
    public mutating func write(_ number: Int) { write(signed: Int64(number)) }

    @inlinable
    public mutating func write(_ number: Int32) { write(signed: Int64(number)) }

    @inlinable
    public mutating func write(count: Int) { write(unsigned: UInt64(count)) }

    /// The bits as they are, whatever kind of NaN.
    @inlinable
    public mutating func write(_ number: Double) { write(fixed: number.bitPattern) }

    @inlinable
    public mutating func write(_ number: Float) { write(fixed: number.bitPattern) }

    /// An instant near another one: short when they are near, one byte for "never".
    @inlinable
    public mutating func write(instant: Int64, near base: Int64) {
        switch instant {
        case .min: write(byte: 0)
        case .max: write(byte: 1)
        case Timestamp.distantPast.microseconds: write(byte: 2)
        default:
            let distance = instant &- base
            let zigzag = UInt64(bitPattern: distance << 1 ^ distance >> 63)
            guard zigzag <= UInt64.max - 4 else {
                write(byte: 3)
                return write(fixed: UInt64(bitPattern: instant))
            }
            write(unsigned: zigzag + 4)
        }
    }

    @inlinable
    public mutating func write(_ instant: Timestamp, near base: Timestamp = Timestamp(microseconds: 0)) {
        write(instant: instant.microseconds, near: base.microseconds)
    }

    @inlinable
    public mutating func write(_ id: EventID) {
        write(fixed: id.high)
        write(fixed: id.low)
    }

    // MARK: Names and parts

    /// A text of any length; one that came up before in this part costs a byte or two.
    public mutating func write(_ name: String) {
        // Equal to Swift may be other bytes (composed or not): those are a name of their own.
        if let known = numbers[name], names[known].utf8.elementsEqual(name.utf8) { return write(count: known) }
        numbers[name] = names.count
        write(count: names.count)
        names.append(name)
        write(text: name)
    }

    /// A text that is not expected to come up again.
    public mutating func write(text: String) {
        var text = text
        text.withUTF8 { utf8 in
            write(count: utf8.count)
            makeRoom(utf8.count)
            storage.withUnsafeMutableBytes { [length] in
                UnsafeMutableRawBufferPointer(rebasing: $0[length..<length + utf8.count]).copyMemory(from: UnsafeRawBufferPointer(utf8))
            }
            length += utf8.count
        }
    }

    /// A part with a name table and a length of its own: it can be read, compared and hashed by itself.
    ///
    /// - Returns: the bytes of `writer.bytes` that `body` wrote.
    @discardableResult
    public mutating func part(_ body: (inout StateWriter) -> Void) -> Range<Int> {
        let outside = (numbers, names)
        numbers = [:]
        names = []
        write(fixed: UInt64(0))
        let start = length
        body(&self)
        (numbers, names) = outside
        let size = UInt64(length - start)
        storage.withUnsafeMutableBytes { $0.storeBytes(of: size.littleEndian, toByteOffset: start - 8, as: UInt64.self) }
        return start..<length
    }
}

extension StateWriter {
    @inlinable
    public mutating func write(_ number: Double?) {
        write(number != nil)
        if let number { write(number) }
    }

    public mutating func write(_ name: String?) {
        write(name != nil)
        if let name { write(name) }
    }

    public mutating func write(_ id: EventID?) {
        write(id != nil)
        if let id { write(id) }
    }

    public mutating func write(_ number: Int32?) {
        write(number != nil)
        if let number { write(number) }
    }

    /// `nil` and the distant past are different things.
    public mutating func write(optional instant: Timestamp?, near base: Timestamp = Timestamp(microseconds: 0)) {
        write(instant != nil)
        if let instant { write(instant, near: base) }
    }

    public mutating func write(_ ids: [EventID]) {
        write(count: ids.count)
        for id in ids { write(id) }
    }

    public mutating func write(_ numbers: [Int32]) {
        write(count: numbers.count)
        for number in numbers { write(number) }
    }

    public mutating func write(_ names: [String]) {
        write(count: names.count)
        for name in names { write(name) }
    }
}
