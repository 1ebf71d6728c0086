import Foundation
import TowerStores

/// Where a scan of the log goes on: opaque to callers, so that its meaning may change.
enum ScanCursor {
    /// - Parameter tag: what kind of position it is, so that a cursor of another list is refused and not misread.
    static func encode(_ position: Int64, tag: String) -> String { Secrets.base64URL(Array("\(tag).\(position)".utf8)) }

    /// - Throws: `StoreError.badCursor`.
    static func decode(_ cursor: String, tag: String) throws -> Int64 {
        let base64 = cursor.replacing("-", with: "+").replacing("_", with: "/")
        let padded = base64 + String(repeating: "=", count: (4 - base64.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: padded), let text = String(data: data, encoding: .utf8), text.hasPrefix("\(tag)."),
            let position = Int64(text.dropFirst(tag.count + 1)), position >= 0
        else { throw StoreError(.badCursor, "cursor of a log scan") }
        return position
    }
}
