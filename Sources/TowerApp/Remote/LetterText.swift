import Foundation
import TowerModel
import TowerStores

/// A dead letter for a terminal: what is known of it, and its bytes with the place of the fault.
struct LetterText {
    let letter: DeadLetterView
    /// Characters before and behind the fault in the marked line.
    private static let around = 60
    private static let dumpedBytes = 4096

    init(_ letter: DeadLetterView) { self.letter = letter }

    var text: String {
        var rows = [
            ("id", "\(letter.id)"), ("state", letter.state), ("reason", "\(letter.reasonCode): \(letter.detail)"),
            ("origin", letter.origin + (letter.originOffset.map { " @ \($0)" } ?? "")),
        ]
        if let group = letter.group { rows.append(("group", group)) }
        if let topic = letter.topic { rows.append(("topic", topic)) }
        if let site = letter.siteID { rows.append(("site", site)) }
        if let place { rows.append(("fault at", place)) }
        rows += [
            ("attempts", "\(letter.attempts)"), ("at", "\(letter.at)"),
            ("bytes", "\(letter.bytes)" + (letter.isCut ? ", cut: the letter holds the beginning" : "")),
        ]
        if let outcome = letter.outcome { rows.append(("last", Self.sentence(outcome))) }
        let head = rows.map { $0.0.padding(toLength: 10, withPad: " ", startingAt: 0) + $0.1 }.joined(separator: "\n")
        return head + "\n\n" + bytes + "\n"
    }

    private var place: String? {
        let parts = [
            letter.line.map { "line \($0) of the request" }, letter.column.map { "byte \($0)" }, letter.field.map { "field \($0)" },
        ].compactMap { $0 }
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }

    private static func sentence(_ outcome: DeadLetterView.Outcome) -> String {
        let by = outcome.by.isEmpty ? "" : " by \(outcome.by)"
        let why = outcome.why.map { ": \($0)" } ?? ""
        return "\(outcome.result)\(outcome.isEdited ? ", edited," : "")\(by) at \(outcome.at)\(why)"
    }

    private var bytes: String {
        let raw = [UInt8](Data(base64Encoded: letter.rawBase64) ?? Data())
        guard letter.isText else { return HexDump(raw, marking: letter.column.map { $0 - 1 }).text(upTo: Self.dumpedBytes) }
        guard let column = letter.column, column >= 1, column <= raw.count + 1 else { return letter.text }
        return letter.text + "\n\n" + Self.marked(raw, column - 1)
    }

    /// The surroundings of a byte in one line, and a caret below it.
    static func marked(_ bytes: [UInt8], _ at: Int) -> String {
        let before = String(decoding: bytes[max(0, at - around)..<at], as: UTF8.self)
        let behind = String(decoding: bytes[at..<min(bytes.count, at + around)], as: UTF8.self)
        func flat(_ text: String) -> String { String(text.unicodeScalars.map { $0.value < 0x20 ? " " : Character($0) }) }
        return flat(before) + flat(behind) + "\n" + String(repeating: " ", count: flat(before).count) + "^ byte \(at + 1)"
    }
}
