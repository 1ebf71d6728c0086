import ArgumentParser
import Foundation
import TowerApp

struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure this build on this machine.",
        discussion: """
            Every result is one line of JSON on standard output; what is going on is told on standard error.
              towerco bench append                       the journal alone, synced, in this process
              towerco bench ingest                       HTTP: starts a server of its own and loads it as far as it goes
              towerco bench ingest --rate 10000 --batch 100
                                                         latency at a stated rate, from the time each request was due
              towerco bench all --json results.ndjson    everything, some minutes
            Fields, what may be claimed from them, and the peers beside them: docs/benchmarks.md. `cpu_s` is the processor time
            of what is measured, `other_cpu_s` that of everybody else: a figure with much of the latter says little. Use a
            release build.
            """,
        subcommands: [
            Append.self, Fetch.self, Ingest.self, Topics.self, Recovery.self, Start.self, Storm.self, Correlate.self, Fleet.self, Ledgers.self,
            Links.self, All.self, Events.self, Hold.self,
        ])
}

/// Where results go.
struct BenchOutputOptions: ParsableArguments {
    @Option(help: "Write all results to this file too.") var json: String?

    var output: BenchOutput { BenchOutput(file: json, line: { say($0 + "\n") }, progress: { complain("bench: \($0)") }) }
}

/// Of the journal's benchmarks.
struct JournalBenchOptions: ParsableArguments {
    @Option(help: "Folder for data; a temporary one that is removed, if not given.") var dir: String?
    @Option(help: "Events of one append.") var batch = 500
    @Option(help: "Topics that the events lie in.") var topics = 10_000
    @Option(help: "Tasks that append at once.") var callers = 4
    @Option(help: "Longest time of one run.") var seconds = 5.0
    @Option(help: "Most events of one run; 377 bytes each.") var events: Int?
    @Option(help: "Runs of each side, in turn; a summary with median, lowest and highest follows.") var pairs = 1

    func options(events standard: Int = 10_000_000) -> BenchOptions {
        var options = BenchOptions()
        options.directory = dir
        options.batch = batch
        options.topics = topics
        options.callers = callers
        options.seconds = seconds
        options.events = events ?? standard
        options.pairs = pairs
        return options
    }
}

