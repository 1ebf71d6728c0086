import TowerModel

extension EventDecoder {
    /// The eight fields as bits of what was met.
    struct EnvelopeField: OptionSet {
        let rawValue: UInt8
        static let eventID = Self(rawValue: 1)
        static let eventType = Self(rawValue: 2)
        static let tenantID = Self(rawValue: 4)
        static let siteID = Self(rawValue: 8)
        static let timestamp = Self(rawValue: 16)
        static let version = Self(rawValue: 32)
        static let payload = Self(rawValue: 64)
        static let metadata = Self(rawValue: 128)
        static let required: Self = [.eventID, .eventType, .tenantID, .siteID, .timestamp, .version, .payload]

        /// In the contract's order, as are the bits.
        static let names = ["event_id", "event_type", "tenant_id", "site_id", "timestamp", "version", "payload", "metadata"]
    }

    /// The envelope of the event at hand, as far as it was read. Names are slots.
    struct Envelope {
        var met: EnvelopeField = []
        var id = EventID(high: 0, low: 0)
        var type = -1
        var tenant = -1
        var tenantAt = 0
        var site = -1
        var siteText = 0..<0
        var timestamp = Timestamp(microseconds: 0)
        var version: UInt32 = 0
        /// Where a payload begins that came before its event_type; it is read again once the type is known.
        var latePayload = -1
        /// The field at hand, for the report of a failure.
        var current: EnvelopeField = []
        var unknownKey = 0..<0
    }

    /// First and last instants that are believed: the years 2000 to 2100.
    private static let earliest = Timestamp(microseconds: Int64(Timestamp.days(year: 2000, month: 1, day: 1)) * 86_400_000_000)
    private static let end = Timestamp(microseconds: Int64(Timestamp.days(year: 2101, month: 1, day: 1)) * 86_400_000_000)

    /// Reads one event behind the batch's last.
    ///
    /// - Parameter place: where `json` lies in the batch's bytes already; `nil` copies it behind them.
    mutating func read(
        _ json: UnsafeRawBufferPointer, to batch: inout EventBatch, expecting tenant: Symbol, at place: Int? = nil
    ) -> EnvelopeError? {
        let base = place ?? batch.bytes.count
        guard json.count <= limits.maxBytes else {
            return EnvelopeError(
                .lineTooLong, column: limits.maxBytes + 1, reason: "\(json.count) bytes, \(limits.maxBytes) are allowed")
        }
        guard base + json.count < Int(Int32.max) else {
            return EnvelopeError(.batchFull, column: 1, reason: "the batch holds \(batch.bytes.count) bytes")
        }
        prepare()
        var scanner = JSONScanner(json)
        var envelope = Envelope()
        do throws(JSONScanner.Failure) {
            try object(&scanner, &envelope, base: base)
            try check(scanner, envelope)
        } catch {
            return report(error, scanner, envelope)
        }
        return commit(json, envelope, to: &batch, expecting: tenant, at: base, copies: place == nil)
    }

    private mutating func prepare() {
        fields.removeAll(keepingCapacity: true)
        unresolved.removeAll(keepingCapacity: true)
        keys = 0
        seenRequired = 0
        badField = -1
        if names.count > limits.rememberedNames || names.arenaBytes > 64 << 20 { names.removeAll() }
        if serial > .max - 1_000_000 {
            names.clearStamps()
            serial = 0
        }
    }

    private mutating func object(_ scanner: inout JSONScanner, _ envelope: inout Envelope, base: Int) throws(JSONScanner.Failure)
    {
        guard scanner.count > 0 else { throw JSONScanner.Failure(.empty, 0, "no bytes") }
        if scanner.byte(0) == 0xEF, scanner.count >= 3, scanner.byte(1) == 0xBB, scanner.byte(2) == 0xBF {
            throw JSONScanner.Failure(.byteOrderMark, 0, "a byte order mark")
        }
        guard try first(&scanner) == 0x7B else { throw try notAnObject(&scanner) }
        scanner.at += 1
        if try scanner.next() == 0x7D {
            scanner.at += 1
        } else {
            while true {
                guard try scanner.next() == 0x22 else { throw scanner.unexpected("expected a key in quotes") }
                try field(&scanner, &envelope, base: base)
                envelope.current = []
                let separator = try scanner.next()
                if separator == 0x2C {
                    scanner.at += 1
                } else if separator == 0x7D {
                    scanner.at += 1
                    break
                } else {
                    throw scanner.unexpected("expected a comma or the end of the object")
                }
            }
        }
        try scanner.finish()
        if envelope.latePayload >= 0, envelope.met.contains(.eventType) {
            scanner.at = envelope.latePayload
            envelope.current = .payload
            keys = 0
            try payload(&scanner, envelope, base: base)
            scanner.at = scanner.count
            envelope.current = []
        }
    }

