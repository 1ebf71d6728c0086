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

extension Severity {
    init(rank: Int) { self = Self.allCases.first { $0.rank == rank } ?? .indeterminate }
}

extension Timestamp {
    /// An instant of a column that may be NULL.
    init?(column: Int64?) {
        guard let column else { return nil }
        self.init(microseconds: column)
    }
}

/// JSON in columns: sorted keys, so that a rebuild writes the same text.
enum ColumnJSON {
    static func encode(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    static func decode<Value: Decodable>(_ type: Value.Type, _ text: String, _ what: String) throws -> Value {
        do { return try JSONDecoder().decode(type, from: Data(text.utf8)) } catch {
            throw StoreError(.corrupt, "\(what) in the store is not readable (\(error)); run towerco rebuild")
        }
    }
}

/// Where a list goes on: the last row's key, as opaque text.
struct PageCursor {
    /// The list it belongs to; a cursor of another list is refused.
    let list: String
    let parts: [String]

    var text: String {
        let joined = ([list] + parts).joined(separator: "\u{1F}")
        return Data(joined.utf8).base64EncodedString().replacingOccurrences(of: "+", with: "-")
            .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
    }

    init(_ list: String, _ parts: [String]) {
        self.list = list
        self.parts = parts
    }

    /// Reads a caller's cursor for a list whose key has `count` parts; `nil` when there is none.
    static func read(_ text: String?, list: String, count: Int) throws -> [String]? {
        guard let text else { return nil }
        var base64 = text.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
        while base64.utf8.count % 4 != 0 { base64 += "=" }
        guard text.utf8.count <= 1024, let data = Data(base64Encoded: base64), let joined = String(data: data, encoding: .utf8) else {
            throw StoreError(.badCursor, "the cursor is not one that this list gave; start again without it")
        }
        let parts = joined.components(separatedBy: "\u{1F}")
        guard parts.count == count + 1, parts[0] == list else {
            throw StoreError(.badCursor, "the cursor is not one that this list gave; start again without it")
        }
        return Array(parts.dropFirst())
    }

    /// A part that is a number.
    static func number(_ part: String) throws -> Int64 {
        guard let number = Int64(part) else {
            throw StoreError(.badCursor, "the cursor is not one that this list gave; start again without it")
        }
        return number
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
