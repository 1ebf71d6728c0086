import Foundation
import GRDB
import TowerModel
import TowerStores

// How values of the model stand in columns.

extension EventID {
    /// 16 bytes, most significant first.
    var blob: Data {
        var data = Data(capacity: 16)
        withUnsafeBytes(of: high.bigEndian) { data.append(contentsOf: $0) }
        withUnsafeBytes(of: low.bigEndian) { data.append(contentsOf: $0) }
        return data
    }

    init?(blob: Data) {
        guard blob.count == 16 else { return nil }
        self = Self.ids(in: blob)[0]
    }

    static func blob(_ ids: [EventID]) -> Data {
        var data = Data(capacity: ids.count * 16)
        for id in ids { data.append(id.blob) }
        return data
    }

    /// The ids of a blob, 16 bytes each; a shorter rest is left out.
    static func ids(in blob: Data) -> [EventID] {
        blob.withUnsafeBytes { bytes in
            (0..<bytes.count / 16).map { index in
                EventID(
                    high: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: index * 16, as: UInt64.self)),
                    low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: index * 16 + 8, as: UInt64.self)))
            }
        }
    }
}

/// Arguments gathered together with the conditions that need them.
struct Conditions {
    private(set) var sql: [String] = []
    private(set) var arguments: [(any DatabaseValueConvertible)?] = []
    mutating func add(_ condition: String, _ values: (any DatabaseValueConvertible)?...) {
        sql.append(condition)
        arguments.append(contentsOf: values)
    }
    var clause: String { sql.isEmpty ? "1" : sql.joined(separator: " AND ") }
    var statementArguments: StatementArguments { StatementArguments(arguments) }
}

extension EventID {
    /// An id of a column that may be NULL.
    init?(optionalBlob blob: Data?) {
        guard let blob else { return nil }
        self.init(blob: blob)
    }
}

extension StatementArguments {
    /// Values whose texts may hold anything that people and devices write.
    init(storable values: [(any DatabaseValueConvertible)?]) {
        self.init(values.map { value in (value as? String)?.storable ?? value })
    }
}
