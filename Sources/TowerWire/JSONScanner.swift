import TowerModel

/// A strict JSON reader over bytes it does not own (RFC 8259; UTF-8 as Unicode 15, table 3-7).
///
/// Reads eight bytes a step where that is inside the bounds, one otherwise; never a byte outside `0..<count`.
/// The owner of the bytes outlives it: it exists only inside the scope of an unsafe buffer.
struct JSONScanner {
    /// Where and why reading stopped. Trivial, so that throwing it costs nothing before somebody asks.
    struct Failure: Error {
        var code: EnvelopeError.Code
        var at: Int
        /// What was expected or found, for people.
        var reason: StaticString

        init(_ code: EnvelopeError.Code, _ at: Int, _ reason: StaticString) {
            self.code = code
            self.at = at
            self.reason = reason
        }
    }

    let base: UnsafeRawPointer
    let count: Int
    var at: Int

    init(_ bytes: UnsafeRawBufferPointer) {
        // An empty buffer may have no address; any will do, none of it is read.
        base = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1).unsafelyUnwrapped
        count = bytes.count
        at = 0
    }

    @inline(__always)
    func byte(_ index: Int) -> UInt8 { base.load(fromByteOffset: index, as: UInt8.self) }

    @inline(__always)
    func word(_ index: Int) -> UInt64 { UInt64(littleEndian: base.loadUnaligned(fromByteOffset: index, as: UInt64.self)) }

    @inline(__always)
    func half(_ index: Int) -> UInt32 { UInt32(littleEndian: base.loadUnaligned(fromByteOffset: index, as: UInt32.self)) }

    /// Moves to the next byte that is no white space and returns it.
    @inline(__always)
    mutating func next() throws(Failure) -> UInt8 {
        if at < count {
            let found = byte(at)
            if found > 0x20 { return found }
        }
        return try nextAfterSpace()
    }

    @inline(never)
    mutating func nextAfterSpace() throws(Failure) -> UInt8 {
        while at < count {
            let found = byte(at)
            guard found == 0x20 || found == 0x0A || found == 0x0D || found == 0x09 else { return found }
            at += 1
        }
        throw Failure(.truncated, at, "the value ends here")
    }

    @inline(__always)
    mutating func expect(_ wanted: UInt8, _ reason: StaticString) throws(Failure) {
        guard try next() == wanted else { throw unexpected(reason) }
        at += 1
    }

    /// The failure for the byte at hand, which is not what the grammar wants.
    @inline(never)
    func unexpected(_ reason: StaticString) -> Failure {
        guard at < count else { return Failure(.truncated, at, "the value ends here") }
        if byte(at) >= 0x80, sequenceLength(at) == 0 { return Failure(.invalidUTF8, at, "not a UTF-8 sequence") }
        return Failure(.syntax, at, reason)
    }

    /// After the value only white space may follow.
    mutating func finish() throws(Failure) {
        while at < count {
            let found = byte(at)
            guard found == 0x20 || found == 0x0A || found == 0x0D || found == 0x09 else {
                throw Failure(.trailingData, at, "something follows the value")
            }
            at += 1
        }
    }

    /// Reads `true`, `false` or `null`, whose first letter is at hand.
    mutating func literal() throws(Failure) -> UInt8 {
        let first = byte(at)
        let name: StaticString = first == 0x74 ? "true" : first == 0x66 ? "false" : "null"
        for index in 0..<name.utf8CodeUnitCount {
            guard at + index < count else { throw Failure(.truncated, count, "the value ends here") }
            guard byte(at + index) == name.utf8Start[index] else {
                throw Failure(.syntax, at + index, "expected true, false, null, a number, a string, an object or an array")
            }
        }
        at += name.utf8CodeUnitCount
        return first
    }
}
