import ArgumentParser
import TowerApp

struct LearnCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "learn", abstract: "Re-estimate lags and shares of the causal stories from incidents that are over.",
        discussion: """
            Writes a version into --directory (or TOWERCO_CAUSALITY_DIRECTORY), which the engine reads at its next start. What people
            said of roots counts most; what nobody judged counts half where the engine was sure. docs/causal-learning.md.
              towerco analyze --input events.ndjson --emit incidents --out incidents.ndjson
              towerco learn --directory my-stories --input incidents.ndjson --verdicts verdicts.ndjson --dry-run
              towerco learn --directory my-stories --url http://127.0.0.1:8080     # with what people said in the console
              towerco learn --directory my-stories --data data                      # likewise, of a stopped server
              towerco learn --directory my-stories --list
              towerco learn --directory my-stories --rollback 2
            """)
    @Option(help: "Folder of YAML files over the shipped stories.") var directory: String?
    @Option(help: "Incidents, one JSON object a line, as `analyze --emit incidents` writes them.") var input: String?
    @Option(help: "A running server whose incidents are read instead.") var url: String?
    @Option(help: "Data folder of a stopped server whose log is read instead.") var data: String?
    @Option(help: "With --data: only this tenant.") var tenant: String?
    @Option(help: "API key for --url; else TOWERCO_KEY.") var key: String?
    @Option(help: "What people said of roots: lines of incident_id, verdict (confirm, reject, correct), condition, site_id.") var verdicts: String?
    @Flag(help: "Say what would change and write nothing.") var dryRun = false
    @Flag(help: "Show the versions; * is in force.") var list = false
    @Option(help: "Put this version in force again; 0 for the stories as they were.") var rollback: Int?

    func run() async throws {
        let folder = directory.map { StoryFolder($0) } ?? .fromEnvironment()
        guard !folder.path.isEmpty else {
            throw CommandFailure("--directory or TOWERCO_CAUSALITY_DIRECTORY names the folder that versions go to.", isUsage: true)
        }
        var job = StoryLearnJob(stories: folder)
        if list { return say(try job.list()) }
        if let rollback { return say(try job.rollback(to: rollback)) }
        guard [input, url, data].compactMap(\.self).count == 1 else {
            throw CommandFailure("One of --input, --url and --data says where the incidents are.", isUsage: true)
        }
        job.input = input ?? ""
        job.data = data ?? ""
        job.tenant = tenant ?? ""
        if let url { job.client = .fromEnvironment(url: url, key: key) }
        job.verdicts = verdicts ?? ""
        job.isDryRun = dryRun
        say(try await job.run())
    }
}
