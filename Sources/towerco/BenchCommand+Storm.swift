import ArgumentParser
import TowerApp

extension BenchCommand {
    struct Storm: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "storm", abstract: "An alarm storm with known roots, through the engine alone and through a server.",
            discussion: """
                Feeders, gateways that end hours after their grid or die without a word, cut fibres and failed hops, all within a minute,
                over a simulated network. `lost` counts alarms that no incident holds, `incidents_per_root` how many incidents a root's
                alarms lie in, `roots_per_incident` the reverse; `backlog_gone_s` runs from the last alarm's answer until every group has
                read all there is, `all_in_incidents_s` until the API shows every alarm in an incident.
                  towerco bench storm
                  towerco bench storm --side engine --missing 0.1 --pairs 5
                  towerco bench storm --side server --paced
                """)
        @Option(help: "Alarms.") var alarms = 50_000
        @Option(help: "Faults behind them.") var roots = 500
        @Option(help: "Event time of the storm, seconds.") var seconds = 60.0
        @Option(help: "Sites of the network, at least.") var sites = 10_000
        @Option(help: "Seed of the network and the storm; the next run takes the next one.") var seed: UInt64 = 1
        @Option(help: "Share of the alarms that never arrive.") var missing = 0.0
        @Option(help: "Runs of each side.") var pairs = 1
        @Option(help: "`engine`, `server`, or both with a comma.") var side = "engine,server"
        @Flag(help: "Send the storm in its own time instead of at once.") var paced = false
        @Option(help: "Folder for data; a temporary one that is removed, if not given.") var dir: String?
        @Option(help: "The towerco whose server is measured; this one, if not given.") var binary: String?
        @OptionGroup var results: BenchOutputOptions

        func run() async throws {
            var options = StormBench.Options()
            options.alarms = alarms
            options.roots = roots
            options.seconds = seconds
            options.sites = sites
            options.seed = seed
            options.missing = missing
            options.pairs = pairs
            options.isPaced = paced
            options.directory = dir
            options.binary = binary
            let sides = try side.split(separator: ",").map(String.init).map { name in
                guard let side = StormBench.Side(rawValue: name) else {
                    throw CommandFailure("--side takes engine and server, not `\(name)`.", isUsage: true)
                }
                return side
            }
            try await StormBench(options, sides: sides, output: results.output).run()
        }
    }
}
