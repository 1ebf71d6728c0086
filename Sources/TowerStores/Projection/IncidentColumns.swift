package import TowerIncidents

/// Incidents between columns and views: the folded state is one JSON column, what lists filter by stands beside it.
package enum IncidentColumns {
    /// What people call it: `INC-12`.
    package static func name(_ number: Int64) -> String { "INC-\(number)" }

    /// `INC-12` or `inc-12`; `nil` for anything else.
    package static func number(_ name: String) -> Int64? {
        let lower = name.lowercased()
        guard lower.hasPrefix("inc-"), lower.utf8.count <= 20 else { return nil }
        let digits = lower.dropFirst(4)
        guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
        return Int64(digits)
    }

    package static func state(_ text: String) throws -> IncidentState { try ColumnJSON.decode(IncidentState.self, text, "an incident") }

    /// - Parameter isPage: the incident's own page, which has room for what was split off.
    package static func view(number: Int64, state: IncidentState, siteName: String, isPage: Bool = false) -> IncidentView {
        IncidentView(
            number: name(number), snapshot: state.snapshot, status: IncidentView.Status(rawValue: state.status.rawValue) ?? .open,
            acknowledgedBy: state.acknowledgedBy, acknowledgedAt: state.acknowledgedAt, assignee: state.assignee, siteName: siteName,
            mergedInto: state.mergedInto, mergedBy: state.mergedBy, verdict: state.verdict, cuts: isPage ? state.cuts : nil, splitFrom: state.splitFrom)
    }

    /// Entries of an incident's page: all of people's, all turns of the engine, and its newest refinements.
    package static let maxRefinements = 200
    package static let maxHistory = 5000
}
