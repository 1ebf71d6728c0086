/// Events in columns: what one decode of a fetched or accepted piece of the log gives, shared by every reader.
///
/// - Shape: event `i` is `bytes[valueStart[i]..<valueEnd[i]]` as accepted, its envelope in the flat arrays, its payload
///   the fields `fieldStart[i]..<fieldStart[i + 1]`, in the order they were written.
/// - Ownership: a value; keep it as long as you like. Symbols are those of `symbols`.
public struct EventBatch: Sendable {
    public var bytes: [UInt8] = []
    public var valueStart: [Int32] = []
    public var valueEnd: [Int32] = []
    public var ids: [EventID] = []
    public var types: [Symbol] = []
    public var tenants: [Symbol] = []
    public var sites: [Symbol] = []
    /// Event time.
    public var timestamps: [Timestamp] = []
    /// `major << 16 | minor` of the payload's schema.
    public var versions: [UInt32] = []
    /// One more than events: where each event's fields begin.
    public var fieldStart: [Int32] = [0]
    public var fields: [Field] = []
    public let symbols: SymbolTable

    /// One scalar of a payload, its key flattened with dots: `{"alarm":{"state":"raised"}}` is `alarm.state`.
    ///
    /// An array is one field of kind `.array` and is not taken apart; objects are, to the decoder's depth bound.
    public struct Field: Sendable {
        public enum Kind: UInt8, Sendable { case number, string, bool, null, array }
        public var key: Symbol
        public var kind: Kind
        /// A string that has an escape in it: `text(_:)` undoes it, the raw range does not.
        public var isEscaped: Bool
        /// The number; 1 or 0 for a boolean; 0 otherwise.
        public var number: Double
        /// Range in `bytes`: of the text between the quotes, of the whole literal for all other kinds.
        public var start: Int32
        public var end: Int32

        public init(key: Symbol, kind: Kind, isEscaped: Bool = false, number: Double = 0, start: Int32, end: Int32) {
            self.key = key
            self.kind = kind
            self.isEscaped = isEscaped
            self.number = number
            self.start = start
            self.end = end
        }
    }

    public init(symbols: SymbolTable) { self.symbols = symbols }

    /// A batch over bytes that hold its events already, with room for that many.
    public init(sharing bytes: [UInt8], symbols: SymbolTable, events: Int) {
        self.symbols = symbols
        self.bytes = bytes
        valueStart.reserveCapacity(events)
        valueEnd.reserveCapacity(events)
        ids.reserveCapacity(events)
        types.reserveCapacity(events)
        tenants.reserveCapacity(events)
        sites.reserveCapacity(events)
        timestamps.reserveCapacity(events)
        versions.reserveCapacity(events)
        fieldStart.reserveCapacity(events + 1)
        // Ten fields a payload is usual; more only costs a move.
        fields.reserveCapacity(events * 10)
    }

    public var count: Int { ids.count }
    public var isEmpty: Bool { ids.isEmpty }

    /// The event's own JSON, as accepted.
    public func value(_ event: Int) -> ArraySlice<UInt8> { bytes[Int(valueStart[event])..<Int(valueEnd[event])] }

    public func fieldRange(_ event: Int) -> Range<Int> { Int(fieldStart[event])..<Int(fieldStart[event + 1]) }

    /// The first field of that key; linear, a payload has few.
    public func field(_ key: Symbol, of event: Int) -> Field? {
        guard key != .none else { return nil }
        for index in fieldRange(event) where fields[index].key == key { return fields[index] }
        return nil
    }

    /// A number of the payload; `nil` when absent or of another kind.
    public func number(_ key: Symbol, of event: Int) -> Double? {
        guard let field = field(key, of: event), field.kind == .number else { return nil }
        return field.number
    }

    /// A string of the payload; `nil` when absent or of another kind. Allocates.
    public func string(_ key: Symbol, of event: Int) -> String? {
        guard let field = field(key, of: event), field.kind == .string else { return nil }
        return text(field)
    }

    /// The text of a string field with its escapes undone, or the literal of any other kind. Allocates.
    public func text(_ field: Field) -> String {
        let slice = bytes[Int(field.start)..<Int(field.end)]
        guard field.isEscaped else { return String(decoding: slice, as: UTF8.self) }
        return JSONText.unescape(slice)
    }
}

/// The escapes of a JSON string (RFC 8259, 7).
public enum JSONText {
    /// Undoes escapes in text that a validating scanner has accepted. A lone surrogate becomes U+FFFD.
    public static func unescape(_ bytes: ArraySlice<UInt8>) -> String {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        func hex(_ at: Int) -> UInt32? {
            guard at + 4 <= bytes.endIndex else { return nil }
            var value: UInt32 = 0
            for byte in bytes[at..<at + 4] {
                switch byte {
                case 0x30...0x39: value = value << 4 | UInt32(byte - 0x30)
                case 0x41...0x46: value = value << 4 | UInt32(byte - 0x41 + 10)
                case 0x61...0x66: value = value << 4 | UInt32(byte - 0x61 + 10)
                default: return nil
                }
            }
            return value
        }
        while index < bytes.endIndex {
            let byte = bytes[index]
            guard byte == 0x5C, index + 1 < bytes.endIndex else {
                out.append(byte)
                index += 1
                continue
            }
            let escape = bytes[index + 1]
            index += 2
            switch escape {
            case 0x62: out.append(0x08)
            case 0x66: out.append(0x0C)
            case 0x6E: out.append(0x0A)
            case 0x72: out.append(0x0D)
            case 0x74: out.append(0x09)
            case 0x75:
                var scalar = hex(index) ?? 0xFFFD
                index += 4
                if (0xD800..<0xDC00).contains(scalar), index + 6 <= bytes.endIndex, bytes[index] == 0x5C, bytes[index + 1] == 0x75,
                    let low = hex(index + 2), (0xDC00..<0xE000).contains(low)
                {
                    scalar = 0x10000 + (scalar - 0xD800) << 10 + (low - 0xDC00)
                    index += 6
                }
                let character = Unicode.Scalar(scalar) ?? "\u{FFFD}"
                out.append(contentsOf: Array(String(Character(character)).utf8))
            default: out.append(escape)
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}
