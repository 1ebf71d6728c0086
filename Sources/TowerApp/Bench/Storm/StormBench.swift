import Foundation
import TowerEngine
import TowerModel

/// `towerco bench storm`: an alarm storm with known roots, through the engine alone and through a whole server.
public struct StormBench: Sendable {
    public struct Options: Sendable {
        public var alarms = 50_000
        public var roots = 500
        public var seconds = 60.0
        public var sites = 10_000
        public var seed: UInt64 = 1
        public var missing = 0.0
        public var pairs = 1
        /// Sends the storm over its own time instead of as fast as the door takes it.
        public var isPaced = false
        public var directory: String?
        public var binary: String?
        public init() {}
    }

    public enum Side: String, Sendable, CaseIterable { case engine, server }

    let options: Options
    private let sides: [Side]
    let output: BenchOutput

    public init(_ options: Options, sides: [Side], output: BenchOutput) throws {
        guard (1...50_000).contains(options.roots) else { throw CommandFailure("--roots takes 1 to 50000.", isUsage: true) }
        guard (10 * options.roots...5_000_000).contains(options.alarms) else {
            throw CommandFailure("--alarms takes ten for each root to 5000000.", isUsage: true)
        }
        guard options.seconds >= 10, options.seconds <= 3_600 else { throw CommandFailure("--seconds takes 10 to 3600.", isUsage: true) }
        guard (0...0.9).contains(options.missing) else { throw CommandFailure("--missing takes 0 to 0.9.", isUsage: true) }
        guard (0...150_000).contains(options.sites) else { throw CommandFailure("--sites takes 0 to 150000.", isUsage: true) }
        guard (1...1000).contains(options.pairs) else { throw CommandFailure("--pairs takes 1 to 1000.", isUsage: true) }
        self.options = options
        self.sides = sides
        self.output = output
    }

    public func run() async throws {
        for round in 1...options.pairs {
            for side in sides {
                output.progress("storm.\(side.rawValue): run \(round) of \(options.pairs)")
                let seed = options.seed &+ UInt64(round - 1)
                switch side {
                case .engine: try output.emit(engineAlone(seed: seed))
                case .server: try output.emit(await server(seed: seed))
                }
            }
        }
    }

    func storm(seed: UInt64, start: Timestamp) -> AlarmStorm {
        AlarmStorm(
            AlarmStorm.Configuration(
                alarms: options.alarms, roots: options.roots, seconds: options.seconds, sites: options.sites, seed: seed,
                tenant: MeasuredServer.tenant, start: start, missing: options.missing))
    }

    // MARK: Engine

    /// Everything in one thread, decoded beforehand: what the engine costs.
    private func engineAlone(seed: UInt64) throws -> BenchResult {
        // A fixed instant, so that two runs of a seed are the same to the byte.
        let start = Timestamp(seconds: 1_768_500_000)
        let storm = storm(seed: seed, start: start)
        var feed = EngineFeed(Engine())
        feed.take(try feed.decoded(storm.inventory[...]))
        feed.take(try feed.decoded(storm.before[...]))
        feed.advance(to: start.adding(seconds: -1))
        let events = try feed.decoded(storm.storm[...])
        var result = BenchResult("storm.engine")
        // On a clock, and of this thread's processor time: what others on the machine take is only in the first.
        var (latency, work) = (QuantileHistogram(), QuantileHistogram())
        let watch = Stopwatch()
        var busyUntil = 0.0
        var behind = 0.0
        for event in events.numbers.indices {
            let (began, used) = (ProcessorTime.nanoseconds(), ProcessorTime.thread())
            feed.take(events, event..<event + 1)
            let took = ProcessorTime.nanoseconds() - began
            latency.record(took)
            work.record(ProcessorTime.thread() - used)
            // How far the engine would lie behind the storm's own time, had it come in that time.
            busyUntil = max(busyUntil, events.arrivedAt[event].seconds(since: start)) + Double(took) / 1e9
            behind = max(behind, busyUntil - events.arrivedAt[event].seconds(since: start))
        }
        watch.read(into: &result)
        let last = events.arrivedAt.last ?? start
        var gone: Double?
        var settled = 0.0
        // Its clock goes on a second at a time, as heartbeats move it.
        for second in 1...120 {
            let settling = ProcessorTime.own
            feed.advance(to: last.adding(seconds: Double(second)))
            settled += ProcessorTime.own - settling
            if gone == nil, second % 5 == 0, StormCensus(storm, feed.snapshots).lost == 0 { gone = Double(second) }
        }
        result.events = events.numbers.count
        result.bytes = events.batch.bytes.count
        result.durability = "none"
        result.topics = storm.siteCount
        result.add("roots", storm.roots.count)
        let census = StormCensus(storm, feed.snapshots)
        census.add(to: &result)
        for line in census.lostLines { output.progress("lost: \(line)") }
        result.add("behind_max_s", behind)
        result.add("all_in_incidents_s", gone ?? -1)
        result.add("settle_cpu_s", settled)
        result.add("revisions", feed.revisions)
        result.add("alarm_states", feed.alarmStates)
        for (field, share) in [("p50_ms", 0.5), ("p99_ms", 0.99), ("p99.9_ms", 0.999)] {
            result.add(field, Double(latency.quantile(share)) / 1e6)
            result.add(field.replacing("_ms", with: "_cpu_ms"), Double(work.quantile(share)) / 1e6)
        }
        result.add("max_cpu_ms", Double(work.maximum) / 1e6)
        result.add("max_ms", Double(latency.maximum) / 1e6)
        return result
    }
}
