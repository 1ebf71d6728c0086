import Foundation
import TowerEngine
import TowerModel

/// `towerco bench fleet`: what an ordinary day of a whole fleet costs the engine in memory and processor time.
///
/// Every site sends one `telemetry.sample` an interval. Of ten of its metrics seven follow the hour of day with noise of their own, one
/// wanders, one is a state that seldom changes and one stands still. No site has a fault, so what is raised is noise.
public struct FleetBench: Sendable {
    public struct Options: Sendable {
        public var sites = 10_000
        public var metrics = 30
        public var hours = 72
        /// Between two samples of a site.
        public var minutes = 15
        public var seed: UInt64 = 1
        public init() {}
    }

    private let options: Options
    private let output: BenchOutput

    public init(_ options: Options, output: BenchOutput) throws {
        guard (1...200_000).contains(options.sites) else { throw CommandFailure("--sites takes 1 to 200000.", isUsage: true) }
        guard (1...64).contains(options.metrics) else { throw CommandFailure("--metrics takes 1 to 64.", isUsage: true) }
        guard (1...2_000).contains(options.hours) else { throw CommandFailure("--hours takes 1 to 2000.", isUsage: true) }
        guard (1...1_440).contains(options.minutes) else { throw CommandFailure("--minutes takes 1 to 1440.", isUsage: true) }
        self.options = options
        self.output = output
    }

    /// A line of results for each day of event time and for what is left of the last.
    public func run() throws {
        let start = Timestamp(seconds: 1_768_500_000)
        var words = SeededWords(state: options.seed)
        let empty = ProcessorTime.residentBytes(getpid())
        var feed = EngineFeed(Engine())
        let sites = (0..<options.sites).map { String(format: "FLEET-%06d", $0) }
        feed.take(try feed.decoded(sites.map { inventory($0, start, &words) }[...]))
        var wander = [Double](repeating: 0, count: options.sites)
        let steps = max(1, options.hours * 60 / options.minutes)
        let aDay = max(1, 24 * 60 / options.minutes)
        var day = Day()
        for step in 0..<steps {
            let at = start.adding(seconds: Double(step * options.minutes * 60))
            let lines = sites.indices.map { sample(sites[$0], $0, step, at, &wander[$0], &words) }
            day.bytes += lines.reduce(0) { $0 + $1.text.utf8.count }
            let (clock, used) = (ProcessorTime.nanoseconds(), ProcessorTime.thread())
            let events = try feed.decoded(lines[...])
            feed.take(events)
            feed.advance(to: at.adding(seconds: 1))
            day.wall += ProcessorTime.nanoseconds() - clock
            day.cpu += ProcessorTime.thread() - used
            day.events += lines.count
            guard (step + 1) % aDay == 0 || step + 1 == steps else { continue }
            var result = BenchResult("fleet")
            result.events = day.events
            result.bytes = day.bytes
            result.wallSeconds = Double(day.wall) / 1e9
            result.cpuSeconds = Double(day.cpu) / 1e9
            result.durability = "none"
            result.topics = options.sites
            result.add("hours", (step + 1) * options.minutes / 60)
            result.add("metrics", options.metrics)
            result.add("samples_per_cpu_s", Double(day.events * options.metrics) / max(result.cpuSeconds, 1e-9))
            let held = ProcessorTime.residentBytes(getpid()) - empty
            result.add("bytes_per_site", held / options.sites)
            result.add("bytes_per_series", held / (options.sites * options.metrics))
            result.add("alarm_states", feed.alarmStates)
            result.add("incidents", feed.snapshots.count)
            try output.emit(result)
            day = Day()
        }
    }

    private struct Day {
        var events = 0
        var bytes = 0
        var wall: Int64 = 0
        var cpu: Int64 = 0
    }

    private func inventory(_ site: String, _ at: Timestamp, _ words: inout SeededWords) -> AlarmStorm.Line {
        line(site, at, "inventory.site", "{\"name\":\"\(site)\",\"operators\":[\"A\",\"B\"],\"load_kw\":2.4,\"grid_class\":\"B\"}", &words)
    }

    private func sample(
        _ site: String, _ number: Int, _ step: Int, _ at: Timestamp, _ wander: inout Double, _ words: inout SeededWords
    ) -> AlarmStorm.Line {
        let hours = Double(step * options.minutes) / 60
        wander = wander * 0.98 + gauss(&words) * 0.2
        var metrics = ""
        metrics.reserveCapacity(options.metrics * 16)
        for metric in 0..<options.metrics {
            let scale = Double(1 + (number * 7 + metric * 13) % 40)
            let value: Double =
                switch metric % 10 {
                case 7: scale + wander
                // A state: another one about every third day.
                case 8: Double((step * options.minutes / 60 + number) / 70 % 3)
                case 9: scale
                default: scale * (10 + cos((hours + Double((number + metric) % 24)) / 24 * 2 * .pi)) + gauss(&words) * scale * 0.2
                }
            metrics += metrics.isEmpty ? "" : ","
            metrics += "\"m\(metric)\":\((value * 100).rounded() / 100)"
        }
        return line(site, at, "telemetry.sample", "{\"metrics\":{\(metrics)}}", &words)
    }

    private func line(_ site: String, _ at: Timestamp, _ type: String, _ payload: String, _ words: inout SeededWords) -> AlarmStorm.Line {
        let id = EventID(high: words.next() & ~0xF000 | 0x4000, low: words.next() >> 2 | 1 << 63)
        return AlarmStorm.Line(
            text: "{\"event_id\":\"\(id)\",\"event_type\":\"\(type)\",\"tenant_id\":\"\(MeasuredServer.tenant)\",\"site_id\":\"\(site)\","
                + "\"timestamp\":\"\(at)\",\"version\":\"1.0\",\"payload\":\(payload),\"metadata\":{}}",
            arrivedAt: at, root: -1, id: id)
    }

    /// Nearly normal, by twelve uniform ones.
    private func gauss(_ words: inout SeededWords) -> Double {
        var sum = -6.0
        for _ in 0..<3 {
            let word = words.next()
            for shift in stride(from: 0, to: 64, by: 16) { sum += Double(word >> UInt64(shift) & 0xFFFF) / 65_536 }
        }
        return sum
    }
}
