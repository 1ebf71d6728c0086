import Testing
import TowerModel

@testable import TowerSimulation

/// Every scenario's chain, in order and within the delays of DOMAIN 5.2, over twenty seeds.
@Suite struct ChainTests {
    /// One link of a chain: an event that must, or may, follow another within a range of seconds.
    struct Step: Sendable {
        var from: String
        var to: String
        var range: ClosedRange<Double>
        var isAlways: Bool

        init(_ from: String, _ to: String, _ range: ClosedRange<Double>, always: Bool = true) {
            (self.from, self.to, self.range, isAlways) = (from, to, range, always)
        }
    }

    struct Story: Sendable, CustomTestStringConvertible {
        var scenario: ScenarioID
        var hours = 48.0
        /// Types that never belong to it.
        var never: [String] = []
        var steps: [Step]
        /// How many of twenty seeds must have placed it at least.
        var placed = 14
        var testDescription: String { scenario.rawValue }
    }

    private static let hour = 3600.0
    private static let service = ["ran.cell_down", "power.dc.lvd_open", "mw.link_down"]

    /// `""` is the onset. A name may carry a value: `power.dc.lvd_open#2` is the second contactor.
    static let stories: [Story] = [
        Story(scenario: .s04, never: service + ["power.grid.outage"], steps: [Step("", "rectifier.module_failed", 0...1)]),
        Story(
            scenario: .s06, never: ["power.grid.outage", "battery.discharging"],
            steps: [
                Step("", "env.high_temp", 0.3 * hour...2 * hour), Step("", "ran.cell_degraded", 1.9 * hour...4.1 * hour),
                Step("", "ran.cell_down", 2.9 * hour...8.1 * hour), Step("env.high_temp", "battery.high_temp", 0...3 * hour),
            ]),
        Story(
            scenario: .s07, never: ["power.grid.outage"],
            steps: [Step("", "hvac.failed", 0...1), Step("", "ran.cell_down", 2.5 * hour...8.1 * hour)]),
        Story(
            scenario: .s08, never: ["dg.started", "battery.string_open"],
            steps: [
                Step("", "power.grid.outage", 0...1), Step("", "battery.discharging", 1...6),
                // 30 to 60 % of 4 to 8 h, then up to 2 h to the second contactor; longer by a tenth where a night's load is low.
                Step("", "power.dc.lvd_open#2", 0.8 * hour...7.5 * hour), Step("power.dc.lvd_open#2", "rms.dying_gasp", 0...30),
            ]),
        Story(
            scenario: .s09, never: ["battery.discharging", "power.dc.low_voltage"],
            steps: [
                Step("", "access.door_open", 0...1), Step("", "access.intrusion", 10...65),
                Step("", "battery.string_open", 120...1201, always: false),
                Step("ran.cell_down", "rms.dying_gasp", -1...30, always: false),
                Step("", "ran.cell_down", hour...10.4 * hour),
            ]),
        Story(
            scenario: .s10, never: ["access.door_open", "access.intrusion", "battery.discharging", "battery.string_open"],
            steps: [Step("", "ran.cell_down", 2 * hour...20.1 * hour)]),
        Story(scenario: .s11, never: service + ["fuel.refuel"], steps: [], placed: 18),
        Story(scenario: .s12, never: service, steps: [Step("", "fuel.refuel", 0...1, always: false)]),
        Story(
            scenario: .s15, never: ["power.grid.outage"],
            steps: [
                Step("", "structure.high_wind", 0...1), Step("structure.high_wind", "mw.rsl_low", 60...601, always: false),
            ]),
        Story(
            scenario: .s16, never: ["power.grid.outage", "mw.link_down"],
            steps: [
                Step("", "ran.vswr", 0...1), Step("ran.vswr~major", "ran.cell_down", 1...21, always: false),
                Step("ran.vswr~major", "ran.cell_degraded", 1...21, always: false), Step("", "ran.vswr~major", hour...30 * hour),
            ]),
        Story(
            scenario: .s17, never: ["power.grid.outage"],
            steps: [
                Step("", "sync.gnss_lost", 0...1), Step("", "sync.holdover", 10...61),
                Step("", "sync.phase_error", 4 * hour...24 * hour), Step("sync.phase_error", "ran.rtwp_high", 10...121),
                Step("ran.rtwp_high", "ran.cell_down", 60...1200),
            ]),
        Story(
            scenario: .s18, never: ["power.grid.outage"],
            steps: [
                Step("", "access.intrusion", 0...1), Step("access.intrusion", "access.cable_tamper", 119...901),
                Step("access.cable_tamper", "ran.vswr", 1...60), Step("access.cable_tamper", "ran.rru_link_lost", 1...60),
                Step("access.cable_tamper", "ran.cell_down", 1...60),
            ]),
        Story(
            scenario: .s19,
            steps: [
                Step("", "power.spd.failed", 0...1), Step("", "rectifier.module_failed", 0...1),
                Step("", "ran.rru_link_lost", 0...1), Step("", "mw.link_down", 0...1, always: false),
                Step("ran.rru_link_lost", "ran.rru_link_lost-", 119...901),
            ]),
        Story(
            scenario: .s20, never: ["dg.start_failed"],
            steps: [
                Step("", "power.grid.outage", 0...1), Step("", "battery.discharging", 1...6), Step("", "dg.started", 20...95),
                Step("dg.started", "power.ats.transfer_failed", 5...31, always: false),
                Step("dg.started", "power.dc.lvd_open#2", hour...14 * hour),
            ]),
        Story(
            scenario: .s21, never: service,
            steps: [Step("", "light.failed", 0...1), Step("light.failed", "itsm.ticket.created", 1799...1801)]),
        Story(
            scenario: .s22, never: ["power.grid.outage"],
            steps: [
                Step("", "structure.high_wind", 0...1), Step("structure.high_wind", "structure.tilt", 60...12 * hour),
                Step("structure.tilt", "mw.rsl_low", 0...12 * hour, always: false),
            ], placed: 8),
        Story(scenario: .s24, never: service + ["fuel.sensor_fault"], steps: []),
        Story(
            scenario: .s26, never: ["rectifier.system_failed"],
            steps: [
                Step("", "access.door_open", 60...301), Step("access.door_open", "power.grid.outage", 300...0.8 * hour),
                Step("power.grid.outage", "power.grid.outage-", 59...490), Step("", "ran.cell_down", 0.4 * hour...2 * hour),
                Step("ran.cell_down", "ran.cell_down-", 0.3 * hour...1.5 * hour),
            ]),
        Story(scenario: .s27, never: ["ran.cell_down", "ran.cell_degraded", "ran.sleeping_cell"], steps: []),
        Story(
            scenario: .s28, never: ["power.grid.outage"],
            steps: [
                Step("", "env.flood", 0...1), Step("env.flood", "rectifier.system_failed", 0.5 * hour...3 * hour),
                Step("rectifier.system_failed", "ran.cell_down", 0...2),
            ], placed: 6),
        Story(
            scenario: .s29, never: ["ran.cell_down"], steps: [Step("", "solar.panel_missing", 0...1, always: false)], placed: 10),
    ]

