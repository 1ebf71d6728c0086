/// What the journal's benchmarks have in common.
public struct BenchOptions: Sendable {
    /// Folder for data; `nil` for a temporary one that is removed.
    public var directory: String?
    /// Events of one append, 1 to 100,000.
    public var batch = 500
    /// 1 to 1,000,000.
    public var topics = 10_000
    /// Tasks that append at once, 1 to 1,024.
    public var callers = 4
    /// Bounds of one run; the first that is reached ends it.
    public var seconds = 5.0
    public var events = 10_000_000
    /// Runs, 1 to 1,000; with more than one a summary follows.
    public var pairs = 1

    public init() {}

    func check() throws {
        let bounds: [(String, Int, ClosedRange<Int>)] = [
            ("--batch", batch, 1...100_000), ("--topics", topics, 1...1_000_000), ("--callers", callers, 1...1024),
            ("--pairs", pairs, 1...1000), ("--events", events, 1...Int(1e12)),
        ]
        for (name, value, range) in bounds where !range.contains(value) {
            throw CommandFailure("\(name) is \(value), but takes \(range.lowerBound) to \(range.upperBound).", isUsage: true)
        }
        guard seconds > 0, seconds <= 86_400 else {
            throw CommandFailure("--seconds is \(seconds), but takes up to 86400.", isUsage: true)
        }
    }

    var bound: JournalLoad.Bound { JournalLoad.Bound(seconds: seconds, events: events) }

    /// Blocks so that every topic occurs, and at least 64.
    ///
    /// - Parameter seed: of the event ids.
    func load(topics: Int, atLeast blocks: Int = 64, seed: UInt64 = 1) -> JournalLoad {
        JournalLoad(
            batch: batch, topics: topics, blocks: max(blocks, (topics + batch - 1) / batch), seed: seed,
            milliseconds: SystemSources.nowMilliseconds())
    }
}
