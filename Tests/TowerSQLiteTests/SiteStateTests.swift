import StoreTestKit
import Testing
import TowerModel
import TowerStores

@Suite struct SiteStateTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var name: String
        var alarms: [(String, Severity, Int)] = []
        var impacts: [(IncidentSnapshot.AffectedSite.Impact, Severity)] = []
        var discharging: Int?
        var batteryAt = 10
        var state: SiteState
        var reason: String
        var since: Int?
        var severity: Severity = .cleared
        var testDescription: String { name }
    }

    static let table: [Row] = [
        Row(name: "nothing known", state: .inService, reason: ""),
        Row(name: "grid lost, nothing else", alarms: [("power.grid.outage", .major, 2)], state: .watch, reason: "grid lost 03:02 UTC", since: 2, severity: .major),
        Row(
            name: "grid lost, battery alarm", alarms: [("power.grid.outage", .major, 2), ("battery.discharging", .warning, 3)],
            state: .onBattery, reason: "grid lost 03:02 UTC, on battery", since: 3, severity: .major),
        Row(
            name: "grid lost, the current says so", alarms: [("power.grid.outage", .major, 2)], discharging: 4, state: .onBattery,
            reason: "grid lost 03:02 UTC, on battery", since: 4, severity: .major),
        Row(name: "only the current says so", discharging: 4, state: .onBattery, reason: "on battery", since: 4),
        Row(name: "an old current says nothing", discharging: 4, batteryAt: -30, state: .inService, reason: ""),
        Row(
            name: "generator did not start", alarms: [
                ("dg.start_failed", .critical, 3), ("power.grid.outage", .major, 2), ("battery.discharging", .warning, 2),
            ], state: .onBattery, reason: "grid lost 03:02 UTC, generator did not start, on battery", since: 2, severity: .critical),
        Row(
            name: "non-critical load shed", alarms: [("power.dc.lvd_open", .major, 5), ("battery.discharging", .warning, 3)],
            state: .degraded, reason: "on battery 03:03 UTC, load disconnected", since: 5, severity: .major),
        Row(name: "all load shed", alarms: [("power.dc.lvd_open", .critical, 5)], state: .down, reason: "load disconnected 03:05 UTC", since: 5, severity: .critical),
        Row(name: "a cell down", alarms: [("ran.cell_down", .major, 5)], state: .degraded, reason: "cell down 03:05 UTC", since: 5, severity: .major),
        Row(name: "all cells down", alarms: [("ran.cell_down", .critical, 5)], state: .down, reason: "cell down 03:05 UTC", since: 5, severity: .critical),
        Row(name: "controller silent", alarms: [("rms.offline", .major, 5)], state: .blind, reason: "controller silent 03:05 UTC", since: 5, severity: .major),
        Row(
            name: "silent on battery is blind", alarms: [("rms.silent", .major, 5), ("battery.discharging", .warning, 3)], state: .blind,
            reason: "on battery 03:03 UTC, controller silent", since: 5, severity: .major),
        Row(
            name: "silent and known to be down is down", alarms: [("rms.silent", .major, 5)], impacts: [(.down, .critical)], state: .down,
            reason: "controller silent 03:05 UTC, INC-1", since: 6, severity: .critical),
        Row(name: "cut off by an incident elsewhere", impacts: [(.down, .critical)], state: .down, reason: "cut off since 03:06 UTC (INC-1)", since: 6, severity: .critical),
        Row(name: "inferred blind", impacts: [(.blind, .minor)], state: .blind, reason: "no word since 03:06 UTC (INC-1)", since: 6, severity: .minor),
        Row(name: "at risk is a warning at most", impacts: [(.atRisk, .critical)], state: .watch, reason: "expected to go 04:00 UTC (INC-1)", since: 6, severity: .warning),
        Row(name: "the worst impact decides", impacts: [(.atRisk, .critical), (.degraded, .minor)], state: .degraded, reason: "expected to go 04:00 UTC (INC-1)", since: 6, severity: .minor),
        Row(name: "an unknown type is watched", alarms: [("TX_LOSS", .critical, 1)], state: .watch, reason: "TX_LOSS 03:01 UTC", since: 1, severity: .critical),
        Row(name: "an indeterminate one is not", alarms: [("TX_LOSS", .indeterminate, 1)], state: .inService, reason: "", severity: .indeterminate),
        Row(name: "door open", alarms: [("access.door_open", .minor, 1)], state: .watch, reason: "access.door_open 03:01 UTC", since: 1, severity: .minor),
    ]

    static func facts(_ row: Row) -> SiteFacts {
        SiteFacts(
            alarms: row.alarms.map { SiteFacts.AlarmGroup(alarmType: $0.0, severity: $0.1, raisedAt: Fleet.at($0.2)) },
            impacts: row.impacts.enumerated().map { index, impact in
                SiteFacts.Impact(
                    incidentID: EventID(high: 1, low: UInt64(index)), number: "INC-\(index + 1)", impact: impact.0, severity: impact.1,
                    since: Fleet.at(6), expectedAt: Fleet.at(60))
            }, dischargingSince: row.discharging.map(Fleet.at), batteryAt: Fleet.at(row.batteryAt), lastEventAt: Fleet.at(11))
    }

    @Test(arguments: table) func derives(_ row: Row) {
        let condition = SiteStateRules.derive(Self.facts(row))
        #expect(condition.state == row.state)
        #expect(condition.reason == row.reason)
        #expect(condition.since == row.since.map(Fleet.at))
        #expect(condition.severity == row.severity)
        #expect(condition.activeAlarms == row.alarms.count)
        #expect(condition.incidentNumber == (row.impacts.isEmpty ? nil : "INC-1"))
    }

    @Test(arguments: table) func theOrderOfFactsDoesNotShow(_ row: Row) {
        let facts = Self.facts(row)
        var turned = facts
        turned.alarms.reverse()
        turned.impacts.reverse()
        #expect(SiteStateRules.derive(turned) == SiteStateRules.derive(facts))
    }

    @Test func aForecastSpeaksOfThePresentTroubleOnly() {
        let forecast = AutonomyForecast(siteID: SiteID("S"), at: Fleet.at(5), minutesP10: 1, minutesP50: 2, minutesP90: 3, endsWith: "lvd1")
        func keeps(_ row: Row) -> Bool {
            let facts = Self.facts(row)
            return SiteStateRules.keepsAutonomy(forecast, SiteStateRules.derive(facts), facts)
        }
        func row(_ alarms: [(String, Severity, Int)]) -> Row { Row(name: "", alarms: alarms, state: .watch, reason: "") }
        #expect(keeps(row([("battery.discharging", .warning, 3)])))
        #expect(!keeps(row([("battery.discharging", .warning, 8)])), "made before the outage began")
        #expect(keeps(row([("power.grid.outage", .major, 3)])))
        #expect(!keeps(row([("access.door_open", .minor, 3)])))
        #expect(!keeps(row([])))
        #expect(!keeps(row([("power.dc.lvd_open", .critical, 3)])))
        var late = Self.facts(row([("battery.discharging", .warning, 3)]))
        late.lastEventAt = Fleet.at(5 + 61)
        #expect(!SiteStateRules.keepsAutonomy(forecast, SiteStateRules.derive(late), late))
    }
}

