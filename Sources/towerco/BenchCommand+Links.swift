import ArgumentParser
import TowerApp

extension BenchCommand {
    struct Links: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "links", abstract: "Links that the inventory leaves out, and which of them outages bring back.",
            discussion: """
                Simulated fleets through the engine, a share of the feeders and of the ways to the core left out of inventory and alarms.
                `recall` of what was left out, `precision` of everything that was ever proposed, `median_days` until a right one was.
                  towerco bench links --seeds 401,402,403,404 --days 90
                  towerco bench links --seeds 401 --scenario S02,S05,S26 --days 180
                """)
        @Option(help: "Of the fleets and of what is left out, with commas; one run each.") var seeds = "1,2,3,4"
        @Option(help: "Sites of each fleet.") var sites = 60
        @Option(help: "Days.") var days = 90.0
        @Option(help: "Scenarios, comma separated, or `all`.") var scenario = "S01,S25"
        @Option(help: "Share of the alarms that are lost.") var missing = 0.1
        @Option(help: "Seconds between readings.") var telemetryPeriod = 3_600.0
        @Option(help: "Share of each feeder's members and each hub's children whose link is left out.") var hidden = 0.25
        @OptionGroup var results: BenchOutputOptions

        func run() async throws {
            var options = LinkBench.Options()
            options.seeds = try seeds.split(separator: ",").map { text in
                guard let seed = UInt64(text) else { throw CommandFailure("--seeds takes whole numbers with commas, not `\(text)`.", isUsage: true) }
                return seed
            }
            options.sites = sites
            options.days = days
            options.scenarios = scenario
            options.missing = missing
            options.telemetryPeriod = telemetryPeriod
            options.hidden = hidden
            try LinkBench(options, output: results.output).run()
        }
    }
}
