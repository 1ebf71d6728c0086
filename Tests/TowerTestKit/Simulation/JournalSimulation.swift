import TowerJournal
import TowerStreaming

/// A seeded life of a journal over a faulty disk, beside a model that knows what was acknowledged.
///
/// One operation is driven at a time (a burst is held back at its first disk call until all of it waits), the clock and every
/// fault come from the seed: the same seed is the same life, call by call, which `Outcome.trace` proves.
public struct JournalSimulation: Sendable {
    public struct Outcome: Sendable {
        public var seed: UInt64
        /// Sum over every disk call and every answer.
        public var trace: UInt64 = 0
        /// What the journal did that it must not do; a life ends with its first.
        public var violations: [String] = []
        public var operations = 0
        public var acknowledged = 0
        public var openings = 0
        public var cuts = 0
        public var refusals = 0
        /// Every call and operation in words, when asked for.
        public var story: [String] = []
        public init(seed: UInt64) { self.seed = seed }
    }

    public var seed: UInt64
    public var lie: DiskLie?
    public var operations = 24
    public var tellsStory = false

    public init(seed: UInt64, lie: DiskLie? = nil) {
        self.seed = seed
        self.lie = lie
    }

    public func run() async -> Outcome {
        var life = SimulatedLife(seed: seed, lie: lie)
        if tellsStory { life.disk.tellStory() }
        await life.run(operations: operations)
        return life.outcome
    }

    /// Runs many seeds, several at a time; returns the sum of their counts and the first failures.
    public static func run(
        seeds: Range<UInt64>, lie: DiskLie? = nil, workers: Int = 2, stopsAtFirst: Bool = false
    ) async -> (total: Outcome, failed: [Outcome]) {
        await withTaskGroup(of: (Outcome, [Outcome]).self) { group in
            for worker in 0..<workers {
                group.addTask {
                    var total = Outcome(seed: seeds.lowerBound)
                    var failed: [Outcome] = []
                    var seed = seeds.lowerBound + UInt64(worker)
                    while seed < seeds.upperBound, failed.count < (stopsAtFirst ? 1 : 20) {
                        let outcome = await JournalSimulation(seed: seed, lie: lie).run()
                        total.add(outcome)
                        if !outcome.violations.isEmpty { failed.append(outcome) }
                        seed += UInt64(workers)
                    }
                    return (total, failed)
                }
            }
            var total = Outcome(seed: seeds.lowerBound)
            var failed: [Outcome] = []
            for await (part, wrong) in group {
                total.add(part)
                failed += wrong
            }
            return (total, failed.sorted { $0.seed < $1.seed })
        }
    }
}

extension JournalSimulation.Outcome {
    mutating func add(_ other: Self) {
        trace ^= mixed(other.trace, other.seed)
        operations += other.operations
        acknowledged += other.acknowledged
        openings += other.openings
        cuts += other.cuts
        refusals += other.refusals
    }

    /// What to do about a failure.
    public var report: String {
        "seed \(seed): \(violations.joined(separator: "; ")). Replay: swift run JournalFaults simulate --from \(seed) --count 1 --story"
    }
}
