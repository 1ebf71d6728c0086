package import TowerModel

// How values of the model stand in columns of any store: severities as their rank, instants as microseconds.

extension Severity {
    package init(rank: Int) { self = Self.allCases.first { $0.rank == rank } ?? .indeterminate }
}

extension Timestamp {
    /// An instant of a column that may be NULL.
    package init?(column: Int64?) {
        guard let column else { return nil }
        self.init(microseconds: column)
    }
}

/// Names and words around sites that every store writes alike.
package enum SiteColumns {
    /// Between the operators of a site, which no name holds.
    package static let separator = "\u{1F}"

    /// What a search looks in: id and name, lower case.
    package static func search(_ site: SiteID, _ name: String) -> String { "\(site.rawValue)\n\(name)".lowercased() }

    package static func operators(_ names: [String]) -> String {
        names.map { $0.filter { $0 != "\u{1F}" } }.joined(separator: separator)
    }

    package static func operators(_ column: String) -> [String] {
        column.isEmpty ? [] : column.split(separator: "\u{1F}").map(String.init)
    }
}

extension String {
    /// Databases end a text at a NUL or refuse it: U+FFFD stands for it.
    package var storable: String { utf8.contains(0) ? replacing("\0", with: "\u{FFFD}") : self }
}
