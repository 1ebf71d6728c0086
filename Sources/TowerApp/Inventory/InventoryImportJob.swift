import Foundation
public import TowerIngest
import TowerModel

/// `towerco import`: tables of sites and links become inventory events, sent to a server or written to a file.
public struct InventoryImportJob: Sendable {
    public enum Target: Sendable {
        case server(ServerClient, isDry: Bool, removesMissing: Bool)
        /// NDJSON; `-` is standard output. The tenant stands in the events.
        case file(String, tenant: String, isDry: Bool)
    }

    public var paths: [String]
    public var target: Target
    /// Timestamp of the events; `nil`: now for a server, the table's own date for a file.
    private let at: Timestamp?

    /// - Errors: `CommandFailure` when `at` is no instant.
    public init(paths: [String], target: Target, at: String?) throws {
        self.paths = paths
        self.target = target
        self.at = at.flatMap { Timestamp($0) }
        if let at, self.at == nil { throw CommandFailure("--at \(at) is no instant: write 2026-03-01T00:00:00Z.", isUsage: true) }
    }

    /// Sites go before links, whatever their order on the command line.
    public func run() async throws -> [InventoryReport] {
        var tables: [(path: String, bytes: [UInt8], at: Timestamp)] = []
        for path in paths { tables.append(try read(path)) }
        tables = tables.enumerated().sorted { left, right in
            let kinds = [left, right].map { InventoryTable(Array($0.element.bytes.prefix(65_536)), file: "").kind == .sites ? 0 : 1 }
            return (kinds[0], left.offset) < (kinds[1], right.offset)
        }.map(\.element)
        switch target {
        case .server(let client, let isDry, let removesMissing):
            var reports: [InventoryReport] = []
            for table in tables { reports.append(try await send(table.bytes, table.path, client, isDry, removesMissing)) }
            return reports
        case .file(let out, let tenant, let isDry):
            var events: [UInt8] = []
            let reports = tables.map { table in
                let parsed = InventoryTable(table.bytes, file: table.path)
                let plan = InventoryPlan(parsed, tenant: TenantID(tenant), at: table.at, present: nil)
                events += plan.parts(upTo: .max).flatMap(\.self)
                return InventoryReport(parsed, plan, isDry: isDry)
            }
            if !isDry { try write(events, to: out) }
            return reports
        }
    }

    private func read(_ path: String) throws -> (String, [UInt8], Timestamp) {
        do {
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            let size = (attributes[.size] as? NSNumber)?.intValue ?? 0
            guard size <= InventoryTable.maximumBytes else {
                throw CommandFailure("\(path) has \(size) bytes and \(InventoryTable.maximumBytes) are the most: cut it in parts.")
            }
            let changed = (attributes[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
            return (path, [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))), at ?? Timestamp(seconds: changed.rounded(.down)))
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw CommandFailure("\(path) could not be read: \(error.localizedDescription)")
        }
    }

    private func send(_ bytes: [UInt8], _ path: String, _ client: ServerClient, _ isDry: Bool, _ removesMissing: Bool) async throws
        -> InventoryReport
    {
        var query = "dry_run=\(isDry)&remove_missing=\(removesMissing)"
        if let at { query += "&at=\(at)" }
        let name = URL(fileURLWithPath: path).lastPathComponent
        if let name = name.addingPercentEncoding(withAllowedCharacters: .alphanumerics) { query += "&file=\(name)" }
        let answer = try await client.send("POST", "/api/v1/inventory/import?\(query)", body: bytes, contentType: "text/csv")
        do { return try JSONDecoder().decode(InventoryReport.self, from: Data(answer.body)) } catch {
            throw CommandFailure("\(client.base) answered the import in a way this version does not understand: \(error)")
        }
    }

    private func write(_ events: [UInt8], to path: String) throws {
        if path == "-" { return try FileHandle.standardOutput.write(contentsOf: Data(events)) }
        do { try Data(events).write(to: URL(fileURLWithPath: path)) } catch {
            throw CommandFailure("\(path) could not be written: \(error.localizedDescription)")
        }
    }

    /// One paragraph a file.
    public static func text(_ reports: [InventoryReport]) -> String {
        reports.map { report in
            var lines = [
                "\(report.file): \(report.rows) \(report.kind.rawValue), \(report.changed) changed, \(report.unchanged) as known"
                    + (report.removed > 0 ? ", \(report.removed) to be removed" : "")
                    + (report.isDryRun ? " (nothing was written)" : "")
            ]
            if report.isDryRun { lines += report.changes.prefix(20).map { "  changes: \($0)" } }
            lines += report.removals.map { "  \(report.isDryRun ? "would be removed" : "removed"): \($0)" }
            if report.removed > report.removals.count { lines.append("  … and \(report.removed - report.removals.count) more") }
            return lines.joined(separator: "\n") + "\n"
        }.joined()
    }

    /// What is wrong, `file:line: column: reason`.
    public static func complaints(_ reports: [InventoryReport]) -> [String] {
        reports.flatMap { report in
            report.problems.map { problem in
                "\(problem.file):\(problem.line): \(problem.column.isEmpty ? "" : problem.column + ": ")\(problem.reason)"
            } + (report.moreProblems > 0 ? ["\(report.file): \(report.moreProblems) more problems"] : [])
        }
    }
}
