extension JSONScanner {
    /// A member of an object: its name without escapes, and where its value lies.
    struct Member {
        var name: String
        var at: Int
        var value: Range<Int>
    }

    /// Reads the only value there is, an object, into its members. Strict at every level except that a key may be there
    /// twice below the first: the reader of events finds that.
    ///
    /// - Throws: also for more than `maxMembers` members.
    mutating func onlyObject(maxDepth: Int, maxMembers: Int) throws(Failure) -> [Member] {
        guard count > 0 else { throw Failure(.empty, 0, "no bytes") }
        if count >= 3, byte(0) == 0xEF, byte(1) == 0xBB, byte(2) == 0xBF { throw Failure(.byteOrderMark, 0, "a byte order mark") }
        let first = try next()
        let start = at
        guard first == 0x7B else {
            try skipValue(depth: 1, maxDepth: maxDepth)
            try finish()
            throw Failure(.notAnObject, start, "a JSON value that is no object")
        }
        var members: [Member] = []
        var names: Set<String> = []
        at += 1
        if try next() == 0x7D {
            at += 1
            try finish()
            return members
        }
        while true {
            guard try next() == 0x22 else { throw unexpected("expected a key in quotes") }
            let keyAt = at
            let key = try string()
            let name = EventDecoder.unescaped(self, key)
            guard members.count < maxMembers else { throw Failure(.tooManyFields, keyAt, "one key too many") }
            guard names.insert(name).inserted else { throw Failure(.duplicateKey, keyAt, "the key is there twice") }
            try expect(0x3A, "expected a colon")
            _ = try next()
            let valueAt = at
            try skipValue(depth: 2, maxDepth: maxDepth)
            members.append(Member(name: name, at: keyAt, value: valueAt..<at))
            let separator = try next()
            guard separator == 0x2C || separator == 0x7D else {
                throw unexpected("expected a comma or the end of the object")
            }
            at += 1
            if separator == 0x7D { break }
        }
        try finish()
        return members
    }

    /// Reads past a value of strict JSON.
    mutating func skipValue(depth: Int, maxDepth: Int) throws(Failure) {
        switch try next() {
        case 0x22: _ = try string()
        case 0x30...0x39, 0x2D: _ = try number()
        case 0x74, 0x66, 0x6E: _ = try literal()
        case 0x7B: try skipItems(depth: depth, maxDepth: maxDepth, isObject: true)
        case 0x5B: try skipItems(depth: depth, maxDepth: maxDepth, isObject: false)
        default: throw unexpected("expected a value")
        }
    }

    private mutating func skipItems(depth: Int, maxDepth: Int, isObject: Bool) throws(Failure) {
        guard depth <= maxDepth else { throw Failure(.tooDeep, at, "nested too deeply") }
        let end: UInt8 = isObject ? 0x7D : 0x5D
        at += 1
        if try next() == end {
            at += 1
            return
        }
        while true {
            if isObject {
                guard try next() == 0x22 else { throw unexpected("expected a key in quotes") }
                _ = try string()
                try expect(0x3A, "expected a colon")
            }
            try skipValue(depth: depth + 1, maxDepth: maxDepth)
            let separator = try next()
            guard separator == 0x2C || separator == end else { throw unexpected("expected a comma or a closing bracket") }
            at += 1
            if separator == end { return }
        }
    }

    /// The bytes of a range.
    func slice(_ range: Range<Int>) -> [UInt8] {
        Array(UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count))
    }
}