extension BenchCommand {
    struct Append: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "append", abstract: "Blocks of events into a journal in this process.",
            discussion: """
                Each append is answered after its sync. `events_per_cpu_s` is the figure for one core.
                  towerco bench append --callers 1 --pairs 5
                """)
        @OptionGroup var journal: JournalBenchOptions
        @OptionGroup var results: BenchOutputOptions
        func run() async throws { try await AppendBench(journal.options(), output: results.output).run() }
    }

    struct Fetch: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "fetch", abstract: "Read a journal as records, as blocks and by topic.",
            discussion:
                "Writes --events first (2,000,000 if not given), then reads all of them by each way in turn; by topic for --seconds."
        )
        @OptionGroup var journal: JournalBenchOptions
        @OptionGroup var results: BenchOutputOptions
        func run() async throws { try await FetchBench(journal.options(events: 2_000_000), output: results.output).run() }
    }

    struct Topics: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "topics", abstract: "The append figure at several numbers of topics.",
            discussion: """
                The sides take turns; `kept` is each side's throughput against the first one's of the same round.
                  towerco bench topics --counts 1,10000,100000 --pairs 5 --seconds 2
                """)
        @OptionGroup var journal: JournalBenchOptions
        @Option(help: "Numbers of topics, comma separated; the first is what the others are compared with.")
        var counts = "1,10000,100000"
        @OptionGroup var results: BenchOutputOptions
        func run() async throws {
            let numbers = try counts.split(separator: ",").map { text in
                guard let number = Int(text) else {
                    throw CommandFailure("--counts takes numbers, not `\(text)`.", isUsage: true)
                }
                return number
            }
            try await TopicsBench(journal.options(events: 4_000_000), counts: numbers, output: results.output).run()
        }
    }

    struct Recovery: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "recovery", abstract: "Open a filled journal again, after a clean end and after kill -9.",
            discussion: "`s_per_gb` is the time until appends and fetches are served, for each 10^9 bytes of the journal's files."
        )
        @OptionGroup var journal: JournalBenchOptions
        @Option(help: "Values to write, in 10^9 bytes.") var gigabytes = 2.0
        @Flag(help: "Drop the files from the page cache before each opening.") var cold = false
        @Option(help: "The towerco that writes and is killed; this one, if not given.") var binary: String?
        @OptionGroup var results: BenchOutputOptions
        func run() async throws {
            try await RecoveryBench(
                journal.options(), gigabytes: gigabytes, binary: binary, isCold: cold, output: results.output
            ).run()
        }
    }

    struct Start: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "start", abstract: "Cold start of the real binary, its memory, and that of an idle topic.",
            discussion: """
                Times from starting the process to a 200 of /readyz, on an empty folder and on one with --topics and --gigabytes.
                An idle topic's memory is what 100,000 topics of one event take beyond one topic of 100,000 events.
                  towerco bench start --pairs 10 --gigabytes 10
                """)
        @OptionGroup var journal: JournalBenchOptions
        @Option(help: "Values in the log of the full start, in 10^9 bytes; 0 leaves it out.") var gigabytes = 1.0
        @Option(help: "The towerco to start; this one, if not given.") var binary: String?
        @Option(help: "Roles of the server, comma separated, or `all`; groups would start with all of the filled log to read.")
        var roles = "data-ingestor"
        @OptionGroup var results: BenchOutputOptions
        func run() async throws {
            try await StartBench(
                journal.options(), gigabytes: gigabytes, binary: binary, roles: list(roles), output: results.output
            ).run()
        }
    }

    struct Ledgers: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "ledgers", abstract: "Site-months of fuel or batteries with and without thieves, through the engine and scored.",
            discussion: """
                Recall, hours to the entry and false entries a site-month: theft of 10 to 200 l, siphons of 1 to 5 l/day, deliveries
                5 to 15 % under their voucher; or strings taken behind a taped door. The same seed gives the same figures.
                  towerco bench ledgers --site-months 200 --seed 7 --missing 0.1 --lying 0.1
                  towerco bench ledgers --battery --site-months 100
                """)
        @Option(help: "How many months of a site of its own.") var siteMonths = 60
        @Option(help: "Days of each.") var days = 30.0
        @Option(help: "Of everything random.") var seed: UInt64 = 1
        @Option(help: "Share of readings and papers that are lost.") var missing = 0.1
        @Option(help: "Share of sites with a lying sensor.") var lying = 0.1
        @Flag(help: "Battery strings instead of tanks.") var battery = false
        @OptionGroup var results: BenchOutputOptions
        func run() async throws {
            var options = LedgerBench.Options()
            options.siteMonths = siteMonths
            options.days = days
            options.seed = seed
            options.missing = missing
            options.lying = lying
            options.isBattery = battery
            try LedgerBench(options, output: results.output).run()
        }
    }

    struct All: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "all", abstract: "Every benchmark in a row.",
            discussion:
                "Some minutes and about 10 GB in the temporary folder. --quick shows in seconds that everything runs; its figures mean nothing."
        )
        @Option(help: "Folder for data; a temporary one that is removed, if not given.") var dir: String?
        @Option(help: "Runs of each side.") var pairs = 5
        @Flag(help: "Tiny amounts.") var quick = false
        @Option(help: "The towerco whose server is measured; this one, if not given.") var binary: String?
        @OptionGroup var results: BenchOutputOptions
        func run() async throws {
            try await AllBench(directory: dir, pairs: pairs, isQuick: quick, binary: binary, output: results.output).run()
        }
    }

    struct Events: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "events", abstract: "Write the events that `ingest` sends, as NDJSON.",
            discussion: "What the peers under Benchmarks/ are given, so that everybody stores the same bytes.")
        @Option(help: "How many.") var events = 100_000
        @Option(help: "Site ids.") var sites = 10_000
        @Option(help: "Tenant named in them.") var tenant = MeasuredTenant.name
        @Option(help: "Of ids and readings; any, if not given.") var seed: UInt64?
        func run() async throws {
            try EventsJob(events: events, sites: sites, tenant: tenant, seed: seed ?? .random(in: 0 ... .max)).run { bytes in
                say(Data(bytes))
            }
        }
    }

    struct Hold: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "hold", abstract: "Append until killed: the other half of `recovery`.", shouldDisplay: false)
        @OptionGroup var journal: JournalBenchOptions
        func run() async throws {
            try await HoldJob(journal.options(events: 1_000_000_000)).run(appending: { say("appending\n") })
        }
    }
}

/// `data-ingestor,aiops-engine` as a list.
private func list(_ text: String) -> [String] { text.split(separator: ",").map(String.init) }

