import Foundation
import TowerStores
import TowerStreaming

/// Where a scan of the log goes on: opaque to callers, so that its meaning may change.
enum ScanCursor {
    /// - Parameter tag: what kind of position it is, so that a cursor of another list is refused and not misread.
    static func encode(_ position: Int64, tag: String) -> String { Secrets.base64URL(Array("\(tag).\(position)".utf8)) }

    static func encode(_ place: LogCursor, tag: String) -> String { Secrets.base64URL(Array("\(tag).\(place)".utf8)) }

    /// - Throws: `StoreError.badCursor`.
    static func decode(_ cursor: String, tag: String) throws -> Int64 {
        guard let position = Int64(try text(cursor, tag: tag)), position >= 0 else {
            throw StoreError(.badCursor, "cursor of a log scan")
        }
        return position
    }

    /// - Throws: `StoreError.badCursor`.
    static func place(_ cursor: String, tag: String) throws -> LogCursor {
        guard let place = LogCursor(String(try text(cursor, tag: tag))), place.sequence >= 0 else {
            throw StoreError(.badCursor, "cursor of a log scan")
        }
        return place
    }

    private static func text(_ cursor: String, tag: String) throws -> Substring {
        let base64 = cursor.replacing("-", with: "+").replacing("_", with: "/")
        let padded = base64 + String(repeating: "=", count: (4 - base64.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: padded), let text = String(data: data, encoding: .utf8), text.hasPrefix("\(tag).")
        else { throw StoreError(.badCursor, "cursor of a log scan") }
        return text.dropFirst(tag.count + 1)
    }
}