    /// The first byte that is no white space; an empty line is not a truncated one.
    private func first(_ scanner: inout JSONScanner) throws(JSONScanner.Failure) -> UInt8 {
        do throws(JSONScanner.Failure) { return try scanner.next() } catch {
            throw JSONScanner.Failure(.empty, 0, "only white space")
        }
    }

    /// What stands where an object should: another value, or no JSON at all.
    private mutating func notAnObject(_ scanner: inout JSONScanner) throws(JSONScanner.Failure) -> JSONScanner.Failure {
        let start = scanner.at
        try skip(&scanner, depth: 1)
        try scanner.finish()
        return JSONScanner.Failure(.notAnObject, start, "a JSON value that is no object")
    }

    /// Reads one key and its value.
    private mutating func field(_ scanner: inout JSONScanner, _ envelope: inout Envelope, base: Int) throws(JSONScanner.Failure) {
        let keyAt = scanner.at
        let key = try scanner.string()
        let name = identify(scanner, key)
        guard name.rawValue != 0 else {
            envelope.unknownKey = key.start..<key.end
            throw JSONScanner.Failure(.unknownField, keyAt, "not a field of the envelope")
        }
        envelope.current = name
        guard !envelope.met.contains(name) else { throw JSONScanner.Failure(.duplicateKey, keyAt, "the key is there twice") }
        envelope.met.insert(name)
        try scanner.expect(0x3A, "expected a colon")
        let first = try scanner.next()
        switch name {
        case .eventID:
            let text = try text(&scanner, first)
            guard let id = UUIDText.parse(scanner, text) else {
                throw JSONScanner.Failure(.badUUID, text.start, "not 36 characters of a UUID")
            }
            envelope.id = id
        case .eventType: envelope.type = try identifier(&scanner, first, NameTable.types, .badEventType)
        case .tenantID:
            envelope.tenantAt = scanner.at
            envelope.tenant = try identifier(&scanner, first, NameTable.tenants, .badTenantID)
        case .siteID:
            let at = scanner.at + 1
            envelope.site = try identifier(&scanner, first, NameTable.sites, .badSiteID)
            envelope.siteText = at..<scanner.at - 1
        case .timestamp: try timestamp(&scanner, &envelope, first)
        case .version: envelope.version = try version(&scanner, first)
        case .payload:
            guard first == 0x7B else { throw try wrongType(&scanner, "expected an object") }
            if envelope.met.contains(.eventType) {
                try payload(&scanner, envelope, base: base)
            } else {
                envelope.latePayload = scanner.at
                try skip(&scanner, depth: 2)
            }
        default:
            guard first == 0x7B else { throw try wrongType(&scanner, "expected an object") }
            try skip(&scanner, depth: 2)
        }
    }

    /// Which of the eight a key is; empty when it is none. Escapes count as what they stand for.
    @inline(__always)
    private func identify(_ scanner: JSONScanner, _ key: JSONScanner.Text) -> EnvelopeField {
        // The closing quote follows the key, so that eight bytes from a key of seven are inside the bounds.
        guard !key.isEscaped, key.count >= 7, key.count <= 10 else { return identifySlowly(scanner, key) }
        let word = scanner.word(key.start)
        switch key.count {
        case 7:
            if word == EnvelopeKey.siteID { return .siteID }
            if word == EnvelopeKey.version { return .version }
            if word == EnvelopeKey.payload { return .payload }
        case 8:
            if word == EnvelopeKey.eventID { return .eventID }
            if word == EnvelopeKey.metadata { return .metadata }
        case 9:
            let last = scanner.byte(key.end - 1)
            if word == EnvelopeKey.tenantI, last == 0x64 { return .tenantID }
            if word == EnvelopeKey.timestam, last == 0x70 { return .timestamp }
        default:
            if word == EnvelopeKey.eventTy, scanner.byte(key.end - 2) == 0x70, scanner.byte(key.end - 1) == 0x65 {
                return .eventType
            }
        }
        return []
    }

    @inline(never)
    private func identifySlowly(_ scanner: JSONScanner, _ key: JSONScanner.Text) -> EnvelopeField {
        guard key.isEscaped else { return [] }
        let text = Self.unescaped(scanner, key)
        guard let index = EnvelopeField.names.firstIndex(of: text) else { return [] }
        return EnvelopeField(rawValue: 1 << UInt8(index))
    }

