import Glibc
import Testing
import TowerKPI
import TowerModel

/// Events that arrive up to a day late, the clock following the newest event as the pipeline lets it.
@Suite struct DisorderTests {
    /// Half a day of a small fleet, by rising event time.
    private static func world(_ seed: UInt64) -> [(at: Timestamp, item: Heard)] {
        var generator = SeededGenerator(seed: seed)
        var items: [(Timestamp, Heard)] = []
        let sites = [site, SiteID("SITE-2")]
        let metrics = ["power.dc.bus_v", "power.grid.v_l1", "dg.rpm", "fuel.level", "battery.soc"]
        for _ in 0..<220 {
            let metric = metrics[Int(generator.next() % UInt64(metrics.count))]
            let moment = start.adding(seconds: (generator.uniform() * 12 * 3600).rounded())
            let value = generator.uniform() < 0.2 ? 0 : 40 + 20 * generator.uniform()
            items.append((moment, .sample(metric, moment, value, sites[Int(generator.next() % 2)])))
        }
        for id in 0..<8 as Range<UInt64> {
            let raised = generator.uniform() * 600
            let type = id % 2 == 0 ? "power.grid.outage" : "power.dc.lvd_open"
            let place = sites[Int(id % 2)]
            items.append((at(minutes: raised), .alarm(alarm(type, id: id, raised: raised, site: place))))
            guard id % 4 != 0 else { continue }
            let cleared = raised + 100 * generator.uniform()
            items.append((at(minutes: cleared), .alarm(alarm(type, id: id, raised: raised, cleared: cleared, site: place))))
        }
        return items.sorted { $0.0 < $1.0 }
    }

    /// Hears everything in that order; the watermark is the newest event time so far.
    private static func run(_ items: [(at: Timestamp, item: Heard)]) -> (known: [Key: KPIResult], tooLate: Int) {
        var engine = KPIEngine()
        var results: [KPIResult] = []
        var newest = Timestamp.distantPast
        for (number, entry) in items.enumerated() {
            engine.hear(entry.item)
            newest = max(newest, entry.at)
            if number % 37 == 36 { results += engine.advance(to: newest) }
        }
        results += engine.advance(to: at(hours: 40))
        return (latest(results), Int(engine.counters.tooLate))
    }

    /// 100 orders for each of ten worlds with every change; more by `TOWERCO_TEST_SHUFFLES`.
    private static let shuffles = max(100, (getenv("TOWERCO_TEST_SHUFFLES").flatMap { Int(String(cString: $0)) } ?? 0) / 10)

    @Test("a day of delay, shuffled 1,000 ways, changes no KPI", arguments: 1...10 as ClosedRange<UInt64>)
    func delayChangesNothing(_ seed: UInt64) {
        let items = Self.world(seed)
        let sorted = Self.run(items)
        #expect(sorted.tooLate == 0 && sorted.known.count > 50)
        var generator = SeededGenerator(seed: seed &* 977)
        var different: Set<String> = []
        for _ in 0..<Self.shuffles {
            let arrivals = items.map { entry in
                // Most come at once, some an hour late, a few up to a day.
                let luck = generator.uniform()
                let delay = luck < 0.7 ? 0 : (luck < 0.95 ? 3600 : 86_400) * generator.uniform()
                return (entry.at.adding(seconds: delay), entry)
            }
            let run = Self.run(
                arrivals.enumerated().sorted { ($0.element.0, $0.offset) < ($1.element.0, $1.offset) }.map(\.element.1))
            #expect(run.tooLate == 0)
            for (key, value) in sorted.known where run.known[key] != value { different.insert("\(key.kpi) \(key.from)") }
            // A value that was told and then taken back stays as "nothing known".
            for (key, value) in run.known where sorted.known[key] == nil && value.value != nil {
                different.insert("\(key.kpi) \(key.from)")
            }
        }
        #expect(different.isEmpty, "\(different.sorted().prefix(5))")
    }
}
