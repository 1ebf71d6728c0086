import TowerModel

extension EventDecoder {
    /// Beyond it a number is read as this. Nothing that is measured comes near it, and whoever adds up, squares or keeps in 32 bits what
    /// one sender made of a fault stays within what a number can be. The event's bytes keep what was written.
    static let maxNumber = 1e30

    /// Reads the payload whose brace is at hand into `fields`.
    mutating func payload(_ scanner: inout JSONScanner, _ envelope: Envelope, base: Int) throws(JSONScanner.Failure) {
        scanner.at += 1
        try members(&scanner, parent: Int32(envelope.type), depth: 2, base: base)
    }

    /// Reads the members of an object of the payload, whose brace was read.
    private mutating func members(_ scanner: inout JSONScanner, parent: Int32, depth: Int, base: Int) throws(JSONScanner.Failure)
    {
        guard depth <= limits.maxDepth else { throw JSONScanner.Failure(.tooDeep, scanner.at - 1, "nested too deeply") }
        serial &+= 1
        let serial = serial
        if try scanner.next() == 0x7D {
            scanner.at += 1
            return
        }
        while true {
            guard try scanner.next() == 0x22 else { throw scanner.unexpected("expected a key in quotes") }
            let slot = try key(&scanner, parent, serial: serial)
            try scanner.expect(0x3A, "expected a colon")
            try value(&scanner, slot, depth: depth, base: base)
            let separator = try scanner.next()
            scanner.at += 1
            if separator == 0x2C { continue }
            if separator == 0x7D { return }
            scanner.at -= 1
            throw scanner.unexpected("expected a comma or the end of the object")
        }
    }

    /// Reads a key and answers its slot, which the first time is a new one.
    @inline(__always)
    private mutating func key(_ scanner: inout JSONScanner, _ parent: Int32, serial: UInt32) throws(JSONScanner.Failure) -> Int {
        let at = scanner.at
        let text = try scanner.string()
        keys += 1
        guard keys <= limits.maxKeys else { throw JSONScanner.Failure(.tooManyFields, at, "one key too many") }
        let start = scanner.base + text.start
        let hash = names.hash(parent, start, text.count)
        var slot = text.isEscaped ? -1 : names.find(parent, start, text.count, hash: hash)
        if slot < 0 { slot = try newKey(scanner, text, parent, hash: hash) }
        guard names.entries[slot].stamp != serial else { throw JSONScanner.Failure(.duplicateKey, at, "the key is there twice") }
        names.entries[slot].stamp = serial
        return slot
    }

    @inline(never)
    private mutating func newKey(_ scanner: JSONScanner, _ text: JSONScanner.Text, _ parent: Int32, hash: UInt64)
        throws(JSONScanner.Failure) -> Int
    {
        guard text.count <= limits.maxKeyBytes else {
            throw JSONScanner.Failure(.keyTooLong, text.start, "a key of too many bytes")
        }
        let slot: Int
        if text.isEscaped {
            let name = Array(Self.unescaped(scanner, text).utf8)
            slot = name.withUnsafeBytes { bytes in
                // The address of an empty array is never read.
                let start = bytes.baseAddress ?? scanner.base
                let hash = names.hash(parent, start, bytes.count)
                let known = names.find(parent, start, bytes.count, hash: hash)
                return known >= 0 ? known : names.insert(parent, bytes, hash: hash)
            }
        } else {
            slot = names.insert(parent, UnsafeRawBufferPointer(start: scanner.base + text.start, count: text.count), hash: hash)
        }
        guard parent >= 0 else { return slot }
        let type = names.entries[Int(parent)].type
        names.entries[slot].type = type
        if let rule = rules.rule(type: type, path: names.path(slot)) {
            names.entries[slot].rule = rule.bits
            names.entries[slot].requiredBit = rule.requiredBit
        }
        return slot
    }

    /// Reads the value of a payload key.
    @inline(__always)
    private mutating func value(_ scanner: inout JSONScanner, _ slot: Int, depth: Int, base: Int) throws(JSONScanner.Failure) {
        let first = try scanner.next()
        let start = scanner.at
        switch first {
        case 0x22:
            let text = try scanner.string()
            emit(
                slot, PayloadRules.string, at: start,
                .init(
                    key: .none, kind: .string, isEscaped: text.isEscaped, start: Int32(truncatingIfNeeded: base + text.start),
                    end: Int32(truncatingIfNeeded: base + text.end)))
            if names.entries[slot].rule & PayloadRules.hasValues != 0 { checkValue(scanner, slot, text) }
        case 0x30...0x39, 0x2D:
            let number = try scanner.number()
            emit(
                slot, PayloadRules.number, at: start,
                .init(
                    key: .none, kind: .number, number: min(max(number, -Self.maxNumber), Self.maxNumber), start: Int32(truncatingIfNeeded: base + start),
                    end: Int32(truncatingIfNeeded: base + scanner.at)))
        case 0x7B:
            note(slot, PayloadRules.object, at: start)
            scanner.at += 1
            try members(&scanner, parent: Int32(truncatingIfNeeded: slot), depth: depth + 1, base: base)
        case 0x5B:
            try skip(&scanner, depth: depth + 1)
            emit(
                slot, PayloadRules.array, at: start,
                .init(
                    key: .none, kind: .array, start: Int32(truncatingIfNeeded: base + start),
                    end: Int32(truncatingIfNeeded: base + scanner.at)))
        case 0x74, 0x66, 0x6E:
            let literal = try scanner.literal()
            let kind: EventBatch.Field.Kind = literal == 0x6E ? .null : .bool
            let field = EventBatch.Field(
                key: .none, kind: kind, number: literal == 0x74 ? 1 : 0, start: Int32(truncatingIfNeeded: base + start),
                end: Int32(truncatingIfNeeded: base + scanner.at))
            if kind == .null { emitNull(slot, at: start, field) } else { emit(slot, PayloadRules.bool, at: start, field) }
        default: throw scanner.unexpected("expected a value")
        }
    }

