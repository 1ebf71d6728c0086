import Testing
import TowerKPI
import TowerModel

@Suite struct LatenessTests {
    /// Four days of everything, from one seed.
    private func world(_ seed: UInt64) -> [Heard] {
        var generator = SeededGenerator(seed: seed)
        var items: [Heard] = []
        let sites = [site, SiteID("SITE-2"), SiteID("SITE-3")]
        let metrics = ["power.dc.bus_v", "power.grid.v_l1", "dg.rpm", "dg.p", "fuel.level", "battery.soc", "env.t_in"]
        for _ in 0..<3000 {
            let metric = metrics[Int(generator.next() % UInt64(metrics.count))]
            let value = generator.uniform() < 0.2 ? 0 : 40 + 20 * generator.uniform()
            // Whole seconds, so that readings meet.
            let moment = start.adding(seconds: (generator.uniform() * 60 * 3600).rounded())
            items.append(.sample(metric, moment, value, sites[Int(generator.next() % 3)]))
        }
        for id in 0..<40 as Range<UInt64> {
            let raised = generator.uniform() * 3000
            let type = id % 2 == 0 ? "power.grid.outage" : "power.dc.lvd_open"
            items.append(.alarm(alarm(type, id: id, raised: raised, site: sites[Int(id % 3)])))
            if id % 5 != 0 {
                items.append(
                    .alarm(
                        alarm(type, id: id, raised: raised, cleared: raised + 300 * generator.uniform(), site: sites[Int(id % 3)])
                    ))
            }
        }
        for id in 0..<30 as Range<UInt64> {
            let onset = generator.uniform() * 3000
            items.append(.incident(incident(id, onset: onset, opened: onset + 7)))
            items.append(.acknowledged(EventID(high: 2, low: id), at(minutes: onset + 20 * generator.uniform())))
            if id % 3 != 0 {
                items.append(
                    .incident(
                        incident(
                            id, revision: 2, status: id % 4 == 0 ? .autoClosed : .resolved, onset: onset, opened: onset + 7,
                            resolved: onset + 500 * generator.uniform())))
            }
        }
        return items
    }

    private func known(_ items: [Heard], watermarks: [Int: Timestamp]) -> [Key: KPIResult] {
        var engine = KPIEngine()
        var results: [KPIResult] = []
        for (number, item) in items.enumerated() {
            if let watermark = watermarks[number] { results += engine.advance(to: watermark) }
            engine.hear(item)
        }
        results += engine.advance(to: at(hours: 72))
        #expect(engine.counters.tooLate == 0)
        return latest(results)
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>) func orderOfArrivalInsideTheLatenessDoesNotMatter(seed: UInt64) {
        let items = world(seed)
        let reference = known(items, watermarks: [:])
        var generator = SeededGenerator(seed: seed &+ 1000)
        for _ in 0..<3 {
            let shuffled = items.shuffled(using: &generator)
            // Watermarks wander through the two and a half days while everything is still arriving.
            var watermarks: [Int: Timestamp] = [:]
            for step in 1...10 { watermarks[step * shuffled.count / 11] = at(hours: Double(step) * 6.5) }
            let other = known(shuffled, watermarks: watermarks)
            // A value that was told and then taken back stays as "nothing known".
            #expect(other.filter { reference[$0.key] == nil }.allSatisfy { $0.value.value == nil })
            for (key, value) in reference { #expect(other[key] == value, "\(key)") }
        }
        #expect(reference.count > 500)
    }

    @Test func lateDataTellsTheWindowAgain() throws {
        var engine = KPIEngine()
        for item in series("power.dc.bus_v", hours: 0..<2, { _ in 54 }) { engine.hear(item) }
        let first = engine.advance(to: at(hours: 2)).filter { $0.siteID == site && $0.kpi == "power_availability" }
        #expect(first.map(\.isRecomputed) == [false, false])
        engine.hear(.sample("power.dc.bus_v", at(minutes: 30.5), 10))
        let again = engine.advance(to: at(hours: 2.1)).filter { $0.siteID == site && $0.kpi == "power_availability" }
        #expect(again.map(\.isRecomputed) == [true])
        #expect(again.map(\.windowStart) == [start])
        let value = try #require(again.first?.value)
        #expect(abs(value - (1 - 30.0 / 3600)) < 1e-12)
        // Nothing new, nothing told.
        #expect(engine.advance(to: at(hours: 2.2)).isEmpty)
    }

    @Test func beyondTheLatenessDataIsCountedAndDropped() {
        var engine = KPIEngine()
        for item in series("power.dc.bus_v", hours: 0..<80, every: 5, { _ in 54 }) { engine.hear(item) }
        _ = engine.advance(to: at(hours: 80))
        engine.hear(.sample("power.dc.bus_v", at(hours: 7.99), 10))
        #expect(engine.counters.tooLate == 1)
        #expect(engine.advance(to: at(hours: 80.5)).isEmpty)
        engine.hear(.sample("power.dc.bus_v", at(hours: 8.51), 10))
        #expect(engine.counters.tooLate == 1)
        let told = engine.advance(to: at(hours: 80.6)).filter { $0.siteID == site && $0.isRecomputed }
        #expect(told.contains { $0.windowStart == at(hours: 8) && $0.kpi == "power_availability" })
    }

    @Test func aClearThatArrivesLateGivesTheTimeBack() {
        var engine = KPIEngine()
        for item in series("power.dc.bus_v", hours: 0..<3, { _ in 54 }) { engine.hear(item) }
        engine.hear(.alarm(alarm("power.dc.lvd_open", id: 1, raised: 30)))
        func values(_ results: [KPIResult]) -> [Double?] {
            results.filter { $0.siteID == site && $0.kpi == "site_availability" }.map(\.value)
        }
        #expect(values(engine.advance(to: at(hours: 3))) == [0.5, 0, 0])
        engine.hear(.alarm(alarm("power.dc.lvd_open", id: 1, raised: 30, cleared: 90)))
        #expect(values(engine.advance(to: at(hours: 3))) == [0.5, 1])
    }

    @Test func memoryOfClosedWindowsIsGivenBack() {
        var engine = KPIEngine()
        for hour in 0..<400 {
            engine.hear(.sample("power.dc.bus_v", at(hours: Double(hour)), 54))
            _ = engine.advance(to: at(hours: Double(hour)))
        }
        #expect(engine.openHours <= 100)
    }

    @Test func brokenValuesAreCounted() {
        var engine = KPIEngine()
        engine.hear(.sample("power.dc.bus_v", start, .nan))
        engine.hear(.sample("power.dc.bus_v", start, .infinity))
        #expect(engine.counters.notFinite == 2)
        #expect(engine.advance(to: at(hours: 2)).isEmpty)
    }
}
