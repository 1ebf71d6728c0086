import Testing
import TowerDetection
import TowerModel

@testable import TowerEngine

/// What is said of values: alerts of generic streams and of groups of sensors, and which series they belong to.
@Suite struct AnomalyTests {
    /// SplitMix64.
    private struct Dice {
        var state: UInt64
        mutating func uniform() -> Double {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
            return Double((z ^ z >> 31) >> 11) / 9_007_199_254_740_992
        }
    }

    /// Three streams, one event each a minute; the second and third leave their range once.
    private static func metrics(names: [String], count: Int = 700, symbols: SymbolTable = SymbolTable(capacity: 10_000)) -> EventScript {
        var script = EventScript("", symbols: symbols)
        var dice = names.indices.map { Dice(state: UInt64($0)) }
        for index in 0..<count {
            for (number, name) in names.enumerated() {
                var value = 10 + dice[number].uniform() * 4
                if number > 0, (500..<510).contains(index) { value += 25 }
                let at = EventScript.midnight.adding(seconds: 60 * Double(index))
                script.append("telemetry.metric", site: name, at: at, ["metric=value", "value=\(value)"])
            }
        }
        return script
    }

    /// Four sensors; 300 fault-free rows, then one of them strays and returns.
    private static func samples(site: String = "PUMP", count: Int = 700) -> EventScript {
        var script = EventScript("")
        var dice = Dice(state: 3)
        for index in 0..<count {
            let stray = (400..<500).contains(index) ? 6.0 : 0
            let pairs = ["flow", "current", "heat", "noise"].map { "metrics.\($0)=\(dice.uniform() + ($0 == "heat" ? stray : 0))" }
            script.append(
                "telemetry.sample", site: site, at: EventScript.midnight.adding(seconds: Double(index)),
                pairs + ["phase=\(index < 300 ? "baseline" : "monitor")"])
        }
        return script
    }

    /// As it ships but for the history: vectors are slow without optimisation.
    private static let configuration: EngineConfiguration = {
        var configuration = EngineConfiguration()
        configuration.detection.novelty.history = 256
        configuration.detection.novelty.rankMemory = 256
        return configuration
    }()

    private static func run(_ scripts: [EventScript]) -> EngineOutput {
        var engine = Engine(configuration: configuration)
        var output = EngineOutput()
        for script in scripts { output.append(engine.process(script.batch, arrivedAt: nil)) }
        output.append(engine.finish())
        return output
    }

    @Test func aStreamThatLeavesItsRangeIsAnAlertAndAnAlarmAndNoIncident() throws {
        let output = Self.run([Self.metrics(names: ["A", "B", "C"])])
        let odd = output.anomalies.filter { $0.at.seconds(since: EventScript.midnight) >= 30_000 && $0.siteID.rawValue != "A" }
        #expect(Set(odd.prefix(2).map(\.siteID.rawValue)) == ["B", "C"])
        let first = try #require(odd.first)
        #expect(first.kind == .novelty && first.metric == "value" && first.score > 0.9 && first.endAt == nil)
        #expect(output.alarms.contains { $0.alarmType == "value.novel" && $0.source == .detected && $0.siteID == first.siteID })
        #expect(output.incidents.isEmpty)
        #expect(Set(output.anomalies.map(\.alertID)).count == output.anomalies.count)
    }

    @Test func namesOfStreamsDoNotMatter() {
        func told(_ names: [String]) -> [[Timestamp]] {
            let output = Self.run([Self.metrics(names: names)])
            return names.map { name in output.anomalies.filter { $0.siteID.rawValue == name }.map(\.at) }
        }
        let plain = told(["A", "B", "C"])
        #expect(told(["zulu", "SITE-9", "a.b:c"]) == plain)
        #expect(!plain.joined().isEmpty)
    }

    @Test func sensorsThatStrayFromAFaultFreeStateAreOneStretch() throws {
        let output = Self.run([Self.samples()])
        let stretch = try #require(output.anomalies.first { $0.kind == .wander })
        #expect(output.anomalies.count == 1)
        #expect(stretch.metric == "heat" && stretch.score > 0.9 && stretch.score <= 1)
        let (from, to) = (stretch.at.seconds(since: EventScript.midnight), try #require(stretch.endAt).seconds(since: EventScript.midnight))
        #expect(from >= 400 && from < 410 && to >= 499 && to < 540)
        let states = output.alarms.filter { $0.alarmType == "telemetry.wander" }.map(\.state)
        #expect(states.first == .raised && states.contains(.cleared))
        #expect(output.incidents.isEmpty)
    }

    @Test func aStretchThatIsGoingOnWhenTheInputEndsIsToldAsFarAsItWent() throws {
        let stretch = try #require(Self.run([Self.samples(count: 450)]).anomalies.first)
        #expect(stretch.endAt == EventScript.midnight.adding(seconds: 449))
    }

    @Test(arguments: [1, 200, 299, 301, 420, 650]) func anEngineThatWasKeptTellsTheSame(cut: Int) throws {
        let (metrics, samples) = (Self.metrics(names: ["A", "B"], count: 600), Self.samples())
        func run(cut: Int?) throws -> (EngineOutput, [UInt8]) {
            var engine = Engine(configuration: Self.configuration)
            var output = EngineOutput()
            for script in [metrics, samples] {
                let whole = script.batch.count
                let order = Array(0..<whole)
                let place = cut.map { min($0, whole) } ?? whole
                output.append(engine.process(script.reordered(Array(order[..<place])), arrivedAt: nil))
                if cut != nil {
                    var reader = StateReader(StateTests.bytes(engine))
                    let kept = try Engine(decoding: &reader, configuration: Self.configuration)
                    #expect(StateTests.bytes(kept) == StateTests.bytes(engine))
                    engine = kept
                }
                if place < whole { output.append(engine.process(script.reordered(Array(order[place...])), arrivedAt: nil)) }
            }
            return (output, StateTests.bytes(engine))
        }
        let (expected, state) = try run(cut: nil)
        let (output, kept) = try run(cut: cut)
        #expect(output.anomalies == expected.anomalies && output.alarms == expected.alarms)
        #expect(kept == state)
        #expect(!expected.anomalies.isEmpty)
    }

    /// Two branches of one bus, a volt apart: one series each, or every sample would be a step.
    @Test(arguments: ["branch", "slot", "port", "string_id", "cell"]) func everyInstanceHasItsOwnSeries(key: String) {
        var engine = Engine()
        var script = EventScript("")
        for index in 0..<200 {
            for instance in 1...2 {
                script.append(
                    "power.dc.telemetry", site: "S", at: EventScript.midnight.adding(seconds: 60 * Double(index)),
                    ["bus_v=\(53 + instance)", "\(key)=\(instance)"])
            }
        }
        _ = engine.process(script.batch, arrivedAt: nil)
        #expect(engine.tenants[0].series.count == 2)
        #expect(engine.tenants[0].detectors.gridCount == 0)
    }
}