    @inline(__always)
    private mutating func emit(_ slot: Int, _ kind: UInt8, at start: Int, _ field: EventBatch.Field) {
        note(slot, kind, at: start)
        append(slot, field)
    }

    /// A null says "nothing known": allowed wherever the field is not required.
    private mutating func emitNull(_ slot: Int, at start: Int, _ field: EventBatch.Field) {
        if names.entries[slot].rule & PayloadRules.isRequired != 0 { blame(slot, at: start) }
        append(slot, field)
    }

    @inline(__always)
    private mutating func append(_ slot: Int, _ field: EventBatch.Field) {
        var field = field
        let symbol = names.entries[slot].symbol
        if symbol == NameTable.unresolved {
            unresolved.append((Int32(truncatingIfNeeded: fields.count), Int32(truncatingIfNeeded: slot)))
        } else {
            field.key = Symbol(rawValue: symbol)
        }
        fields.append(field)
    }

    /// Checks a value's kind against the catalogue and ticks off required fields.
    @inline(__always)
    private mutating func note(_ slot: Int, _ kind: UInt8, at start: Int) {
        let rule = names.entries[slot].rule
        guard rule != PayloadRules.anything else { return }
        let wanted = rule & PayloadRules.kindMask
        if wanted != PayloadRules.anything, wanted != kind { blame(slot, at: start) }
        if rule & PayloadRules.isRequired != 0 { seenRequired |= 1 << UInt64(names.entries[slot].requiredBit) }
    }

    @inline(never)
    private mutating func checkValue(_ scanner: JSONScanner, _ slot: Int, _ text: JSONScanner.Text) {
        guard badField < 0, let rule = rules.rule(type: names.entries[slot].type, path: names.path(slot)) else { return }
        if !rule.field.allowedValues.contains(Self.unescaped(scanner, text)) { blame(slot, at: text.start - 1) }
    }

    /// Remembers the first field that breaks its type.
    private mutating func blame(_ slot: Int, at start: Int) {
        guard badField < 0 else { return }
        badField = slot
        badFieldAt = start
    }

    /// Reads past a value, checking it as strictly as one that is kept.
    mutating func skip(_ scanner: inout JSONScanner, depth: Int) throws(JSONScanner.Failure) {
        switch try scanner.next() {
        case 0x22: _ = try scanner.string()
        case 0x7B: try skipObject(&scanner, depth: depth)
        case 0x5B: try skipArray(&scanner, depth: depth)
        case 0x74, 0x66, 0x6E: _ = try scanner.literal()
        case 0x30...0x39, 0x2D: _ = try scanner.number()
        default: throw scanner.unexpected("expected a value")
        }
    }

    private mutating func skipObject(_ scanner: inout JSONScanner, depth: Int) throws(JSONScanner.Failure) {
        guard depth <= limits.maxDepth else { throw JSONScanner.Failure(.tooDeep, scanner.at, "nested too deeply") }
        scanner.at += 1
        serial &+= 1
        let serial = serial
        let space = NameTable.unnamed(depth: depth)
        if try scanner.next() == 0x7D {
            scanner.at += 1
            return
        }
        while true {
            guard try scanner.next() == 0x22 else { throw scanner.unexpected("expected a key in quotes") }
            _ = try key(&scanner, space, serial: serial)
            try scanner.expect(0x3A, "expected a colon")
            try skip(&scanner, depth: depth + 1)
            let separator = try scanner.next()
            guard separator == 0x2C || separator == 0x7D else {
                throw scanner.unexpected("expected a comma or the end of the object")
            }
            scanner.at += 1
            if separator == 0x7D { return }
        }
    }

    private mutating func skipArray(_ scanner: inout JSONScanner, depth: Int) throws(JSONScanner.Failure) {
        guard depth <= limits.maxDepth else { throw JSONScanner.Failure(.tooDeep, scanner.at, "nested too deeply") }
        scanner.at += 1
        if try scanner.next() == 0x5D {
            scanner.at += 1
            return
        }
        while true {
            try skip(&scanner, depth: depth + 1)
            let separator = try scanner.next()
            guard separator == 0x2C || separator == 0x5D else {
                throw scanner.unexpected("expected a comma or the end of the array")
            }
            scanner.at += 1
            if separator == 0x5D { return }
        }
    }
}