    @Test(arguments: stories) func chainKeepsItsOrderAndDelays(story: Story) throws {
        var placed = 0
        var problems: [String] = []
        for seed in 1...20 as ClosedRange<UInt64> {
            var configuration = quick(sites: 30, hours: story.hours, [story.scenario], seed: seed, background: 0)
            configuration.telemetryPeriodSeconds = 86_400
            let run = try Run(configuration)
            var byID: [String: ParsedEvent] = [:]
            for event in try run.parsed() where !event.isReading { byID[event.id] = event }
            for fault in run.truth where fault.scenario == story.scenario {
                placed += 1
                let events = fault.eventIDs.compactMap { byID[$0.description] }
                problems += Self.problems(story, fault, events).map { "seed \(seed) \(fault.faultID): \($0)" }
            }
        }
        #expect(placed >= story.placed, "placed \(placed) times")
        #expect(problems.isEmpty, "\(problems.prefix(6))")
    }

    private static func problems(_ story: Story, _ fault: FaultTruth, _ events: [ParsedEvent]) -> [String] {
        var found = story.never.filter { type in events.contains { $0.type == type } }.map { "\($0) does not belong here" }
        for step in story.steps {
            guard let from = instant(step.from, fault, events), let to = instant(step.to, fault, events) else {
                if step.isAlways { found.append("\(step.to) is missing") }
                continue
            }
            let delay = to.seconds(since: from)
            if !step.range.contains(delay) { found.append("\(step.from) to \(step.to) took \(delay) s") }
        }
        return found
    }

    /// The first event of a name: `type` raised, `type-` cleared, `type~severity` of that severity, `type#n` of that priority.
    private static func instant(_ name: String, _ fault: FaultTruth, _ events: [ParsedEvent]) -> Timestamp? {
        if name.isEmpty { return fault.onset }
        if name.hasSuffix("-") {
            return events.first { $0.type == name.dropLast() && $0.state == "cleared" }?.timestamp
        }
        if let mark = name.firstIndex(of: "~") {
            let severity = String(name[name.index(after: mark)...])
            return events.first {
                $0.type == name[..<mark] && ($0.payload["alarm"] as? [String: Any])?["perceived_severity"] as? String == severity
            }?.timestamp
        }
        if let mark = name.firstIndex(of: "#") {
            let priority = Int(name[name.index(after: mark)...])
            return events.first { $0.type == name[..<mark] && $0.payload["priority"] as? Int == priority }?.timestamp
        }
        return events.first { $0.type == name && $0.state != "cleared" }?.timestamp
    }
}
