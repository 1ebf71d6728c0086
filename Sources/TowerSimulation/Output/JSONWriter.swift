import TowerModel

/// Appends JSON to a byte array: fields in the order of the calls, numbers cut to sensible digits, no spaces.
struct JSONWriter: Sendable {
    var bytes: [UInt8]
    private var needsComma = false

    init(bytes: [UInt8] = []) { self.bytes = bytes }

    mutating func reset() {
        bytes.removeAll(keepingCapacity: true)
        needsComma = false
    }

    mutating func beginObject() { open(0x7B) }
    mutating func endObject() { close(0x7D) }
    mutating func beginArray() { open(0x5B) }
    mutating func endArray() { close(0x5D) }

    private mutating func open(_ byte: UInt8) {
        separate()
        bytes.append(byte)
        needsComma = false
    }

    private mutating func close(_ byte: UInt8) {
        bytes.append(byte)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(0x2C) }
        needsComma = true
    }

    mutating func raw(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    /// Bytes that are JSON already and leave the writer where a value may be followed by a comma.
    mutating func raw(_ encoded: [UInt8]) { bytes.append(contentsOf: encoded) }

    mutating func key(_ name: StaticString) {
        separate()
        bytes.append(0x22)
        raw(name)
        bytes.append(0x22)
        bytes.append(0x3A)
        needsComma = false
    }

    mutating func key(text name: String) {
        string(name)
        bytes.append(0x3A)
        needsComma = false
    }

    mutating func null() {
        separate()
        raw("null")
    }

    mutating func string(_ text: String) {
        separate()
        bytes.append(0x22)
        for byte in text.utf8 {
            switch byte {
            case 0x22, 0x5C:
                bytes.append(0x5C)
                bytes.append(byte)
            case 0..<0x20:
                raw("\\u00")
                bytes.append(byte < 16 ? 0x30 : 0x31)
                let low = byte & 15
                bytes.append(low < 10 ? 0x30 + low : 0x57 + low)
            default: bytes.append(byte)
            }
        }
        bytes.append(0x22)
    }

    /// A string that needs no escapes.
    mutating func quoted(_ text: StaticString) {
        separate()
        bytes.append(0x22)
        raw(text)
        bytes.append(0x22)
    }

    /// Digits without regard to commas, where the caller has written raw text before.
    mutating func bareInteger(_ value: Int) { digits(value) }

    mutating func integer(_ value: Int) {
        separate()
        digits(value)
    }

    mutating func bool(_ value: Bool) {
        separate()
        raw(value ? "true" : "false")
    }

    /// A number with at most `decimals` digits after the point and no trailing zeros. Not finite is written as `null`.
    mutating func number(_ value: Double, decimals: Int) {
        guard value.isFinite, value.magnitude < 1e12 else { return null() }
        separate()
        var scale = 1
        for _ in 0..<decimals { scale *= 10 }
        var scaled = Int((value * Double(scale)).rounded())
        if scaled < 0 {
            bytes.append(0x2D)
            scaled = -scaled
        }
        digits(scaled / scale)
        var fraction = scaled % scale
        guard fraction > 0 else { return }
        bytes.append(0x2E)
        var unit = scale / 10
        while fraction > 0 {
            bytes.append(0x30 + UInt8(fraction / unit))
            fraction %= unit
            unit /= 10
        }
    }

    private mutating func digits(_ value: Int) {
        var value = value
        if value < 0 {
            bytes.append(0x2D)
            value = -value
        }
        let start = bytes.count
        repeat {
            bytes.append(0x30 + UInt8(value % 10))
            value /= 10
        } while value > 0
        var (low, high) = (start, bytes.count - 1)
        while low < high {
            bytes.swapAt(low, high)
            low += 1
            high -= 1
        }
    }

    /// The 36 characters of an id, unquoted.
    mutating func append(_ id: EventID) {
        for nibble in 0..<32 {
            if nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20 { bytes.append(0x2D) }
            let word = nibble < 16 ? id.high : id.low
            let digit = UInt8(word >> UInt64(60 - 4 * (nibble & 15)) & 15)
            bytes.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
        }
    }

    // MARK: Fields

    mutating func field(_ name: StaticString, _ value: String) { key(name); string(value) }
    mutating func field(_ name: StaticString, _ value: Int) { key(name); integer(value) }
    mutating func field(_ name: StaticString, _ value: Bool) { key(name); bool(value) }
    mutating func field(_ name: StaticString, _ value: Double, decimals: Int) { key(name); number(value, decimals: decimals) }
    mutating func field(_ name: String, _ value: Double, decimals: Int) { key(text: name); number(value, decimals: decimals) }
    mutating func field(_ name: StaticString, _ values: [String]) {
        key(name)
        beginArray()
        for value in values { string(value) }
        endArray()
    }
}
