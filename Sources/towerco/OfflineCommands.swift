public import ArgumentParser
public import TowerApp

struct AnalyzeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "analyze",
        abstract: "Run events from a file through the engine.",
        discussion: """
            Reads NDJSON, one event a line, in the order it arrived; writes NDJSON. The same input gives the same bytes.
              towerco analyze --input events.ndjson --out incidents.ndjson
              zcat night.gz | towerco analyze --input - --out - --emit alarms
              towerco analyze --input alarms.ndjson --out edges.ndjson --emit edges
              towerco analyze --topology alarms.ndjson --input incidents.ndjson --out causes.ndjson --emit root-causes
            Edges and root causes are learned from the input alone, without templates; each cause from what came before it.
              towerco analyze --history failed.ndjson --input alive.ndjson --emit forecasts --out remaining-life.ndjson
            A bad line is counted and named on standard error and costs no other.
            """)
    @Option(help: "Events as NDJSON; `-` reads standard input.") var input: String
    @Option(
        name: [.customLong("topology"), .customLong("history")],
        help: "More NDJSON events read first: sites and links, or the lives of units that failed.") var topology: String?
    @Option(help: "Where results go; `-` writes standard output.") var out: String
    @Option(help: "What to write: incidents (every revision), alarms, forecasts, losses, alerts, edges, root-causes or proposals.")
    var emit: AnalyzeJob.Emit = .incidents
    @Option(help: "For edges: balanced asserts as many true ones as it can, precise only those beyond chance.") var cut: AnalyzeJob.Cut = .balanced

    func run() async throws {
        let began = ContinuousClock.now
        var job = AnalyzeJob(input: input, topology: topology, output: out, emit: emit)
        job.cut = cut
        let report = try job.run()
        complain(report.summary(seconds: secondsSince(began)))
        if report.accepted == 0, report.rejected > 0 { throw CommandFailure("No line of \(input) was an event.") }
    }
}

extension AnalyzeJob.Emit: ExpressibleByArgument {}
extension AnalyzeJob.Cut: ExpressibleByArgument {}

func secondsSince(_ instant: ContinuousClock.Instant) -> Double {
    let passed = (ContinuousClock.now - instant).components
    return Double(passed.seconds) + Double(passed.attoseconds) / 1e18
}

struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Write the events of a simulated fleet, with the truth about its faults.",
        discussion: """
            Physical and seeded: the same seed writes the same bytes. Scenarios are S01 to S30 (docs/scenarios.md).
              towerco simulate --sites 200 --hours 48 --scenario all --seed 7 --out events.ndjson --truth truth.ndjson
              towerco simulate --sites 50 --hours 6 --scenario S02 --seed 1 --noise missing=0.1,duplicates=0.005,skew=120 --out -
              towerco simulate --sites 50 --hours 2 --scenario S25 --seed 1 --to http://127.0.0.1:8080 --speed 60
              towerco simulate --sites 20 --hours 1000 --scenario S07,S08,S12 --telemetry-period 3600 --out slow.ndjson
            --scenario-file changes how often a scenario happens and how its delays vary; scenarios/ holds the defaults.
            """)
    @Option(help: "Number of sites.") var sites: Int = 100
    @Option(help: "Hours to simulate.") var hours: Double = 24
    @Option(help: "Scenarios, comma separated, or `all`.") var scenario: String = "all"
    @Option(help: "Seed of everything random.") var seed: UInt64 = 1
    @Option(help: "`none`, or knobs such as missing=0.1,duplicates=0.005,skew=120.") var noise: String = "none"
    @Option(help: "Tenant that owns the events.") var tenant: String = "sim"
    @Option(help: "First instant, RFC 3339.") var start: String = "2026-01-15T00:00:00Z"
    @Option(help: "A scenario file; repeatable, later ones win.") var scenarioFile: [String] = []
    @Option(help: "How much harmless background (dips, visits) there is; 0 for none.") var background: Double = 1
    @Option(help: "Seconds between telemetry of a point.") var telemetryPeriod: Double = 300
    @Option(help: "Where events go as NDJSON; `-` writes standard output.") var out: String?
    @Option(help: "Where the truth goes as NDJSON.") var truth: String?
    @Option(help: "Send to a running server instead: its address.") var to: String?
    @Option(help: "API key for --to; else TOWERCO_KEY.") var key: String?
    @Option(help: "With --to: how many times faster than real time; 0 is as fast as it takes them.") var speed: Double = 0

    func run() async throws {
        let job = try SimulateJob(
            sites: sites, hours: hours, scenarios: scenario, seed: seed, noise: noise, tenant: tenant, start: start,
            telemetryPeriodSeconds: telemetryPeriod, output: out, truth: truth, url: to, key: key, speed: speed,
            scenarioFiles: scenarioFile, background: background)
        let report = try await job.run(progress: { complain($0) })
        complain(report)
    }
}

