extension JSONScanner {
    /// Text between quotes: `start..<end` of the scanner's bytes.
    struct Text {
        var start: Int
        var end: Int
        var isEscaped: Bool
        var count: Int { end - start }
    }

    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highs: UInt64 = 0x8080_8080_8080_8080

    /// Reads a string whose opening quote is at hand; leaves the position after the closing one.
    @inline(__always)
    mutating func string() throws(Failure) -> Text {
        let start = at + 1
        var index = start
        while index + 8 <= count {
            let word = word(index)
            // The lowest marked byte is the first that is a quote, a backslash, a control character or not ASCII;
            // marks above it may be wrong (a borrow), and are not looked at.
            let quote = word ^ (0x22 &* Self.ones)
            let backslash = word ^ (0x5C &* Self.ones)
            let marks =
                (((quote &- Self.ones) & ~quote) | ((backslash &- Self.ones) & ~backslash) | ((word &- 0x20 &* Self.ones) & ~word)
                    | word) & Self.highs
            if marks == 0 {
                index += 8
                continue
            }
            index += marks.trailingZeroBitCount >> 3
            if byte(index) == 0x22 {
                at = index + 1
                return Text(start: start, end: index, isEscaped: false)
            }
            break
        }
        return try stringSlowly(start: start, from: index)
    }

    /// The rest of a string that has an escape, a character beyond ASCII, an error, or lies near the end of the bytes.
    @inline(never)
    private mutating func stringSlowly(start: Int, from: Int) throws(Failure) -> Text {
        var index = from
        var isEscaped = false
        while index < count {
            let found = byte(index)
            switch found {
            case 0x22:
                at = index + 1
                return Text(start: start, end: index, isEscaped: isEscaped)
            case 0x5C:
                isEscaped = true
                index = try escape(index)
            case 0x00..<0x20:
                throw Failure(.controlCharacter, index, "a raw control character in a string")
            case 0x20..<0x80:
                index += 1
            default:
                let length = sequenceLength(index)
                guard length > 0 else { throw Failure(.invalidUTF8, index, "not a UTF-8 sequence") }
                index += length
            }
        }
        at = count
        throw Failure(.truncated, count, "the value ends inside a string")
    }

    /// Checks the escape whose backslash is at `index`; returns the position after it.
    private func escape(_ index: Int) throws(Failure) -> Int {
        guard index + 1 < count else { throw Failure(.truncated, count, "the value ends inside an escape") }
        switch byte(index + 1) {
        case 0x22, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74: return index + 2
        case 0x75:
            let unit = try codeUnit(index + 2)
            if unit & 0xFC00 == 0xDC00 {
                throw Failure(.loneSurrogate, index, "the second half of a surrogate pair without the first")
            }
            guard unit & 0xFC00 == 0xD800 else { return index + 6 }
            guard index + 6 < count else { throw Failure(.truncated, count, "the value ends inside an escape") }
            guard byte(index + 6) == 0x5C else {
                throw Failure(.loneSurrogate, index, "the first half of a surrogate pair alone")
            }
            guard index + 7 < count else { throw Failure(.truncated, count, "the value ends inside an escape") }
            guard byte(index + 7) == 0x75 else {
                throw Failure(.loneSurrogate, index, "the first half of a surrogate pair alone")
            }
            let low = try codeUnit(index + 8)
            guard low & 0xFC00 == 0xDC00 else { throw Failure(.loneSurrogate, index, "the first half of a surrogate pair alone") }
            return index + 12
        default: throw Failure(.badEscape, index, "not a JSON escape")
        }
    }

    private func codeUnit(_ index: Int) throws(Failure) -> UInt32 {
        var unit: UInt32 = 0
        for offset in 0..<4 {
            guard index + offset < count else { throw Failure(.truncated, count, "the value ends inside an escape") }
            let digit = byte(index + offset)
            switch digit {
            case 0x30...0x39: unit = unit << 4 | UInt32(digit - 0x30)
            case 0x41...0x46: unit = unit << 4 | UInt32(digit - 0x41 + 10)
            case 0x61...0x66: unit = unit << 4 | UInt32(digit - 0x61 + 10)
            default: throw Failure(.badEscape, index + offset, "\\u wants four hexadecimal digits")
            }
        }
        return unit
    }

    /// Bytes of the well-formed UTF-8 sequence at `index`; 0 when there is none.
    func sequenceLength(_ index: Int) -> Int {
        let lead = byte(index)
        let length = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0
        guard length > 0, index + length <= count else { return 0 }
        if length == 1 { return 1 }
        let second = byte(index + 1)
        // The second byte rules out overlong forms (E0, F0), surrogates (ED) and what lies beyond U+10FFFF (F4).
        let lowest: UInt8 = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80
        let highest: UInt8 = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF
        guard second >= lowest, second <= highest else { return 0 }
        for offset in 2..<max(length, 2) where byte(index + offset) & 0xC0 != 0x80 { return 0 }
        return length
    }
}
