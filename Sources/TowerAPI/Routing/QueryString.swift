import Foundation

/// Strict reading of a query string: a parameter that nobody reads is a mistake the caller should hear of.
enum QueryString {
    /// - Parameter ignoresOthers: for a contract that is not ours, whose clients may send what no server reads.
    /// - Throws: `Problem` 400.
    static func parse(_ text: String, known: [String], ignoresOthers: Bool = false) throws -> [String: String] {
        var values: [String: String] = [:]
        for pair in text.split(separator: "&", omittingEmptySubsequences: true) {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = decode(parts[0]), let value = decode(parts.count > 1 ? parts[1] : "") else {
                throw Problem.badRequest("request.bad_query", "The query holds a percent sequence that is not UTF-8.")
            }
            guard known.contains(name) else {
                if ignoresOthers { continue }
                let hint = known.isEmpty ? "It takes none." : "It takes \(known.joined(separator: ", "))."
                throw Problem.badRequest(
                    "request.unknown_parameter", "This route does not know the query parameter \(name.prefix(64)). \(hint)")
            }
            guard values.updateValue(value, forKey: name) == nil else {
                throw Problem.badRequest("request.invalid_parameter", "Query parameter \(name) must be given once.")
            }
        }
        return values
    }

    private static func decode(_ text: Substring) -> String? {
        text.replacing("+", with: " ").removingPercentEncoding
    }
}
