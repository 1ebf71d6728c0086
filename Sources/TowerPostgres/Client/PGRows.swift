import CPostgres
import TowerModel

/// The answer to one statement, in binary form; cleared with its last reference. Stays on the thread of its connection.
final class PGRows {
    private let result: OpaquePointer
    let count: Int

    /// Takes `result` over.
    init(_ result: OpaquePointer) {
        self.result = result
        count = Int(PQntuples(result))
    }

    deinit { PQclear(result) }

    /// `INSERT 0 3`, `COMMIT`.
    var tag: String { String(cString: PQcmdStatus(result)) }

    var first: PGRow? { count > 0 ? self[0] : nil }

    subscript(index: Int) -> PGRow { PGRow(rows: self, index: Int32(truncatingIfNeeded: index)) }

    func map<Value>(_ body: (PGRow) throws -> Value) rethrows -> [Value] { try (0..<count).map { try body(self[$0]) } }

    func forEach(_ body: (PGRow) throws -> Void) rethrows { for index in 0..<count { try body(self[index]) } }

    fileprivate func bytes(_ row: Int32, _ column: Int32) -> UnsafeRawBufferPointer? {
        guard PQgetisnull(result, row, column) == 0, let start = PQgetvalue(result, row, column) else { return nil }
        return UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(result, row, column)))
    }
}

/// One row. Columns that the schema never leaves empty are read as they are: NULL reads as zero or nothing.
struct PGRow {
    fileprivate let rows: PGRows
    fileprivate let index: Int32

    private func bytes(_ column: Int) -> UnsafeRawBufferPointer? { rows.bytes(index, Int32(truncatingIfNeeded: column)) }

    /// `smallint`, `integer` and `bigint` alike.
    func optionalInt(_ column: Int) -> Int64? {
        guard let bytes = bytes(column) else { return nil }
        switch bytes.count {
        case 8: return Int64(bigEndian: bytes.loadUnaligned(as: Int64.self))
        case 4: return Int64(Int32(bigEndian: bytes.loadUnaligned(as: Int32.self)))
        case 2: return Int64(Int16(bigEndian: bytes.loadUnaligned(as: Int16.self)))
        default: return nil
        }
    }

    func int(_ column: Int) -> Int64 { optionalInt(column) ?? 0 }

    func optionalDouble(_ column: Int) -> Double? {
        guard let bytes = bytes(column), bytes.count == 8 else { return nil }
        return Double(bitPattern: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)))
    }

    func double(_ column: Int) -> Double { optionalDouble(column) ?? 0 }

    func bool(_ column: Int) -> Bool { bytes(column)?.first == 1 }

    func optionalText(_ column: Int) -> String? { bytes(column).map { String(decoding: $0, as: UTF8.self) } }

    func text(_ column: Int) -> String { optionalText(column) ?? "" }

    func optionalID(_ column: Int) -> EventID? {
        guard let bytes = bytes(column), bytes.count == 16 else { return nil }
        return Self.id(bytes, 0)
    }

    func id(_ column: Int) -> EventID { optionalID(column) ?? EventID(high: 0, low: 0) }

    /// Ids one after the other, 16 bytes each; a shorter rest is left out.
    func ids(_ column: Int) -> [EventID] {
        guard let bytes = bytes(column) else { return [] }
        return (0..<bytes.count / 16).map { Self.id(bytes, $0 * 16) }
    }

    func time(_ column: Int) -> Timestamp { Timestamp(microseconds: int(column)) }

    func optionalTime(_ column: Int) -> Timestamp? { optionalInt(column).map { Timestamp(microseconds: $0) } }

    private static func id(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> EventID {
        EventID(
            high: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)),
            low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self)))
    }
}
