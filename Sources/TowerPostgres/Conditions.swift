/// Conditions of a list gathered together with the parameters that they need.
struct Conditions {
    private(set) var sql: [String] = []
    private(set) var values: [PGValue] = []

    /// - Parameter condition: `?` stands for each value in turn.
    mutating func add(_ condition: String, _ added: PGValue...) {
        var text = ""
        var number = values.count
        for character in condition {
            guard character == "?" else {
                text.append(character)
                continue
            }
            number += 1
            text += "$\(number)"
        }
        sql.append(text)
        values += added
    }

    var clause: String { sql.isEmpty ? "true" : sql.joined(separator: " AND ") }
}
