import Foundation
import TowerEngine
import TowerModel

/// `towerco bench correlate`: what the engine takes for an alarm, with many others active.
public struct CorrelationBench: Sendable {
    public struct Options: Sendable {
        /// Alarms that are up before anything is measured, 1,000 to 400,000.
        public var active = 100_000
        /// Alarms that are measured, each alone, 1,000 to 1,000,000.
        public var alarms = 50_000
        public var seed: UInt64 = 1
        public var pairs = 1
        public init() {}
    }

    private let options: Options
    private let output: BenchOutput

    public init(_ options: Options, output: BenchOutput) throws {
        guard (1_000...300_000).contains(options.active) else { throw CommandFailure("--active takes 1000 to 300000.", isUsage: true) }
        guard (1_000...100_000).contains(options.alarms) else { throw CommandFailure("--alarms takes 1000 to 100000.", isUsage: true) }
        guard (1...1000).contains(options.pairs) else { throw CommandFailure("--pairs takes 1 to 1000.", isUsage: true) }
        self.options = options
        self.output = output
    }

    public func run() async throws {
        for round in 1...options.pairs { try measure(seed: options.seed &+ UInt64(round - 1)) }
    }

    /// One network, two storms on it: the first stays, the second is measured over it, then its repeats.
    private func measure(seed: UInt64) throws {
        let start = Timestamp(seconds: 1_768_500_000)
        let roots = max(10, (options.active + options.alarms) / 100)
        var configuration = AlarmStorm.Configuration(start: start)
        configuration.alarms = options.active + options.alarms
        configuration.roots = roots
        configuration.seconds = 600
        configuration.sites = roots * 16
        configuration.seed = seed
        configuration.tenant = MeasuredServer.tenant
        let storm = AlarmStorm(configuration)
        let empty = ProcessorTime.residentBytes(getpid())
        var feed = EngineFeed(Engine())
        feed.take(try feed.decoded(storm.inventory[...]))
        let known = ProcessorTime.residentBytes(getpid())
        feed.take(try feed.decoded(storm.before[...]))
        output.progress("correlate: \(options.active) alarms first")
        feed.take(try feed.decoded(storm.storm[..<options.active]))
        let loaded = ProcessorTime.residentBytes(getpid())
        let events = try feed.decoded(storm.storm[options.active...])
        var result = BenchResult("correlate.latency")
        var (latency, work) = (QuantileHistogram(), QuantileHistogram())
        let watch = Stopwatch()
        for event in events.numbers.indices {
            let (began, used) = (ProcessorTime.nanoseconds(), ProcessorTime.thread())
            feed.take(events, event..<event + 1)
            latency.record(ProcessorTime.nanoseconds() - began)
            work.record(ProcessorTime.thread() - used)
        }
        let last = events.arrivedAt.last ?? start
        for second in 1...60 { feed.advance(to: last.adding(seconds: Double(second))) }
        watch.read(into: &result)
        result.events = events.numbers.count
        result.durability = "none"
        result.topics = storm.siteCount
        result.add("active", options.active)
        for (field, share) in [("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999)] {
            result.add("\(field)_ms", Double(latency.quantile(share)) / 1e6)
            result.add("\(field)_cpu_ms", Double(work.quantile(share)) / 1e6)
        }
        result.add("max_ms", Double(latency.maximum) / 1e6)
        result.add("max_cpu_ms", Double(work.maximum) / 1e6)
        result.add("bytes_per_site", (known - empty) / max(1, storm.siteCount))
        result.add("bytes_per_active_alarm", (loaded - known) / options.active)
        StormCensus(storm, feed.snapshots).add(to: &result)
        try output.emit(result)
        try repeated(storm, &feed, from: last.adding(seconds: 61))
    }

    /// The newest alarms once more, as sources repeat themselves: nothing may come of it but a count.
    private func repeated(_ storm: AlarmStorm, _ feed: inout EngineFeed, from start: Timestamp) throws {
        let again = storm.storm[options.active...].enumerated().map { index, line in line.repeated(UInt64(index), at: start) }
        let events = try feed.decoded(again[...])
        let before = feed.snapshots.count
        var result = BenchResult("correlate.repeats")
        let watch = Stopwatch()
        feed.take(events)
        watch.read(into: &result)
        result.events = events.numbers.count
        result.durability = "none"
        result.add("new_incidents", feed.snapshots.count - before)
        try output.emit(result)
    }
}
