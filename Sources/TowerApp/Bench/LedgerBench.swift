import TowerEngine
import TowerModel
import TowerSimulation
import TowerWire

/// `towerco bench ledgers`: months of tanks and batteries with and without thieves through the whole engine, scored.
public struct LedgerBench: Sendable {
    public struct Options: Sendable {
        public var siteMonths = 60
        public var days = 30.0
        public var seed: UInt64 = 1
        public var missing = 0.1
        public var lying = 0.1
        /// Tanks, or batteries.
        public var isBattery = false
        public init() {}
    }

    private let options: Options
    private let stories: StoryFolder
    private let output: BenchOutput

    public init(_ options: Options, stories: StoryFolder = .fromEnvironment(), output: BenchOutput) throws {
        guard (1...10_000).contains(options.siteMonths) else { throw CommandFailure("--site-months takes 1 to 10000.", isUsage: true) }
        guard (5...365).contains(options.days) else { throw CommandFailure("--days takes 5 to 365.", isUsage: true) }
        for (name, share) in [("--missing", options.missing), ("--lying", options.lying)] where !(0...0.9).contains(share) {
            throw CommandFailure("\(name) takes 0 to 0.9.", isUsage: true)
        }
        self.options = options
        self.stories = stories
        self.output = output
    }

    public func run() throws {
        var score = LedgerScore()
        var events = 0
        let stopwatch = Stopwatch()
        for number in 0..<options.siteMonths {
            let month = month(number)
            events += month.events.count
            score.take(truths: month.truths, found: try judge(month), days: options.days)
            if (number + 1) % 50 == 0 { output.progress("\(number + 1) of \(options.siteMonths) site-months") }
        }
        var result = BenchResult(options.isBattery ? "ledgers.battery" : "ledgers.fuel")
        result.events = events
        stopwatch.read(into: &result)
        result.durability = "none"
        result.add("site_months", score.siteMonths)
        result.add("seed", Int(exactly: options.seed) ?? 0)
        result.add("missing", options.missing)
        result.add("lying", options.lying)
        result.add("false_a_site_month", score.falseASiteMonth)
        let totals = options.isBattery ? ["battery_theft"] : ["theft", "siphon", "short_delivery"]
        // A kind without parts is its own total.
        let parts = score.rows.filter { !totals.contains($0.name) }
        for row in totals.map({ score.total($0) }) + parts where row.losses > 0 {
            result.add("\(row.name)_losses", row.losses)
            result.add("\(row.name)_recall", row.recall ?? .nan)
            result.add("\(row.name)_median_h", row.medianHours ?? .nan)
        }
        try output.emit(result)
    }

    private func month(_ number: Int) -> LedgerMonth {
        let noise = LedgerNoise(missing: options.missing, lying: options.lying)
        let start = Timestamp(milliseconds: 1_767_225_600_000)
        guard options.isBattery else {
            var tank = TankMonth(seed: options.seed, number: number, days: options.days, noise: noise, start: start)
            return tank.run()
        }
        var bank = BankMonth(seed: options.seed, number: number, days: options.days, noise: noise, start: start)
        return bank.run()
    }

    /// The entries that the engine makes of one site's month.
    private func judge(_ month: LedgerMonth) throws -> [LedgerScore.Found] {
        var engine = try stories.engine()
        let symbols = SymbolTable()
        var decoder = EventDecoder(symbols: symbols, limits: .offline)
        var found: [LedgerScore.Found] = []
        var next = 0
        while next < month.events.count {
            var batch = EventBatch(symbols: symbols)
            let end = min(next + 2048, month.events.count)
            for event in month.events[next..<end] {
                if let problem = event.json.withUnsafeBytes({ decoder.append($0, to: &batch) }) {
                    throw CommandFailure("The bench wrote an event that is none: \(problem).")
                }
            }
            next = end
            for loss in engine.process(batch, arrivedAt: nil).losses {
                found.append(LedgerScore.Found(crime: Self.crime(loss.kind), at: loss.at))
            }
        }
        return found
    }

    private static func crime(_ kind: LedgerEntry.Kind) -> LedgerCrime {
        switch kind {
        case .theft: .theft
        case .siphon: .siphon
        case .shortDelivery: .short
        case .batteryMissing: .battery
        }
    }
}