@Suite struct TopologyDependentsTests {
    static func links(_ text: String) -> [TopologyLink] {
        text.split(separator: " ").map { word in
            let isTree = word.contains(">")
            let ends = word.split(separator: isTree ? ">" : "-").map(String.init)
            return TopologyLink(tenantID: TenantID("t"), a: ends[0], b: ends[1], kind: .hop, parent: isTree ? ends[0] : nil)
        }
    }

    @Test(arguments: [
        ("", [:]), ("A-B", [:]), ("A>B", ["A": 1]), ("A>B B>C B>D", ["A": 3, "B": 2]),
        // C hangs on both: only the root carries it alone.
        ("A>B A>D B>C D>C", ["A": 3]),
        // Two cores are equals: nothing depends on one of them alone.
        ("A>C B>C C>D", ["C": 1]),
        // A ring without parents behind the core: either way round.
        ("A>B B-C C-D D-B", ["A": 3, "B": 2]), ("A>B A>E B-C C-D D-E", ["A": 4]),
        // A loop of parents has no core and does not hang.
        ("A>B B>A", [:]), ("X>Y A>B B>A", ["X": 1]), ("A>A A>B", ["A": 1]),
        ("A>B A>B", ["A": 1]),
    ] as [(String, [String: Int])]) func counts(_ links: String, _ expected: [String: Int]) {
        #expect(TopologyDependents.count(Self.links(links)) == expected)
        #expect(TopologyDependents.count(Self.links(links).reversed()) == expected)
    }

    @Test func feedersAndNeighboursCarryNothing() {
        let links = [
            TopologyLink(tenantID: TenantID("t"), a: "A", b: "B", kind: .feeder, parent: "A"),
            TopologyLink(tenantID: TenantID("t"), a: "A", b: "C", kind: .adjacent),
        ]
        #expect(TopologyDependents.count(links).isEmpty)
    }

    @Test func aDeepChainNeedsNoStack() {
        let links = (0..<50_000).map { TopologyLink(tenantID: TenantID("t"), a: "N\($0)", b: "N\($0 + 1)", kind: .hop, parent: "N\($0)") }
        let counts = TopologyDependents.count(links)
        #expect(counts["N0"] == 50_000 && counts["N49999"] == 1 && counts["N50000"] == nil)
    }
}

@Suite struct ChartTests {
    @Test(arguments: [
        ([0, 0, 0], nil), ([0, 201, 0], 1), ([201, 201, 5], 0), ([0, 201, 300, 0, 0], nil), ([0, 0, 201], 2), ([200, 200, 200], nil),
        ([], nil), ([500], 0),
    ] as [([Int], Int?)]) func aStormIsOnUntilAFullQuietBin(_ bins: [Int], _ start: Int?) {
        #expect(AlarmStorm.since(bins: bins, startAt: Fleet.at(0)) == start.map { Fleet.at($0 * 5) })
    }

    @Test func thinningKeepsTheExtremesOfEveryStep() {
        var generator = SplitMix(state: 42)
        for _ in 0..<50 {
            let count = Int(generator.next() % 500) + 1
            let maxPoints = Int(generator.next() % 60) + 2
            var thinner = Downsampler(from: Fleet.at(0), to: Fleet.at(count), maxPoints: maxPoints, count: count)
            let values = (0..<count).map { _ in Double(generator.next() % 1000) }
            for (minute, value) in values.enumerated() { thinner.add(Fleet.at(minute), value) }
            let points = thinner.finish()
            #expect(points.count <= max(maxPoints, min(count, maxPoints)))
            #expect(points.map { $0[1] }.max() == values.max() && points.map { $0[1] }.min() == values.min())
            #expect(points.map { $0[0] } == points.map { $0[0] }.sorted())
        }
    }
}

/// SplitMix64: the same numbers in every run.
struct SplitMix {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