struct EvaluateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Score what `analyze` found against what `simulate` did.",
        discussion: """
            Prints, per scenario and in total: faults, top-1 and top-3 root cause, wrong although confident, calibration error,
            clustering (V-measure), false and missed incidents.
              towerco evaluate --results incidents.ndjson --truth truth.ndjson
            With --events three baselines are scored on the same events: a 15-minute window, DBSCAN over graph and time, the
            gravest alarm first; and the rates per site and week and of visits in vain are known.
            Several runs are scored together: repeat --results, --truth and --events in the same order. --level names the noise
            of each run and gives one table a name.
            With --forecasts and --events, forecasts of batteries are scored against the contactors that opened:
              towerco evaluate --forecasts forecasts.ndjson --events events.ndjson
            """)
    @Option(help: "Output of `towerco analyze`; repeatable.") var results: [String] = []
    @Option(help: "Truth of `towerco simulate`; repeatable, in the same order.") var truth: [String] = []
    @Option(help: "Output of `towerco analyze --emit forecasts`, scored by itself; repeatable, with --events.") var forecasts: [String] = []
    @Option(help: "The events, for the baselines; repeatable, in the same order.") var events: [String] = []
    @Option(help: "Name of the run's noise level; repeatable, in the same order.") var level: [String] = []
    @Flag(help: "JSON instead of a table.") var json = false

    func run() async throws {
        if !forecasts.isEmpty { return say(try EvaluateForecastsJob(forecasts: forecasts, events: events).run(asJSON: json)) }
        guard !results.isEmpty else { throw CommandFailure("Give --results and --truth, or --forecasts and --events.", isUsage: true) }
        say(try EvaluateJob(results: results, truth: truth, events: events, levels: level).run(asJSON: json))
    }
}

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check what a server needs on this machine.",
        discussion: """
            Looks at the data folder, disk space, what a synced write costs, the journal, the brokers that TOWERCO_LOG_URL and the
            store that TOWERCO_STORE_URL or --config names, the port, the console's bundle and the limit of open files. Exit code 1
            when something would keep a server from starting.
              towerco doctor --data /var/lib/towerco --port 8080
            """)
    @Option(help: "Data folder.") var data: String = "data"
    @Option(help: "Port the server would use.") var port: Int = 8080
    @Option(help: "Console bundle.") var console: String = "web/dist"
    @Option(help: "Configuration file (YAML).") var config: String?

    func run() async throws {
        let store = try storeChoice(file: config)
        let log = try logChoice(file: config)
        let findings = await DoctorJob(directory: data, port: port, consoleDirectory: console, store: store, log: log).run()
        say(DoctorJob.render(findings))
        if findings.contains(where: { $0.verdict == .fail }) { throw ExitCode(1) }
    }
}

struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Read a window of the log again: to a file, a server, a processor.",
        discussion: """
            Reads the data folder of a stopped server, or with --url a running one while it works. A place is `beginning`, `end`,
            a sequence number, an append time (RFC 3339) or TOPIC@OFFSET.
              towerco replay --topic 'towerco.sites.*.events' --from 2026-01-15T21:00:00Z > night.ndjson
              towerco replay --url http://127.0.0.1:8080 --from 1200 --to 5000 --out window.ndjson
              towerco replay --topic 'towerco.sites.*.events' --speed 60 --pace event --to http://127.0.0.1:8081
              towerco replay --into aiops-engine --from 2026-01-15T21:00:00Z > decisions.ndjson
              towerco replay --shadow
            --into feeds a fresh processor everything before the window too, so that it knows what it knew, and prints what it
            decides inside it. --shadow prints how a fresh engine's incidents differ from those in the log. Ctrl-C stops in good
            order and says where to go on.
            """)
    @Option(help: "Data folder.") var data: String = "data"
    @Option(help: "A running server to read from instead.") var url: String?
    @Option(help: "API key for --url and --to; else TOWERCO_KEY.") var key: String?
    @Option(help: "Topic, or a pattern with one `*`.") var topic: String = "*"
    @Option(help: "First place of the window.") var from: String?
    @Option(help: "Place to stop before; or a server's address to send the events to. May be given once for each.") var to:
        [String] = []
    @Option(help: "File for the records, one a line; `-` writes standard output.") var out: String = "-"
    @Option(help: "Feed a fresh processor and print what it decides.") var into: ReplayProcessor?
    @Flag(help: "With --into: it knows nothing of what came before the window.") var cold = false
    @Flag(help: "Compare with a fresh engine instead.") var shadow = false
    @Option(help: "How many times faster than real time; 0 is full speed.") var speed: Double = 0
    @Option(help: "Which time a paced replay follows: arrival or event.") var pace: ReplayJob.Pace = .arrival

    func run() async throws {
        var options = ReplayJob.Options()
        (options.data, options.url, options.key, options.topic) = (data, url, key, topic)
        (options.from, options.to, options.out) = (from, to, out)
        (options.into, options.isCold, options.speed, options.pace) = (into, cold, speed, pace)
        let job = try ReplayJob(options)
        if shadow { return say(try await job.compareWithShadow()) }
        let outcome = try await Interruption.watched { try await job.run(tell: { complain($0) }) }
        complain(outcome.summary)
        if let place = outcome.stoppedAt {
            complain("Stopped. To go on: --from \(place)")
            throw ExitCode(130)
        }
    }
}

extension ReplayProcessor: ExpressibleByArgument {}
extension ReplayJob.Pace: ExpressibleByArgument {}

struct RebuildCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rebuild",
        abstract: "Make the database anew from the log.",
        discussion: """
            Works on the data folder of a stopped server: empties every read model and replays the log into it. Accounts and
            keys stay when the database still holds them; after its loss, start with TOWERCO_BOOTSTRAP_KEY again. The store is
            that of TOWERCO_STORE_URL or --config, SQLite in the data folder without.
              towerco rebuild --data data
            """)
    @Option(help: "Data folder.") var data: String = "data"

    @Option(help: "Configuration file (YAML).") var config: String?

    func run() async throws {
        say(try await RebuildJob(directory: data, store: storeChoice(file: config)).run(progress: { complain($0) }))
    }
}

struct LogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log", abstract: "Look into the journal of a stopped server, mend it, configure its topics.",
        subcommands: [Inspect.self, Verify.self, Repair.self, Configure.self])

    struct Inspect: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "inspect", abstract: "What the journal holds: segments, topics, records, time range.")
        @Option(help: "Data folder.") var data: String = "data"
        func run() async throws { say(try await JournalJob(directory: data).inspect()) }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "verify", abstract: "Check every checksum; exit code 1 when a record is damaged.")
        @Option(help: "Data folder.") var data: String = "data"
        func run() async throws { say(try await JournalJob(directory: data).verify()) }
    }

    struct Repair: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "repair", abstract: "Put a damaged journal in order; every changed file is kept in log/quarantine.",
            discussion: """
                Exit code 0: nothing to do. 1: something is wrong, and was mended or, with --dry-run, would be. 2: it could not be
                looked at or mended.
                  towerco log repair --data data --dry-run
                """)
        @Option(help: "Data folder.") var data: String = "data"
        @Flag(help: "Only say what would be done.") var dryRun = false
        func run() async throws {
            let found: (text: String, isClean: Bool)
            do {
                found = try await JournalJob(directory: data).repair(isDryRun: dryRun)
            } catch {
                complain("towerco: \(error)")
                throw ExitCode(2)
            }
            say(found.text)
            if !found.isClean { throw ExitCode(1) }
        }
    }

    struct Configure: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "configure", abstract: "Set how a topic's old records are cleaned up.",
            discussion: """
                delete: only retention removes records. compact: of each key the newest record is kept.
                  towerco log configure --data data --topic towerco.platform.settings --cleanup compact
                """)
        @Option(help: "Data folder.") var data: String = "data"
        @Option(help: "Topic; created when it is not there.") var topic: String
        @Option(help: "delete or compact.") var cleanup: JournalJob.Cleanup
        func run() async throws { say(try await JournalJob(directory: data).configure(topic: topic, cleanup: cleanup)) }
    }
}

extension JournalJob.Cleanup: ExpressibleByArgument {}
