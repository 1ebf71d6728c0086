import ArgumentParser
import TowerApp

extension BenchCommand {
    struct Fleet: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "fleet", abstract: "What ordinary days of a whole fleet cost the engine.",
            discussion: """
                The engine alone, parsing included. Every site sends --metrics numbers each --minutes; a line of results for each day says
                samples per second of processor time, and what a site and a series hold in memory by then. Nothing is wrong with any
                site, so `alarm_states` should stay small.
                  towerco bench fleet --sites 10000 --metrics 30 --hours 72
                """)
        @Option(help: "Sites.") var sites = 10_000
        @Option(help: "Metrics of each site.") var metrics = 30
        @Option(help: "Event time.") var hours = 72
        @Option(help: "Minutes between two samples of a site.") var minutes = 15
        @Option(help: "Seed of the readings.") var seed: UInt64 = 1
        @OptionGroup var results: BenchOutputOptions

        func run() async throws {
            var options = FleetBench.Options()
            options.sites = sites
            options.metrics = metrics
            options.hours = hours
            options.minutes = minutes
            options.seed = seed
            try FleetBench(options, output: results.output).run()
        }
    }
}
