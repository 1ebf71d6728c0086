import TowerJournal

/// `towerco bench topics`: the append figure at several numbers of topics, in turn, and what share of it is kept.
public struct TopicsBench: Sendable {
    private let options: BenchOptions
    private let counts: [Int]
    private let output: BenchOutput

    /// - Parameter counts: numbers of topics; the first is what the others are compared with.
    public init(_ options: BenchOptions, counts: [Int], output: BenchOutput) throws {
        try options.check()
        guard !counts.isEmpty, counts.allSatisfy({ (1...1_000_000).contains($0) }) else {
            throw CommandFailure("--counts takes numbers from 1 to 1000000, comma separated.", isUsage: true)
        }
        self.options = options
        self.counts = counts
        self.output = output
    }

    public func run() async throws {
        let folder = try BenchFolder(options.directory)
        // As many different bytes on every side, or the small sides would be faster by the processor's cache alone.
        let blocks = max(64, ((counts.max() ?? 1) + options.batch - 1) / options.batch)
        var sides: [(load: JournalLoad, log: Journal)] = []
        for count in counts {
            output.progress("topics: making \(grouped(count))")
            let load = options.load(topics: count, atLeast: blocks)
            let log = try await Journal.forBench(folder.fresh("topics-\(count)"))
            let warm = JournalLoad.Bound(seconds: .infinity, events: load.blocks.count * load.batch)
            _ = try await load.append(to: log, callers: options.callers, bound: warm)
            sides.append((load, log))
        }
        var runs = [[BenchResult]](repeating: [], count: counts.count)
        for round in 1...options.pairs {
            output.progress("topics: round \(round) of \(options.pairs)")
            for (side, count) in counts.enumerated() {
                let result = try await sides[side].load.measure(
                    "topics", log: sides[side].log, callers: options.callers, topics: count, bound: options.bound)
                runs[side].append(result)
                try output.emit(result)
            }
        }
        for side in sides { try await side.log.close() }
        for (side, results) in runs.enumerated() {
            guard var summary = BenchResult.summary("topics", of: results) else { continue }
            // Round by round, so that other load that changes slowly weighs on both parts of a ratio.
            summary.add("kept", spread: zip(results, runs[0]).map { $0.eventsPerSecond / $1.eventsPerSecond })
            summary.add("kept_per_cpu", spread: zip(results, runs[0]).map { $0.eventsPerCPUSecond / $1.eventsPerCPUSecond })
            summary.add("against_topics", counts[0])
            try output.emit(summary)
            folder.remove("topics-\(counts[side])")
        }
    }
}
