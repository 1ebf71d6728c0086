/// Sites or links read from a CSV file: good rows, and what is wrong with the others.
///
/// - Bounds: `maximumBytes` of a file, `maximumRows` of it, `maximumProblems` told.
public struct InventoryTable: Sendable {
    public static let maximumBytes = 64 << 20
    public static let maximumRows = 1_000_000
    public static let maximumProblems = 1_000

    public enum Kind: String, Sendable, Codable { case sites, links }

    /// One good row: the columns that the file has, as text; an empty one says that there is nothing.
    public struct Row: Sendable {
        public var line: Int
        /// The site, or the two ends.
        public var ids: [String]
        public var cells: [InventoryColumn: String]
    }

    public private(set) var kind = Kind.sites
    public let file: String
    public private(set) var rows: [Row] = []
    public private(set) var problems: [CSVProblem] = []
    /// Problems beyond the bound.
    public private(set) var untold = 0
    private var columns: [InventoryColumn?] = []
    private var lineOfKey: [String: Int] = [:]

    /// - Parameter file: what problems call it.
    public init(_ bytes: [UInt8], file: String) {
        self.file = file
        guard bytes.count <= Self.maximumBytes else {
            tell(1, "", "the file has \(bytes.count) bytes and \(Self.maximumBytes) are the most; cut it in parts")
            return
        }
        var reader = CSVReader(bytes, file: file)
        guard let first = reader.next() else {
            tell(1, "", "the file is empty; its first line names the columns")
            return
        }
        switch first {
        case .failure(let problem):
            problems.append(problem)
            return
        case .success(let header): guard readHeader(header) else { return }
        }
        let isCommaDelimited = reader.delimiter == 0x2C
        while let next = reader.next() {
            guard rows.count < Self.maximumRows else {
                tell(0, "", "more than \(Self.maximumRows) rows; the rest was not read")
                return
            }
            switch next {
            case .failure(let problem): keep(problem)
            case .success(let row): read(row, isCommaDelimited: isCommaDelimited)
            }
        }
    }

    // MARK: Header

    private mutating func readHeader(_ header: CSVRow) -> Bool {
        let names = header.fields.map { InventoryColumn.normalised($0) }
        let isLinks = names.contains { ["a", "from", "site_a"].contains($0) } && names.contains { ["b", "to", "site_b"].contains($0) }
        kind = isLinks ? .links : .sites
        var met: Set<InventoryColumn> = []
        for (place, name) in names.enumerated() {
            guard let column = InventoryColumn.named(name, of: kind) else {
                columns.append(nil)
                if !name.isEmpty {
                    let known = InventoryColumn.all(of: kind).map(\.rawValue).joined(separator: ", ")
                    tell(header.line, header.fields[place], "no column of \(kind.rawValue); the columns are \(known)")
                }
                continue
            }
            guard met.insert(column).inserted else {
                columns.append(nil)
                tell(header.line, header.fields[place], "the column \(column.rawValue) is there twice; the first counts")
                continue
            }
            columns.append(column)
        }
        let needed: [InventoryColumn] = isLinks ? [.a, .b] : [.siteID]
        for column in needed where !met.contains(column) {
            tell(header.line, column.rawValue, "the column is missing: sites have site_id, links have a and b")
            return false
        }
        return true
    }

    // MARK: Rows

    private mutating func read(_ row: CSVRow, isCommaDelimited: Bool) {
        if row.fields.allSatisfy({ $0.allSatisfy(\.isWhitespace) }) { return }
        guard row.fields.count == columns.count else {
            let hint = row.fields.count > columns.count && isCommaDelimited ? "; text with commas is written in quotes" : ""
            tell(row.line, "", "\(row.fields.count) fields where the first line names \(columns.count)\(hint)")
            return
        }
        var cells: [InventoryColumn: String] = [:]
        for (column, field) in zip(columns, row.fields) {
            guard let column else { continue }
            let text = InventoryColumn.trimmed(field)
            if let reason = column.complaint(text) {
                tell(row.line, column.rawValue, reason)
                return
            }
            cells[column] = text
        }
        let ids = kind == .sites ? [cells[.siteID] ?? ""] : [cells[.a] ?? "", cells[.b] ?? ""]
        if kind == .links {
            guard ids[0] != ids[1] else { return tell(row.line, "b", "a link leads from a to another end") }
            if let parent = cells[.parent], !parent.isEmpty, !ids.contains(parent) {
                return tell(row.line, "parent", "must be one of the two ends, \(ids[0]) or \(ids[1])")
            }
        }
        let key = kind == .sites ? ids[0] : "\(min(ids[0], ids[1]))\n\(max(ids[0], ids[1]))\n\(cells[.kind] ?? "")"
        if let known = lineOfKey[key] {
            return tell(row.line, kind == .sites ? "site_id" : "a", "is on line \(known) already; that one counts")
        }
        lineOfKey[key] = row.line
        rows.append(Row(line: row.line, ids: ids, cells: cells))
    }

    private mutating func tell(_ line: Int, _ column: String, _ reason: String) {
        keep(CSVProblem(file: file, line: line, column: column, reason: reason))
    }

    private mutating func keep(_ problem: CSVProblem) {
        if problems.count < Self.maximumProblems { problems.append(problem) } else { untold += 1 }
    }
}
