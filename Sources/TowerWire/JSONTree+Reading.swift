extension JSONTree {
    /// Reads exactly one value; white space around it is allowed. A key twice in one object is refused.
    public static func parse(_ bytes: [UInt8], limits: Limits = .standard) throws(Fault) -> JSONTree {
        guard bytes.count <= limits.maxBytes else {
            throw Fault(column: limits.maxBytes + 1, reason: "\(bytes.count) bytes; \(limits.maxBytes) are read at most")
        }
        // A closure of `withUnsafeBytes` cannot throw this type, so the result carries it out.
        let result: Result<JSONTree, Fault> = bytes.withUnsafeBytes { buffer in
            var reader = Reader(scanner: JSONScanner(buffer), limits: limits)
            do throws(JSONScanner.Failure) {
                let value = try reader.value(depth: 1)
                try reader.scanner.finish()
                return .success(value)
            } catch {
                return .failure(Fault(column: error.at + 1, reason: "\(error.reason)"))
            }
        }
        return try result.get()
    }

    public static func parse(_ text: String, limits: Limits = .standard) throws(Fault) -> JSONTree {
        try parse(Array(text.utf8), limits: limits)
    }

    private struct Reader {
        var scanner: JSONScanner
        let limits: Limits
        var nodes = 0

        mutating func value(depth: Int) throws(JSONScanner.Failure) -> JSONTree {
            nodes += 1
            guard nodes <= limits.maxNodes else { throw JSONScanner.Failure(.tooManyFields, scanner.at, "too many values") }
            let first = try scanner.next()
            switch first {
            case 0x22: return .string(try string())
            case 0x30...0x39, 0x2D:
                let start = scanner.at
                _ = try scanner.number()
                return .number(text(start, scanner.at))
            case 0x7B: return try object(depth: depth)
            case 0x5B: return try array(depth: depth)
            case 0x74, 0x66, 0x6E:
                let literal = try scanner.literal()
                return literal == 0x6E ? .null : .bool(literal == 0x74)
            default: throw scanner.unexpected("expected a value")
            }
        }

        private func text(_ start: Int, _ end: Int) -> String {
            String(decoding: UnsafeRawBufferPointer(start: scanner.base + start, count: end - start), as: UTF8.self)
        }

        private mutating func string() throws(JSONScanner.Failure) -> String {
            let found = try scanner.string()
            return found.isEscaped ? EventDecoder.unescaped(scanner, found) : text(found.start, found.end)
        }

        private func checkDepth(_ depth: Int) throws(JSONScanner.Failure) {
            guard depth <= limits.maxDepth else { throw JSONScanner.Failure(.tooDeep, scanner.at, "nested too deeply") }
        }

        private mutating func object(depth: Int) throws(JSONScanner.Failure) -> JSONTree {
            try checkDepth(depth)
            scanner.at += 1
            var members: [Member] = []
            var names: Set<String> = []
            if try scanner.next() == 0x7D {
                scanner.at += 1
                return .object([])
            }
            while true {
                guard try scanner.next() == 0x22 else { throw scanner.unexpected("expected a key in quotes") }
                let at = scanner.at
                let name = try string()
                guard names.insert(name).inserted else { throw JSONScanner.Failure(.duplicateKey, at, "the key is there twice") }
                try scanner.expect(0x3A, "expected a colon")
                members.append(Member(name, try value(depth: depth + 1)))
                let separator = try scanner.next()
                guard separator == 0x2C || separator == 0x7D else {
                    throw scanner.unexpected("expected a comma or the end of the object")
                }
                scanner.at += 1
                if separator == 0x7D { return .object(members) }
            }
        }

        private mutating func array(depth: Int) throws(JSONScanner.Failure) -> JSONTree {
            try checkDepth(depth)
            scanner.at += 1
            var items: [JSONTree] = []
            if try scanner.next() == 0x5D {
                scanner.at += 1
                return .array([])
            }
            while true {
                items.append(try value(depth: depth + 1))
                let separator = try scanner.next()
                guard separator == 0x2C || separator == 0x5D else {
                    throw scanner.unexpected("expected a comma or the end of the array")
                }
                scanner.at += 1
                if separator == 0x5D { return .array(items) }
            }
        }
    }
}
