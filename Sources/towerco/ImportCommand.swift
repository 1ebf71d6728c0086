import ArgumentParser
import Foundation
import TowerApp

struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Sites and links from CSV files.",
        discussion: """
            Columns are named on the first line, in any order (docs/inventory.md): sites have site_id, links have a and b.
              towerco import sites.csv links.csv --dry-run        what would change
              towerco import sites.csv links.csv                  write it; what is known already is not written again
              towerco import links.csv --remove-missing           links that the file does not have are removed, and named
              towerco import sites.csv links.csv --out events.ndjson --tenant acme-towers
            A bad row is named with file, line, column and reason, costs no good one, and makes the exit code 1. With a bad row
            nothing is removed.
            """)
    @Argument(help: "CSV files: UTF-8, delimited by comma, semicolon or tab.") var files: [String]
    @OptionGroup var server: ServerOptions
    @Flag(help: "Say what would change, and write nothing.") var dryRun = false
    @Flag(help: "Remove what the server has and the file does not.") var removeMissing = false
    @Option(help: "Write NDJSON events to this file instead of a server; `-` is standard output.") var out: String?
    @Option(help: "For --out: the tenant of the events.") var tenant: String?
    @Option(help: "Since when it is so (RFC 3339). Else now; with --out the file's own date.") var at: String?

    func run() async throws {
        let target: InventoryImportJob.Target
        if let out {
            guard let tenant else { throw CommandFailure("--out needs --tenant: events name their tenant.", isUsage: true) }
            guard !removeMissing else {
                throw CommandFailure("--remove-missing compares with a server: leave out --out.", isUsage: true)
            }
            target = .file(out, tenant: tenant, isDry: dryRun)
        } else {
            target = .server(.fromEnvironment(url: server.url, key: server.key), isDry: dryRun, removesMissing: removeMissing)
        }
        let reports = try await InventoryImportJob(paths: files, target: target, at: at).run()
        let complaints = InventoryImportJob.complaints(reports)
        for complaint in complaints { complain(complaint) }
        if server.json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            for report in reports { say(String(decoding: try encoder.encode(report), as: UTF8.self) + "\n") }
        } else if out == "-" {
            complain(InventoryImportJob.text(reports))
        } else {
            say(InventoryImportJob.text(reports))
        }
        if !complaints.isEmpty { throw ExitCode(1) }
    }
}
