import Glibc

extension JSONScanner {
    /// Characters of one number.
    static let maxNumberBytes = 64

    /// Powers of ten that a double holds exactly.
    private static let exactPowers: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21,
        1e22,
    ]

    /// Reads a number whose first character (a digit or a minus) is at hand, correctly rounded.
    ///
    /// Up to 2^53 times a power of ten up to 22 both factors are exact, so that one multiplication or division rounds
    /// once (Clinger 1990). Everything else goes to strtod.
    @inline(__always)
    mutating func number() throws(Failure) -> Double {
        let start = at
        var index = at
        let isNegative = byte(index) == 0x2D
        if isNegative { index += 1 }
        var mantissa: UInt64 = 0
        let whole = index
        while index < count {
            let digit = byte(index) &- 0x30
            guard digit < 10 else { break }
            mantissa = mantissa &* 10 &+ UInt64(digit)
            index += 1
        }
        var digits = index - whole
        guard digits > 0, digits == 1 || byte(whole) != 0x30 else { throw badNumber(start: start, whole: whole, digits: digits) }
        var scale = 0
        if index < count, byte(index) == 0x2E {
            index += 1
            let fraction = index
            while index < count {
                let digit = byte(index) &- 0x30
                guard digit < 10 else { break }
                mantissa = mantissa &* 10 &+ UInt64(digit)
                index += 1
            }
            scale = fraction - index
            guard scale < 0 else { throw missingDigits(index) }
            digits -= scale
        }
        if index < count, byte(index) | 0x20 == 0x65 { scale += try exponent(&index) }
        at = index
        guard index - start <= Self.maxNumberBytes else {
            throw Failure(.numberOutOfRange, start, "a number of more than 64 characters")
        }
        // 19 digits cannot have wrapped the mantissa around.
        guard digits <= 19, mantissa <= 1 << 53, scale >= -22, scale <= 22 else {
            return try roundedByLibrary(start: start, end: index)
        }
        let value = Double(mantissa)
        let magnitude = scale < 0 ? value / Self.exactPowers[-scale] : value * Self.exactPowers[scale]
        return isNegative ? -magnitude : magnitude
    }

    /// Reads the exponent whose `e` is at `index`; what is beyond any double is cut to 9999.
    private func exponent(_ index: inout Int) throws(Failure) -> Int {
        index += 1
        var isNegative = false
        if index < count, byte(index) == 0x2B || byte(index) == 0x2D {
            isNegative = byte(index) == 0x2D
            index += 1
        }
        let start = index
        var value = 0
        while index < count {
            let digit = byte(index) &- 0x30
            guard digit < 10 else { break }
            value = min(value * 10 + Int(digit), 9999)
            index += 1
        }
        guard index > start else { throw missingDigits(index) }
        return isNegative ? -value : value
    }

    private func missingDigits(_ index: Int) -> Failure {
        index < count
            ? Failure(.badNumber, index, "a digit is missing in a number")
            : Failure(.truncated, count, "the value ends inside a number")
    }

    private func badNumber(start: Int, whole: Int, digits: Int) -> Failure {
        digits > 0 ? Failure(.badNumber, whole, "a number begins with 0") : missingDigits(whole)
    }

    @inline(never)
    private func roundedByLibrary(start: Int, end: Int) throws(Failure) -> Double {
        let length = end - start
        let value = withUnsafeTemporaryAllocation(byteCount: Self.maxNumberBytes + 1, alignment: 1) { copy in
            copy.copyMemory(from: UnsafeRawBufferPointer(start: base + start, count: length))
            copy[length] = 0
            // The process never sets a locale, so the decimal point is a point.
            return copy.withMemoryRebound(to: CChar.self) { strtod($0.baseAddress!, nil) }
        }
        guard value.isFinite else { throw Failure(.numberOutOfRange, start, "a number beyond a 64-bit float") }
        return value
    }
}
