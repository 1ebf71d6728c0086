import TowerModel

/// The envelope's field names as the words a little-endian machine reads; shorter names include their closing quote.
enum EnvelopeKey {
    static let siteID: UInt64 = word("site_id\"")
    static let version: UInt64 = word("version\"")
    static let payload: UInt64 = word("payload\"")
    static let eventID: UInt64 = word("event_id")
    static let metadata: UInt64 = word("metadata")
    static let tenantI: UInt64 = word("tenant_i")
    static let timestam: UInt64 = word("timestam")
    static let eventTy: UInt64 = word("event_ty")

    private static func word(_ text: StaticString) -> UInt64 {
        var word: UInt64 = 0
        for index in 0..<8 { word |= UInt64(text.utf8Start[index]) << UInt64(8 * index) }
        return word
    }
}

/// What identifiers are made of.
enum Identifier {
    /// Place of the first byte outside `[A-Za-z0-9._:-]`.
    static func firstBadByte(of bytes: UnsafeRawBufferPointer) -> Int? {
        bytes.firstIndex { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2E, 0x5F, 0x3A, 0x2D: false
            default: true
            }
        }
    }

    /// Place of the first byte that dotted lower case does not allow: also a dot at an end or behind a dot.
    static func firstBadByte(ofType bytes: UnsafeRawBufferPointer) -> Int? {
        var previous: UInt8 = 0x2E
        for (index, byte) in bytes.enumerated() {
            switch byte {
            case 0x30...0x39, 0x61...0x7A, 0x5F, 0x2D: break
            case 0x2E where previous != 0x2E: break
            default: return index
            }
            previous = byte
        }
        return previous == 0x2E ? bytes.count - 1 : nil
    }
}

/// `major.minor` as `major << 16 | minor`; `major` alone means minor 0.
enum VersionText {
    static func parse(_ scanner: JSONScanner, _ range: Range<Int>) -> UInt32? {
        var parts: [UInt32] = []
        var value: UInt32 = 0
        var digits = 0
        for index in range {
            let byte = scanner.byte(index)
            if byte == 0x2E, digits > 0, parts.isEmpty {
                parts.append(value)
                value = 0
                digits = 0
                continue
            }
            guard byte &- 0x30 < 10, digits < 5 else { return nil }
            value = value * 10 + UInt32(byte &- 0x30)
            digits += 1
        }
        guard digits > 0, value < 65_536 else { return nil }
        guard let major = parts.first else { return value << 16 }
        return major < 65_536 ? major << 16 | value : nil
    }
}

/// Reads UUID text eight digits a step.
enum UUIDText {
    private static let ones: UInt64 = 0x0101_0101_0101_0101

    @inline(__always)
    static func parse(_ scanner: JSONScanner, _ text: JSONScanner.Text) -> EventID? {
        guard text.count == 36 else { return nil }
        let at = text.start
        guard scanner.byte(at + 8) == 0x2D, scanner.byte(at + 13) == 0x2D, scanner.byte(at + 18) == 0x2D,
            scanner.byte(at + 23) == 0x2D
        else { return nil }
        var marks: UInt64 = 0
        let a = digits(scanner.word(at), &marks)
        let b = digits(UInt64(scanner.half(at + 9)) | UInt64(scanner.half(at + 14)) << 32, &marks)
        let c = digits(UInt64(scanner.half(at + 19)) | UInt64(scanner.half(at + 24)) << 32, &marks)
        let d = digits(scanner.word(at + 28), &marks)
        guard marks == 0 else { return nil }
        return EventID(high: a << 32 | b, low: c << 32 | d)
    }

    /// The value of eight hexadecimal digits, the first in the lowest byte; `marks` becomes non-zero when one is none.
    @inline(__always)
    private static func digits(_ word: UInt64, _ marks: inout UInt64) -> UInt64 {
        let highs = ones << 7
        // Bytes below 128 plus at most 0x50 cannot carry into their neighbour.
        let ascii = word & ~highs
        let lower = ascii | ones << 5
        let isDigit = (ascii &+ 0x50 &* ones) & ~(ascii &+ 0x46 &* ones)
        let isLetter = (lower &+ 0x1F &* ones) & ~(lower &+ 0x19 &* ones)
        marks |= (~(isDigit | isLetter) | word) & highs
        var value = ((ascii & (0x0F &* ones)) &+ ((ascii >> 6) & ones) &* 9).byteSwapped
        value = (value | value >> 4) & 0x00FF_00FF_00FF_00FF
        value = (value | value >> 8) & 0x0000_FFFF_0000_FFFF
        return (value | value >> 16) & 0xFFFF_FFFF
    }
}

/// Reads timestamps and remembers the last date, because the next event is usually of the same day.
struct DateMemory: Sendable {
    private var high: UInt64 = 0
    private var low: UInt16 = 0
    private var dayMicroseconds: Int64 = 0

    @inline(__always)
    mutating func parse(_ scanner: JSONScanner, _ text: JSONScanner.Text) -> Timestamp? {
        // 2026-01-02T03:04:05.678Z, nearly always.
        if text.count == 24, !text.isEscaped, let quick = quick(scanner, text.start) { return quick }
        guard !text.isEscaped, text.count <= 40 else { return nil }
        return Timestamp.parse(UnsafeRawBufferPointer(start: scanner.base + text.start, count: text.count))
    }

    @inline(__always)
    private mutating func quick(_ scanner: JSONScanner, _ at: Int) -> Timestamp? {
        guard scanner.byte(at + 10) == 0x54, scanner.byte(at + 13) == 0x3A, scanner.byte(at + 16) == 0x3A,
            scanner.byte(at + 19) == 0x2E,
            scanner.byte(at + 23) == 0x5A
        else { return nil }
        var bad: UInt8 = 0
        func pair(_ index: Int) -> Int64 {
            let tens = scanner.byte(index) &- 0x30
            let units = scanner.byte(index + 1) &- 0x30
            if tens > 9 || units > 9 { bad = 1 }
            return Int64(tens) &* 10 &+ Int64(units)
        }
        let hour = pair(at + 11)
        let minute = pair(at + 14)
        let second = pair(at + 17)
        let tenths = pair(at + 20)
        let last = scanner.byte(at + 22) &- 0x30
        guard bad == 0, last < 10, hour < 24, minute < 60, second < 60 else { return nil }
        let high = scanner.word(at)
        let low = UInt16(scanner.byte(at + 8)) | UInt16(scanner.byte(at + 9)) << 8
        if high != self.high || low != self.low {
            // Midnight of that day by the careful reader, which also checks the date.
            guard let full = Timestamp.parse(UnsafeRawBufferPointer(start: scanner.base + at, count: 24)) else { return nil }
            dayMicroseconds = full.microseconds - full.microseconds % 86_400_000_000
            if full.microseconds < 0 { return full }
            self.high = high
            self.low = low
        }
        let milliseconds = (hour * 3600 + minute * 60 + second) * 1000 + tenths * 10 + Int64(last)
        return Timestamp(microseconds: dayMicroseconds + milliseconds * 1000)
    }
}
