import Testing
import TowerDetection
import TowerModel

@Suite struct ThresholdTests {
    /// One line of the ladder table: minute-spaced values and the "state:severity" that each run must tell.
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var metric = "power.dc.bus_v"
        var values: [Double]
        var expected: [String]
        var testDescription: String { name }
    }

    static let cases: [Case] = [
        .init(name: "healthy float says nothing", values: [54.5, 54.4, 54.6], expected: []),
        .init(name: "exactly on a limit is not below it", values: [54, 48, 48, 48], expected: []),
        .init(name: "one step", values: [54, 47.9, 47.9], expected: ["raised:warning"]),
        .init(
            name: "severity climbs with the fall", values: [54, 47.5, 47.5, 46.5, 46.5, 45.5, 45.5, 44, 44],
            expected: ["raised:warning", "changed:minor", "changed:major", "changed:critical"]),
        .init(name: "a jump is raised at its own severity", values: [54, 44, 44], expected: ["raised:critical"]),
        .init(
            name: "inside the hysteresis nothing changes", values: [54, 47.9, 47.9, 48.2, 48.3, 47.9, 48.39],
            expected: ["raised:warning"]),
        .init(
            name: "recovery lowers and clears", values: [54, 45.5, 45.5, 47.6, 47.6, 47.6, 50, 50, 50],
            expected: ["raised:major", "changed:warning", "cleared:cleared"]),
        .init(name: "an open sense wire is no low voltage", values: [54, 0, 0, 0, 54], expected: []),
        .init(name: "one dip shorter than the hold", values: [54, 54], expected: []),
        .init(name: "both ladders of one metric", values: [54, 58, 58, 58], expected: ["raised:minor"]),
        .init(
            name: "battery heat", metric: "battery.temp", values: [30, 41, 41, 41, 46, 46, 46, 51, 51, 51],
            expected: ["raised:minor", "changed:major", "changed:critical"]),
        .init(name: "shelter heat", metric: "env.t_in", values: [30, 36, 36, 36], expected: ["raised:warning"]),
        .init(
            name: "grid moves from under to over in order", metric: "power.grid.v_l1",
            values: [230, 180, 180, 180, 260, 260, 260, 260], expected: ["raised:minor", "cleared:cleared", "raised:warning"]),
        .init(
            name: "starter battery", metric: "dg.start_batt", values: Array(repeating: 11.8, count: 6), expected: ["raised:minor"]
        ),
        .init(name: "a metric without rules", metric: "light.lux", values: [1, 1e9, -1e9], expected: []),
    ]

    @Test(arguments: cases) func ladder(_ item: Case) {
        let samples = item.values.enumerated().map { (Double($0.offset) * 60, $0.element) }
        let findings = run(item.metric, samples, configuration: .only(.threshold))
        #expect(findings.map { "\($0.state.rawValue):\($0.severity.rawValue)" } == item.expected)
    }

    @Test func dipShorterThanTheHoldIsSilent() {
        let findings = run(
            "power.dc.bus_v", [(0, 54), (10, 46.5), (25, 54), (100, 54)], configuration: .only(.threshold), until: 200)
        #expect(findings.isEmpty)
    }

    @Test func holdEndsWithoutAnotherSample() throws {
        let findings = run("power.dc.bus_v", [(0, 54), (10, 45.5)], configuration: .only(.threshold), until: 40)
        let raised = try #require(findings.first)
        #expect(findings.count == 1)
        #expect(raised.at == start.adding(seconds: 30))
        #expect(raised.onset == start.adding(seconds: 10))
        #expect(raised.severity == .major)
        #expect(raised.alarmType == "power.dc.low_voltage")
        #expect(raised.limit == 46)
        #expect(raised.text == "DC bus voltage 45.5 V is below 46 V")
    }

    @Test func onsetStaysWithTheFirstCrossing() {
        let findings = run(
            "power.dc.bus_v", [(0, 54), (60, 47.5), (120, 47.5), (180, 44), (240, 44), (300, 54), (400, 54)],
            configuration: .only(.threshold))
        #expect(findings.map(\.onset) == Array(repeating: start.adding(seconds: 60), count: 3))
        #expect(findings.map(\.state) == [.raised, .changed, .cleared])
    }

    @Test func severityRaisedIsTheOneThatHeld() {
        // Critical for ten seconds only inside a warning of a minute.
        let findings = run(
            "power.dc.bus_v", [(0, 54), (10, 47.5), (20, 44), (30, 47.5), (60, 47.5)], configuration: .only(.threshold))
        #expect(findings.map(\.severity) == [.warning])
    }

    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64]) func statesAlternateAndAdvanceChangesNothing(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var voltage = 47.0
        var seconds = 0.0
        var samples: [(Double, Double)] = []
        for _ in 0..<2000 {
            voltage = min(max(voltage + 0.6 * generator.gaussian(), 43), 50)
            seconds += 1 + 40 * generator.uniform()
            samples.append((seconds, voltage))
        }
        let plain = run("power.dc.bus_v", samples, configuration: .only(.threshold), until: seconds + 1000)
        var bank = DetectorBank(configuration: .only(.threshold))
        let point = bank.point(metric: "power.dc.bus_v", managedObject: "unit")
        var stepped: [Finding] = []
        for (seconds, value) in samples {
            bank.advance(to: start.adding(seconds: seconds - 0.5), into: &stepped)
            bank.observe(point, at: start.adding(seconds: seconds), value: value, into: &stepped)
        }
        bank.advance(to: start.adding(seconds: seconds + 1000), into: &stepped)
        #expect(plain == stepped)
        #expect(plain.count > 20)
        var isRaised = false
        var severity = Severity.cleared
        for finding in plain {
            #expect(isRaised == (finding.state != .raised))
            #expect(finding.severity != severity)
            isRaised = finding.state != .cleared
            severity = finding.severity
        }
    }

    @Test func everyRuleOfTheStandardTableIsWellFormed() {
        for rule in ThresholdRule.standard {
            let limits = rule.steps.map(\.limit)
            #expect(limits == limits.sorted(by: rule.direction == .above ? { $0 < $1 } : { $0 > $1 }), "\(rule.metric)")
            #expect(zip(rule.steps, rule.steps.dropFirst()).allSatisfy { $0.severity < $1.severity }, "\(rule.metric)")
            #expect(rule.hysteresis > 0 && !rule.steps.isEmpty && rule.steps.count <= 6, "\(rule.metric)")
            #expect(limits.allSatisfy { rule.plausible.contains($0) }, "\(rule.metric)")
        }
    }
}
