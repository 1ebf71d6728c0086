import TowerEngine
import TowerModel
import TowerSimulation
import TowerWire

/// `towerco bench links`: fleets whose inventory leaves links out, through the whole engine; proposals against what was left out.
public struct LinkBench: Sendable {
    public struct Options: Sendable {
        public var seeds: [UInt64] = [1, 2, 3, 4]
        public var sites = 60
        public var days = 90.0
        /// Which faults the fleets have.
        public var scenarios = "S01,S25"
        public var missing = 0.1
        /// Seconds between readings.
        public var telemetryPeriod = 3_600.0
        /// Share of each feeder's members, or of each hub's children, of which the inventory leaves it out.
        public var hidden = 0.25
        public init() {}
    }

    private let options: Options
    private let scenarios: [ScenarioID]
    private let stories: StoryFolder
    private let output: BenchOutput

    public init(_ options: Options, stories: StoryFolder = .fromEnvironment(), output: BenchOutput) throws {
        guard (1...100).contains(options.seeds.count) else { throw CommandFailure("--seeds takes 1 to 100 numbers.", isUsage: true) }
        guard (10...2_000).contains(options.sites) else { throw CommandFailure("--sites takes 10 to 2000.", isUsage: true) }
        guard (1...366).contains(options.days) else { throw CommandFailure("--days takes 1 to 366.", isUsage: true) }
        for (name, share) in [("--missing", options.missing), ("--hidden", options.hidden)] where !(0...0.9).contains(share) {
            throw CommandFailure("\(name) takes 0 to 0.9.", isUsage: true)
        }
        guard (1...86_400).contains(options.telemetryPeriod) else { throw CommandFailure("--telemetry-period takes 1 to 86400.", isUsage: true) }
        do { scenarios = try ScenarioID.parse(list: options.scenarios) } catch { throw CommandFailure(error.message, isUsage: true) }
        self.options = options
        self.stories = stories
        self.output = output
    }

    /// A line of results for each seed and kind of link, and one for each kind of all seeds.
    public func run() throws {
        var totals = LinkScore.Kind.allCases.map { LinkScore($0) }
        for seed in options.seeds {
            let stopwatch = Stopwatch()
            let (scores, events) = try run(seed: seed)
            for (index, score) in scores.enumerated() {
                totals[index].add(score)
                try output.emit(result("links.\(score.kind.rawValue)", score, events: events, stopwatch) { $0.add("seed", Int(exactly: seed) ?? 0) })
            }
            output.progress("seed \(seed): " + scores.map(\.words).joined(separator: "; "))
        }
        for total in totals {
            try output.emit(result("links.\(total.kind.rawValue).all", total, events: 0, nil) { $0.add("seeds", options.seeds.count) })
        }
    }

    private func result(
        _ name: String, _ score: LinkScore, events: Int, _ stopwatch: Stopwatch?, _ more: (inout BenchResult) -> Void
    ) -> BenchResult {
        var result = BenchResult(name)
        result.events = events
        stopwatch?.read(into: &result)
        result.durability = "none"
        more(&result)
        result.add("sites", options.sites)
        result.add("days", options.days)
        result.add("missing", options.missing)
        result.add("hidden", score.hidden)
        result.add("proposed", score.proposed)
        result.add("right", score.right)
        result.add("recall", score.recall ?? .nan)
        result.add("precision", score.precision ?? .nan)
        result.add("median_days", score.medianDays ?? .nan)
        return result
    }

    private func run(seed: UInt64) throws -> (scores: [LinkScore], events: Int) {
        var configuration = SimulationConfiguration(
            sites: options.sites, hours: options.days * 24, scenarios: scenarios, seed: seed,
            telemetryPeriodSeconds: options.telemetryPeriod)
        configuration.noise.lost = options.missing
        var simulation: Simulation
        do { simulation = try Simulation(configuration: configuration) } catch { throw CommandFailure(error.message, isUsage: true) }
        var censor = InventoryCensor(seed: seed, hidden: options.hidden)
        var engine = try stories.engine()
        let symbols = SymbolTable()
        var decoder = EventDecoder(symbols: symbols, limits: .offline)
        var scores = LinkScore.Kind.allCases.map { LinkScore($0) }
        var events = 0
        func take(_ lines: [[UInt8]]) throws {
            guard !lines.isEmpty else { return }
            var batch = EventBatch(symbols: symbols)
            for line in lines {
                if let problem = line.withUnsafeBytes({ decoder.append($0, to: &batch) }) {
                    throw CommandFailure("The bench wrote an event that is none: \(problem).")
                }
            }
            events += lines.count
            for list in engine.process(batch, arrivedAt: nil).proposals {
                for index in scores.indices { scores[index].take(list, truth: censor.truth, from: configuration.start) }
            }
        }
        var instant = configuration.start
        // What the inventory says comes first; what is left out is chosen from all of it.
        var isFirst = true
        while instant < simulation.end {
            instant = instant.adding(seconds: 6 * 3_600)
            let step = simulation.next(until: instant).map(\.json)
            if isFirst { censor.choose(from: step) }
            isFirst = false
            try take(step.compactMap { censor.censored($0) })
        }
        try take(simulation.next(until: .distantFuture).compactMap { censor.censored($0.json) })
        for index in scores.indices { scores[index].hidden = censor.truth.count { $0.kind == scores[index].kind.link } }
        return (scores, events)
    }
}