extension BenchCommand {
    struct Ingest: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "ingest", abstract: "Load over HTTP: capacity, or latency at a stated rate.",
            discussion: """
                Sends NDJSON telemetry of several types with new event ids and checks every answer: a run in which the server
                did not accept all that was sent fails. Without --url it starts a server of its own on a free port and an empty
                folder for each run.
                  towerco bench ingest                                     capacity, 500 events a request
                  towerco bench ingest --batch 1 --connections 64          capacity, single events
                  towerco bench ingest --rate 10000 --batch 1              latency, from the time each request was due
                  towerco bench ingest --malformed 50 --events 1000000 --seconds 300 --pairs 5
                                                                           what bad lines cost the good ones beside them
                  towerco bench ingest --pairs 5 --against-binary OTHER    two builds in turn, with the ratio of each pair
                  towerco bench ingest --url http://127.0.0.1:9000 --path /events --plain --server-pid 4711
                                                                           somebody else's server
                """)
        @Option(help: "Server that runs already.") var url: String?
        @Option(help: "Its API key; else TOWERCO_KEY.") var key: String?
        @Option(help: "Tenant of that key.") var tenant = MeasuredTenant.name
        @Option(help: "Where events are posted.") var path = "/api/v1/events"
        @Flag(help: "A server that is not ours: any 2xx counts, unless the answer has counts.") var plain = false
        @Option(help: "Process of --url whose processor time counts, with its children; repeatable.") var serverPid: [Int32] = []
        @Option(help: "The towerco to start; this one, if not given.") var binary: String?
        @Option(name: .customLong("role"), help: "Role of the started server; repeatable. Default: data-ingestor.") var role:
            [String] = []
        @Option(help: "Roles, comma separated, or `all`.") var roles: String?
        @Option(help: "Another towerco to measure in turn with the first.") var againstBinary: String?
        @Option(help: "Another running server to measure in turn with the first.") var against: String?
        @Option(help: "Process of --against whose processor time counts; repeatable.") var againstPid: [Int32] = []
        @Option(help: "Folder for data; a temporary one that is removed, if not given.") var dir: String?
        @Option(help: "Events of one request.") var batch = 500
        @Option(help: "Lines of one request besides that are no events; the same load without them is measured in turn with it.")
        var malformed = 0
        @Option(help: "Connections.") var connections: Int?
        @Option(help: "Threads of this client, for a machine with cores to spare.") var threads = 1
        @Option(help: "Site ids, each a topic.") var sites = 10_000
        @Option(help: "Longest time of one run.") var seconds = 10.0
        @Option(help: "Most events of one run.") var events: Int?
        @Option(help: "Load before the measured one, seconds.") var warmup = 1.0
        @Option(help: "Events a second, sent on schedule; without it each connection sends as soon as it is answered.") var rate:
            Double?
        @Option(help: "Runs of each side, in turn.") var pairs = 1
        @Option(help: "Of the event ids; any, if not given.") var seed: UInt64?
        @Flag(help: "Count 429 and 503 instead of failing on them.") var allowRefusals = false
        @Option(help: "What a foreign server promises with its answer, for the result.") var durability = "synced"
        @Option(help: "Name of the result.") var name: String?
        @OptionGroup var results: BenchOutputOptions

        func run() async throws {
            var plan = LoadPlan(port: 1, tenant: tenant, seed: seed ?? .random(in: 0 ... .max))
            plan.path = path
            plan.isPlain = plain
            plan.batch = batch
            plan.connections = connections ?? (batch == 1 ? 64 : 8)
            plan.threads = threads
            plan.sites = sites
            plan.seconds = seconds
            plan.events = events ?? .max
            if let rate { plan.pace = .open(eventsPerSecond: rate) }
            var options = IngestBench.Options()
            options.directory = dir
            options.pairs = pairs
            options.warmupSeconds = warmup
            options.allowsRefusals = allowRefusals
            options.durability = durability
            options.name = name
            options.malformed = malformed
            plan.malformed = malformed
            try await IngestBench(plan, targets: targets(), options: options, output: results.output).run()
        }

        private func targets() -> [IngestBench.Target] {
            let key = key ?? (plain ? nil : ProcessInfo.processInfo.environment["TOWERCO_KEY"])
            let startedRoles = roles.map(list) ?? (role.isEmpty ? ["data-ingestor"] : role)
            var targets: [IngestBench.Target] = [
                url.map { .running(url: $0, key: key, processes: serverPid) } ?? .own(binary: binary, roles: startedRoles)
            ]
            if let againstBinary { targets.append(.own(binary: againstBinary, roles: startedRoles)) }
            if let against { targets.append(.running(url: against, key: key, processes: againstPid)) }
            return targets
        }
    }
}
