import TowerJournal

/// `towerco bench append`: blocks of events into a journal in this process, each answered after its sync.
public struct AppendBench: Sendable {
    private let options: BenchOptions
    private let output: BenchOutput

    public init(_ options: BenchOptions, output: BenchOutput) throws {
        try options.check()
        self.options = options
        self.output = output
    }

    public func run() async throws {
        let folder = try BenchFolder(options.directory)
        let load = options.load(topics: options.topics)
        var runs: [BenchResult] = []
        for round in 1...options.pairs {
            output.progress("append \(round) of \(options.pairs)")
            // A journal of its own for every run: the second would otherwise find the segments of the first.
            let log = try await Journal.forBench(folder.fresh("append"))
            let warm = JournalLoad.Bound(seconds: .infinity, events: min(load.blocks.count * load.batch, options.events))
            _ = try await load.append(to: log, callers: options.callers, bound: warm)
            runs.append(
                try await load.measure("append", log: log, callers: options.callers, topics: options.topics, bound: options.bound)
            )
            try await log.close()
            folder.remove("append")
            if let last = runs.last { try output.emit(last) }
        }
        if runs.count > 1, let summary = BenchResult.summary("append", of: runs) { try output.emit(summary) }
    }
}