    static func unescaped(_ scanner: JSONScanner, _ text: JSONScanner.Text) -> String {
        let bytes = UnsafeRawBufferPointer(start: scanner.base + text.start, count: text.count)
        return text.isEscaped ? JSONText.unescape(Array(bytes)[...]) : String(decoding: bytes, as: UTF8.self)
    }

    @inline(__always)
    private mutating func text(_ scanner: inout JSONScanner, _ first: UInt8) throws(JSONScanner.Failure) -> JSONScanner.Text {
        guard first == 0x22 else { throw try wrongType(&scanner, "expected a string") }
        return try scanner.string()
    }

    /// A value of another type than the contract's; where it is no JSON at all, that is the failure.
    @inline(never)
    private mutating func wrongType(_ scanner: inout JSONScanner, _ reason: StaticString) throws(JSONScanner.Failure)
        -> JSONScanner.Failure
    {
        let start = scanner.at
        try skip(&scanner, depth: 2)
        return JSONScanner.Failure(.wrongType, start, reason)
    }

    /// Reads a name of the envelope and answers its slot. A name met before was checked then.
    @inline(__always)
    private mutating func identifier(
        _ scanner: inout JSONScanner, _ first: UInt8, _ space: Int32, _ code: EnvelopeError.Code
    ) throws(JSONScanner.Failure) -> Int {
        let text = try text(&scanner, first)
        guard !text.isEscaped else { throw JSONScanner.Failure(code, text.start, "an escape in an identifier") }
        let start = scanner.base + text.start
        let hash = names.hash(space, start, text.count)
        let slot = names.find(space, start, text.count, hash: hash)
        return slot >= 0 ? slot : try newIdentifier(scanner, text, space, code, hash: hash)
    }

    @inline(never)
    private mutating func newIdentifier(
        _ scanner: JSONScanner, _ text: JSONScanner.Text, _ space: Int32, _ code: EnvelopeError.Code, hash: UInt64
    ) throws(JSONScanner.Failure) -> Int {
        guard text.count >= 1, text.count <= 128 else { throw JSONScanner.Failure(code, text.start, "not 1 to 128 characters") }
        let bytes = UnsafeRawBufferPointer(start: scanner.base + text.start, count: text.count)
        switch code {
        case .badEventType:
            if let bad = Identifier.firstBadByte(ofType: bytes) {
                throw JSONScanner.Failure(code, text.start + bad, "not lower case, digits, _ or - between single dots")
            }
        case .badSiteID where limits.siteNames == .foreign: break
        default:
            if let bad = Identifier.firstBadByte(of: bytes) {
                throw JSONScanner.Failure(code, text.start + bad, "a character that is not in A-Z a-z 0-9 . _ : -")
            }
        }
        let slot = names.insert(space, bytes, hash: hash)
        if space == NameTable.types {
            // A slot of its own kind: its `type` is where the catalogue holds it.
            names.entries[slot].type = rules.type(names.text(slot))
        }
        return slot
    }

    @inline(__always)
    private mutating func timestamp(_ scanner: inout JSONScanner, _ envelope: inout Envelope, _ first: UInt8)
        throws(JSONScanner.Failure)
    {
        let text = try text(&scanner, first)
        guard let timestamp = dates.parse(scanner, text) else {
            throw JSONScanner.Failure(.badTimestamp, text.start, "not RFC 3339 with a zone")
        }
        if trust == .checked, timestamp < Self.earliest || timestamp >= Self.end {
            throw JSONScanner.Failure(.timestampOutOfRange, text.start, "outside the years 2000 to 2100")
        }
        envelope.timestamp = timestamp
    }

    /// `"1.0"`, or the whole number 1 for the same: public streams write it so.
    @inline(__always)
    private mutating func version(_ scanner: inout JSONScanner, _ first: UInt8) throws(JSONScanner.Failure) -> UInt32 {
        if first == 0x22 {
            let text = try scanner.string()
            if text.count == 3, scanner.byte(text.start + 1) == 0x2E {
                let major = scanner.byte(text.start) &- 0x30
                let minor = scanner.byte(text.start + 2) &- 0x30
                if major < 10, minor < 10 { return UInt32(major) << 16 | UInt32(minor) }
            }
            guard let version = VersionText.parse(scanner, text.start..<text.end) else {
                throw JSONScanner.Failure(.badVersion, text.start, "not major.minor")
            }
            return version
        }
        guard first == 0x2D || first &- 0x30 < 10 else { throw try wrongType(&scanner, "expected a string like \"1.0\"") }
        let start = scanner.at
        _ = try scanner.number()
        guard let version = VersionText.parse(scanner, start..<scanner.at), version & 0xFFFF == 0 else {
            throw JSONScanner.Failure(.badVersion, start, "a number that is no whole one below 65536")
        }
        return version
    }
}
