/// The scoreboard: ours, and three baselines on the same events beside it.
public struct ScoreReport: Sendable, Codable, Hashable {
    /// One row a scenario in order, then `all`.
    public var rows: [ScoreRow]
    /// The same for the 15-minute window; empty when no events were given.
    public var baseline: [ScoreRow]
    /// The same for DBSCAN over graph × time, and for the gravest alarm of each site.
    public var density: [ScoreRow]
    public var severity: [ScoreRow]
    public var theft: TheftScore?

    public init(
        rows: [ScoreRow], baseline: [ScoreRow] = [], density: [ScoreRow] = [], severity: [ScoreRow] = [], theft: TheftScore? = nil
    ) {
        self.rows = rows
        self.baseline = baseline
        self.density = density
        self.severity = severity
        self.theft = theft
    }

    /// A table for a terminal, 128 columns, newline at the end.
    public var table: String {
        var text = Self.header("towerco") + rows.map(Self.line).joined()
        if let theft, theft.thefts > 0 {
            text += "theft: \(theft.thefts), recall \(Self.percent(theft.recall)), precision \(Self.percent(theft.precision))\n"
        }
        for (name, rows) in [("15 min window", baseline), ("DBSCAN", density), ("severity", severity)] where !rows.isEmpty {
            text += "\n" + Self.header(name) + rows.map(Self.line).joined()
        }
        return text
    }

    private static let widths = [14, 7, 7, 7, 7, 7, 8, 7, 7, 9, 7, 9, 9, 9, 9, 9]

    private static func header(_ name: String) -> String {
        row([
            name, "faults", "missed", "top-1", "top-3", "w&c", "ECE", "V", "alm/inc", "false", "split", "/site·wk", "vain",
            "RCA p50", "RCA p90", "lead",
        ])
    }

    private static func line(_ score: ScoreRow) -> String {
        row([
            score.scenario, score.faults > 0 || score.benign == 0 ? "\(score.faults)" : "(\(score.benign))", "\(score.missed)",
            percent(score.top1), percent(score.top3), percent(score.wrongAndConfident), decimals(score.calibrationError, 3),
            decimals(score.vMeasure, 3), decimals(score.alarmsPerIncident, 1), "\(score.falseIncidents)", "\(score.falseSplits)",
            decimals(score.falsePerSiteWeek, 3), "\(score.falseDispatches)/\(score.dispatches)",
            duration(score.rcaSecondsMedian), duration(score.rcaSecondsP90), duration(score.leadSecondsMedian),
        ])
    }

    private static func row(_ cells: [String]) -> String {
        var text = ""
        for (index, cell) in cells.enumerated() {
            let pad = String(repeating: " ", count: max(1, widths[index] - cell.count))
            text += index == 0 ? cell + pad : pad + cell
        }
        return text + "\n"
    }

    private static func percent(_ value: Double?) -> String { value.map { decimals($0 * 100, 1) + "%" } ?? "-" }

    private static func decimals(_ value: Double?, _ digits: Int) -> String {
        guard let value else { return "-" }
        var out = JSONWriter()
        out.number(value, decimals: digits)
        return String(decoding: out.bytes, as: UTF8.self)
    }

    private static func duration(_ seconds: Double?) -> String {
        guard let seconds else { return "-" }
        if seconds < 120 { return decimals(seconds, 0) + " s" }
        return seconds < 7200 ? decimals(seconds / 60, 1) + " min" : decimals(seconds / 3600, 1) + " h"
    }
}
