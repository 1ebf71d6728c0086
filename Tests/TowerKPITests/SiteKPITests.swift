import Testing
import TowerKPI
import TowerModel

@Suite struct SiteKPITests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var kpi: String
        var heard: [Heard]
        /// `nil` for "told, and nothing is known".
        var expected: Double?
        var tolerance = 1e-9
        var testDescription: String { "\(kpi): \(name)" }
    }

    static let bus = "power.dc.bus_v"
    static let cases: [Case] = power + grid + generator + fuel

    static let power: [Case] = [
        .init(name: "always inside", kpi: "power_availability", heard: series(bus, hours: 0..<1) { _ in 54 }, expected: 1),
        .init(
            name: "the band's ends are inside", kpi: "power_availability",
            heard: series(bus, hours: 0..<1) { $0 < 30 ? 43 : 60 }, expected: 1),
        .init(
            name: "a quarter below", kpi: "power_availability",
            heard: series(bus, hours: 0..<1) { $0 < 15 ? 42.9 : 54 }, expected: 0.75),
        .init(
            name: "dark all along is zero, because it was heard", kpi: "power_availability",
            heard: series(bus, hours: 0..<1) { _ in 0 }, expected: 0),
        .init(
            name: "one reading speaks for a quarter of an hour only", kpi: "power_availability",
            heard: [.sample(bus, at(minutes: 10), 54)], expected: 1),
        .init(
            name: "what was not heard is in neither term", kpi: "power_availability",
            heard: [.sample(bus, at(minutes: 0), 54), .sample(bus, at(minutes: 30), 40)], expected: 0.5),
        .init(
            name: "the reading before the hour speaks into it", kpi: "power_availability",
            heard: [.sample(bus, at(minutes: -5), 40), .sample(bus, at(minutes: 10), 54)], expected: 0.6),
        .init(
            name: "same as power without alarms", kpi: "site_availability",
            heard: series(bus, hours: 0..<1) { $0 < 15 ? 42.9 : 54 }, expected: 0.75),
        .init(
            name: "an alarm never seen at critical does not take it down", kpi: "site_availability",
            heard: series(bus, hours: 0..<1) { _ in 45 } + [.alarm(alarm("power.dc.lvd_open", id: 1, raised: 30, cleared: 36))],
            expected: 1),
        .init(
            name: "a critical one does", kpi: "site_availability",
            heard: series(bus, hours: 0..<1) { _ in 45 } + [
                .alarm(alarm("power.dc.lvd_open", id: 1, raised: 30)),
                .alarm(alarm("power.dc.lvd_open", id: 1, raised: 30, cleared: 36)),
            ], expected: 0.9),
        .init(
            name: "down and below overlap once", kpi: "site_availability",
            heard: series(bus, hours: 0..<1) { $0 < 30 ? 40 : 54 } + [.alarm(alarm("power.dc.lvd_open", id: 1, raised: 15))],
            expected: 0),
    ]

    static let grid: [Case] = [
        .init(
            name: "voltage decides", kpi: "grid_availability",
            heard: series("power.grid.v_l1", hours: 0..<1) { $0 < 45 ? 230 : 0 }, expected: 0.75),
        .init(
            name: "an outage alarm where only the bus is heard", kpi: "grid_availability",
            heard: series(bus, hours: 0..<1) { _ in 52 } + [
                .alarm(alarm("power.grid.outage", id: 2, raised: 12, cleared: 24, severity: .major))
            ], expected: 0.8),
        .init(
            name: "both agree once", kpi: "grid_availability",
            heard: series("power.grid.v_l1", hours: 0..<1) { $0 < 30 ? 230 : 0 } + [
                .alarm(alarm("power.grid.outage", id: 2, raised: 30, severity: .major))
            ], expected: 0.5),
    ]

    static let generator: [Case] = [
        .init(
            name: "half an hour by speed", kpi: "dg_run_hours",
            heard: series("dg.rpm", hours: 0..<1) { $0 < 30 ? 1500 : 0 }, expected: 0.5),
        .init(
            name: "stopped is zero hours, not unknown", kpi: "dg_run_hours", heard: series("dg.p", hours: 0..<1) { _ in 0 },
            expected: 0),
        .init(
            name: "speed and power agree once", kpi: "dg_run_hours",
            heard: series("dg.rpm", hours: 0..<1) { $0 < 30 ? 1500 : 0 } + series("dg.p", hours: 0..<1) { $0 < 30 ? 6 : 0 },
            expected: 0.5),
        .init(
            name: "the counter alone", kpi: "dg_run_hours",
            heard: series("dg.run_h", hours: 0..<1, every: 10) { 1000 + $0 / 100 }, expected: 0.5),
        .init(
            name: "a counter that restarts", kpi: "dg_run_hours",
            heard: [
                .sample("dg.run_h", at(minutes: 0), 1000), .sample("dg.run_h", at(minutes: 20), 1000.3),
                .sample("dg.run_h", at(minutes: 30), 0), .sample("dg.run_h", at(minutes: 50), 0.2),
            ], expected: 0.5),
    ]

    static let running = series("dg.p", hours: 0..<1) { _ in 6 }
    static let stopped = series("dg.p", hours: 0..<1) { _ in 0 }
    static let fuel: [Case] = [
        .init(
            name: "litres an hour of running", kpi: "fuel_rate",
            heard: running + series("fuel.level", hours: -0.25..<1) { 300 - $0 * 2 / 60 }, expected: 2, tolerance: 0.01),
        .init(
            name: "a delivery is not burned", kpi: "fuel_rate",
            heard: running + series("fuel.level", hours: -0.25..<1) { ($0 < 30 ? 300 : 500) - $0 * 2 / 60 }, expected: 2,
            tolerance: 0.01),
        .init(
            name: "nothing is known while stopped", kpi: "fuel_rate",
            heard: stopped + series("fuel.level", hours: 0..<1) { _ in 300 }, expected: nil),
        .init(
            name: "the burn is explained", kpi: "fuel_unexplained_litres",
            heard: running + series("fuel.level", hours: -0.25..<1) { 300 - $0 * (0.40 + 0.263 * 6) / 60 }, expected: 0,
            tolerance: 0.1),
        .init(
            name: "a theft is not", kpi: "fuel_unexplained_litres",
            heard: stopped + series("fuel.level", hours: -0.25..<1) { $0 < 20 ? 300 : max(300 - ($0 - 20) * 4, 260) },
            expected: 40, tolerance: 0.1),
        .init(
            name: "without the generator's state nobody knows", kpi: "fuel_unexplained_litres",
            heard: series("fuel.level", hours: 0..<1) { 300 - $0 }, expected: nil),
    ]

    @Test(arguments: cases) func table(_ item: Case) throws {
        let result = try #require(firstHour(item.kpi, item.heard))
        if let expected = item.expected {
            let value = try #require(result.value)
            #expect(abs(value - expected) <= item.tolerance, "\(value)")
        } else {
            #expect(result.value == nil)
        }
        #expect(result.unit == KPICatalog.definition(of: item.kpi)?.unit)
    }

    @Test func batteryAutonomyOfTheCatalogueExample() throws {
        // 400 Ah, health 85 %, full, depth 80 %, 48 V, 0.95, 2 kW give 6.2 h.
        var info = Site(siteID: site, tenantID: tenant, name: "one")
        info.battery = .init(strings: 1, ampHours: 400, chemistry: "vrla")
        let heard =
            series("battery.soc", hours: 0..<1) { _ in 100 } + series("battery.soh", hours: 0..<1) { _ in 85 }
            + series("power.dc.load_p", hours: 0..<1) { _ in 2 }
        let value = try #require(firstHour("battery_autonomy_minutes", heard, info: info)?.value)
        #expect(abs(value - 372.1) < 0.1)
        info.loadKilowatts = 4
        let half = try #require(
            firstHour("battery_autonomy_minutes", series("battery.soc", hours: 0..<1) { _ in 100 }, info: info)?.value)
        #expect(abs(half - 400 * 0.8 * 48 / 1000 * 0.95 / 4 * 60) < 1e-9)
        let unknown = try #require(firstHour("battery_autonomy_minutes", heard))
        #expect(unknown.value == nil)
    }

    @Test func silenceIsNilAndNeverZero() throws {
        var engine = KPIEngine()
        for item in series("power.dc.bus_v", hours: 0..<1, { _ in 54 }) { engine.hear(item) }
        let results = engine.advance(to: at(hours: 5)).filter { $0.siteID == site && $0.kpi == "power_availability" }
        #expect(results.map(\.windowStart) == (0..<5).map { at(hours: Double($0)) })
        // The last reading speaks 14 minutes into the second hour.
        #expect(results.map(\.value) == [1, 1, nil, nil, nil])
    }

    @Test func aMetricNeverHeardGivesNoResult() {
        var engine = KPIEngine()
        for item in series("fuel.level", hours: 0..<2, { _ in 100 }) { engine.hear(item) }
        let kpis = Set(engine.advance(to: at(hours: 2)).map(\.kpi))
        #expect(kpis == ["fuel_rate", "fuel_unexplained_litres"])
    }

    @Test func theTenantIsTheSumOfItsSites() throws {
        var engine = KPIEngine()
        for item in series("power.dc.bus_v", hours: 0..<1, { _ in 54 }) { engine.hear(item) }
        for minute in 0..<60 {
            let value = minute < 30 ? 54.0 : 10
            engine.hear(.sample("power.dc.bus_v", at(minutes: Double(minute)), value, SiteID("SITE-2")))
        }
        let results = engine.advance(to: at(hours: 1)).filter { $0.kpi == "power_availability" }
        #expect(results.map(\.siteID) == [nil, site, SiteID("SITE-2")])
        #expect(results.map(\.value) == [0.75, 1, 0.5])
        #expect(results[0].eventCount == 120)
    }

    @Test func aDayIsItsHours() throws {
        var engine = KPIEngine()
        for item in series("power.dc.bus_v", hours: 0..<24, { $0 < 144 ? 10 : 54 }) { engine.hear(item) }
        let results = engine.advance(to: at(hours: 24)).filter { $0.kpi == "power_availability" && $0.siteID == site }
        #expect(results.count == 25)
        let day = try #require(results.first { $0.windowEnd == at(hours: 24) && $0.windowStart == start })
        #expect(day.value == 0.9)
        #expect(day.eventCount == 1440)
    }
}
