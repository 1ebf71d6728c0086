/// What became of a table; the answer of `POST /inventory/import`.
public struct InventoryReport: Sendable, Codable, Hashable {
    /// Names told of each list; the counts are of all.
    public static let maximumNames = 1_000

    public var file: String
    public var kind: InventoryTable.Kind
    /// Good rows.
    public var rows: Int
    /// Rows that say something new.
    public var changed: Int
    /// Sites or links (`a/b kind`) that change; the first of them.
    public var changes: [String]
    /// Rows that say what is known.
    public var unchanged: Int
    /// Those that are there and not in the file.
    public var removed: Int
    public var removals: [String]
    /// Nothing was written.
    public var isDryRun: Bool
    /// Events that are durable now.
    public var accepted: Int
    /// Events that were durable before.
    public var duplicates: Int
    public var problems: [CSVProblem]
    /// Problems beyond those told.
    public var moreProblems: Int

    public init(_ table: InventoryTable, _ plan: InventoryPlan, isDry: Bool) {
        file = table.file
        kind = table.kind
        rows = table.rows.count
        changed = plan.changes.count
        changes = Array(plan.changes.prefix(Self.maximumNames))
        unchanged = plan.unchanged
        removed = plan.removals.count
        removals = Array(plan.removals.prefix(Self.maximumNames))
        isDryRun = isDry
        accepted = 0
        duplicates = 0
        problems = table.problems
        moreProblems = table.untold
    }

    /// What the door said of the events.
    public mutating func add(_ answer: IngestReport) {
        accepted += answer.accepted
        duplicates += answer.duplicates
        for rejection in answer.rejected {
            problems.append(CSVProblem(file: file, line: 0, reason: "event \(rejection.line) was refused: \(rejection.detail) (\(rejection.code))"))
        }
    }

    enum CodingKeys: String, CodingKey {
        case file, kind, rows, changed, changes, unchanged, removed, removals
        case isDryRun = "dry_run"
        case accepted, duplicates, problems
        case moreProblems = "more_problems"
    }
}

extension InventoryPlan {
    /// The events as NDJSON bodies of a size that the door takes.
    public func parts(upTo bytes: Int) -> [[UInt8]] {
        var parts: [[UInt8]] = []
        var part: [UInt8] = []
        for event in events {
            if !part.isEmpty, part.count + event.count + 1 > bytes {
                parts.append(part)
                part = []
            }
            part += event
            part.append(0x0A)
        }
        if !part.isEmpty { parts.append(part) }
        return parts
    }
}
