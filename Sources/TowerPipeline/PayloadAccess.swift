import TowerModel

/// Looks payload fields up by name, with the names interned once.
struct FieldNames: Sendable {
    private let symbols: SymbolTable
    private var known: [String: Symbol] = [:]

    init(_ symbols: SymbolTable, _ names: [String]) {
        self.symbols = symbols
        for name in names { known[name] = symbols.intern(name) }
    }

    subscript(_ name: String) -> Symbol { known[name] ?? .none }
}

extension EventBatch {
    /// An instant of the payload.
    func timestamp(_ key: Symbol, of event: Int) -> Timestamp? {
        guard let field = field(key, of: event), field.kind == .string, !field.isEscaped else { return nil }
        return bytes.withUnsafeBytes { Timestamp.parse(UnsafeRawBufferPointer(rebasing: $0[Int(field.start)..<Int(field.end)])) }
    }

    /// An id of the payload.
    func eventID(_ key: Symbol, of event: Int) -> EventID? {
        guard let field = field(key, of: event), field.kind == .string, !field.isEscaped else { return nil }
        return bytes.withUnsafeBytes { EventID.parse(UnsafeRawBufferPointer(rebasing: $0[Int(field.start)..<Int(field.end)])) }
    }

    func bool(_ key: Symbol, of event: Int) -> Bool? {
        guard let field = field(key, of: event), field.kind == .bool else { return nil }
        return field.number != 0
    }

    /// The strings of an array without escapes in them; others are left out.
    func strings(_ key: Symbol, of event: Int) -> [String] {
        guard let field = field(key, of: event), field.kind == .array else { return [] }
        var found: [String] = []
        eachString(field) { found.append(String(decoding: $0, as: UTF8.self)) }
        return found
    }

    /// The ids of an array.
    func eventIDs(_ key: Symbol, of event: Int) -> [EventID] {
        guard let field = field(key, of: event), field.kind == .array else { return [] }
        var found: [EventID] = []
        eachString(field) { text in
            if let id = text.withUnsafeBytes({ EventID.parse($0) }) { found.append(id) }
        }
        return found
    }

    private func eachString(_ field: Field, _ body: (ArraySlice<UInt8>) -> Void) {
        var index = Int(field.start)
        let end = Int(field.end)
        while index < end {
            guard bytes[index] == 0x22 else {
                index += 1
                continue
            }
            let start = index + 1
            var isEscaped = false
            index = start
            while index < end, bytes[index] != 0x22 {
                if bytes[index] == 0x5C {
                    isEscaped = true
                    index += 1
                }
                index += 1
            }
            if isEscaped {
                let text = Array(JSONText.unescape(bytes[start..<min(index, end)]).utf8)
                body(text[...])
            } else {
                body(bytes[start..<min(index, end)])
            }
            index += 1
        }
    }
}
