import CPostgres
import TowerModel
import TowerStores

/// A parameter of a statement, sent in PostgreSQL's binary form.
enum PGValue: Sendable {
    case int(Int64?)
    case double(Double?)
    case bool(Bool?)
    case text(String?)
    case id(EventID?)
    case bytes([UInt8]?)
    case ints([Int64?])
    case doubles([Double?])
    case bools([Bool])
    case texts([String?])
    case ids([EventID?])
    case byteStrings([[UInt8]])

    /// Type numbers that are the same in every PostgreSQL (`pg_type.dat`).
    var type: Oid {
        switch self {
        case .int: 20
        case .double: 701
        case .bool: 16
        case .text: 25
        case .id: 2950
        case .bytes: 17
        case .ints: 1016
        case .doubles: 1022
        case .bools: 1000
        case .texts: 1009
        case .ids: 2951
        case .byteStrings: 1001
        }
    }

    /// Appends the value and answers whether it is there; NULL appends nothing.
    func append(to bytes: inout [UInt8]) -> Bool {
        switch self {
        case .int(let value): return value.map { bytes.append(value: $0) } != nil
        case .double(let value): return value.map { bytes.append(value: $0) } != nil
        case .bool(let value): return value.map { bytes.append($0 ? 1 : 0) } != nil
        case .text(let value): return value.map { bytes.append(text: $0) } != nil
        case .id(let value): return value.map { bytes.append(value: $0) } != nil
        case .bytes(let value): return value.map { bytes.append(contentsOf: $0) } != nil
        case .ints(let values): bytes.append(array: values, of: 20) { $0.append(value: $1) }
        case .doubles(let values): bytes.append(array: values, of: 701) { $0.append(value: $1) }
        case .bools(let values): bytes.append(array: values, of: 16) { $0.append($1 ? 1 : 0) }
        case .texts(let values): bytes.append(array: values, of: 25) { $0.append(text: $1) }
        case .ids(let values): bytes.append(array: values, of: 2950) { $0.append(value: $1) }
        case .byteStrings(let values): bytes.append(array: values, of: 17) { $0.append(contentsOf: $1) }
        }
        return true
    }
}

extension [UInt8] {
    mutating func append(value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }

    mutating func append(value: Double) { append(value: value.bitPattern) }

    mutating func append(value: EventID) {
        append(value: value.high)
        append(value: value.low)
    }

    /// PostgreSQL keeps no NUL in a text.
    mutating func append(text: String) { append(contentsOf: text.storable.utf8) }

    /// An array of one dimension.
    mutating func append<Value>(array: [Value?], of type: Int32, _ write: (inout [UInt8], Value) -> Void) {
        append(value: Int32(array.isEmpty ? 0 : 1))
        append(value: Int32(array.contains { $0 == nil } ? 1 : 0))
        append(value: type)
        guard !array.isEmpty else { return }
        append(value: Int32(truncatingIfNeeded: array.count))
        append(value: Int32(1))
        for element in array { append(field: element, write) }
    }

    /// A field with its length before it, as arrays and COPY have them.
    mutating func append<Value>(field element: Value?, _ write: (inout [UInt8], Value) -> Void) {
        guard let element else {
            append(value: Int32(-1))
            return
        }
        let start = count
        append(value: Int32(0))
        write(&self, element)
        let length = UInt32(truncatingIfNeeded: count - start - 4)
        self[start] = UInt8(truncatingIfNeeded: length >> 24)
        self[start + 1] = UInt8(truncatingIfNeeded: length >> 16)
        self[start + 2] = UInt8(truncatingIfNeeded: length >> 8)
        self[start + 3] = UInt8(truncatingIfNeeded: length)
    }
}
