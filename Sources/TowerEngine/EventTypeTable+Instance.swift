import TowerModel

// What names one of several alike: strings of a battery, cells of a site, slots of a rectifier, branches of a bus.
extension EventTypeTable.Keys {
    /// Keys whose value names an instance, though it may be written as a number.
    private var instanceKeys: [(name: String, key: Symbol)] {
        [
            ("string_id", stringID), ("cell", cell), ("unit", unit), ("slot", slot), ("branch", branch), ("port", port),
            ("device_id", deviceID),
        ]
    }

    /// Whether a number under this key is a name, not a reading.
    @inline(__always)
    func isName(_ key: Symbol) -> Bool {
        // Of nearly all keys one bit says that they are none.
        guard namingBits & 1 << UInt64(truncatingIfNeeded: key.rawValue & 63) != 0 else { return false }
        return key == stringID || key == cell || key == unit || key == sequence || key == slot || key == branch || key == port
    }

    /// Of everything that names an instance: equal for equal names, in every process. 0 where nothing does.
    func instanceHash(_ batch: EventBatch, _ event: Int) -> UInt64 {
        var hash: UInt64 = 0
        for index in batch.fieldRange(event) {
            let field = batch.fields[index]
            let key = field.key
            guard namingBits & 1 << UInt64(truncatingIfNeeded: key.rawValue & 63) != 0 else { continue }
            guard isName(key) && key != sequence || key == peer || key == deviceID || key == managedObject else { continue }
            // In whatever order the payload names them. Two keys with one text are told apart by which key it is.
            hash ^= (EventTypeTable.hash(batch, field) ^ salt(key)) &* 0x9E37_79B9_7F4A_7C15
        }
        return hash
    }

    private func salt(_ key: Symbol) -> UInt64 {
        switch key {
        case stringID: 1
        case cell: 2
        case unit: 3
        case slot: 4
        case branch: 5
        case port: 6
        case peer: 7
        case deviceID: 8
        default: 9
        }
    }

    /// The instance in words, as far as the managed object does not say it: `branch:B1`.
    func instance(_ batch: EventBatch, _ event: Int, beside object: String) -> String {
        var parts: [String] = []
        for (name, key) in instanceKeys {
            guard let field = batch.field(key, of: event), field.kind == .string || field.kind == .number else { continue }
            // Of a generic metric, the unit is what its values are measured in.
            if key == unit, batch.field(metric, of: event) != nil { continue }
            let text = batch.text(field)
            if object == text || object.hasSuffix(":\(text)") { continue }
            parts.append("\(name):\(text)")
        }
        return parts.joined(separator: " ")
    }
}

extension EventTypeTable {
    /// FNV-1a over the text of a field.
    static func hash(_ batch: EventBatch, _ field: EventBatch.Field) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for index in Int(field.start)..<Int(field.end) { hash = (hash ^ UInt64(batch.bytes[index])) &* 0x100_0000_01B3 }
        return hash
    }
}
