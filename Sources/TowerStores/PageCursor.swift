import Foundation

/// Where a list goes on: the last row's key, as opaque text.
package struct PageCursor {
    /// The list it belongs to; a cursor of another list is refused.
    package let list: String
    package let parts: [String]

    package var text: String {
        let joined = ([list] + parts).joined(separator: "\u{1F}")
        return Data(joined.utf8).base64EncodedString().replacingOccurrences(of: "+", with: "-")
            .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
    }

    package init(_ list: String, _ parts: [String]) {
        self.list = list
        self.parts = parts
    }

    /// Reads a caller's cursor for a list whose key has `count` parts; `nil` when there is none.
    package static func read(_ text: String?, list: String, count: Int) throws -> [String]? {
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
    package static func number(_ part: String) throws -> Int64 {
        guard let number = Int64(part) else {
            throw StoreError(.badCursor, "the cursor is not one that this list gave; start again without it")
        }
        return number
    }
}
