import ArgumentParser
import TowerApp

extension BenchCommand {
    struct Correlate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "correlate", abstract: "What the engine takes for an alarm, with many others active.",
            discussion: """
                The engine alone. --active alarms of a storm are up; --alarms more come one at a time (`p99_ms` on a clock, `p99_cpu_ms` of
                processor time, judgements that fall due included), then the same again as repeats. Memory for each site and each
                active alarm stands beside them.
                  towerco bench correlate --active 100000
                """)
        @Option(help: "Alarms that are up before anything is measured.") var active = 100_000
        @Option(help: "Alarms that are measured.") var alarms = 50_000
        @Option(help: "Seed of the network and its faults.") var seed: UInt64 = 1
        @Option(help: "Runs.") var pairs = 1
        @OptionGroup var results: BenchOutputOptions

        func run() async throws {
            var options = CorrelationBench.Options()
            options.active = active
            options.alarms = alarms
            options.seed = seed
            options.pairs = pairs
            try await CorrelationBench(options, output: results.output).run()
        }
    }
}
