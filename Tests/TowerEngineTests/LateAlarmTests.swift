import Glibc
import Testing
import TowerModel

@testable import TowerEngine

/// T-14 for alarms: events that arrive up to a day late. 50 orders with every change; more by `TOWERCO_TEST_SHUFFLES`.
@Suite struct LateAlarmTests {
    static let shuffles = getenv("TOWERCO_TEST_SHUFFLES").flatMap { Int(String(cString: $0)) } ?? 50

    private struct Random {
        var state: UInt64
        mutating func uniform() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 33) / Double(UInt64(1) << 31)
        }
    }

    /// Twelve hours of alarms that come and go at eight sites, an hour between one and the next of an identity; a third of
    /// the identities end raised. Severities change on the way.
    private static func script(_ seed: UInt64) -> EventScript {
        var random = Random(state: seed &* 977 &+ 5)
        let types = ["power.grid.outage", "power.dc.low_voltage", "battery.low", "fuel.low", "dg.start_failed"]
        let severities = ["minor", "major", "critical"]
        var lines: [String] = []
        func line(_ seconds: Double, _ site: Int, _ words: String) {
            let second = Int(seconds)
            lines.append("\(second / 3600):\(second / 60 % 60):\(second % 60) L\(site) \(words)")
        }
        for site in 0..<8 {
            for type in types {
                let pairs = Int(random.uniform() * 4)
                var at = random.uniform() * 3600
                for _ in 0..<pairs {
                    line(at, site, "\(type) state=raised severity=\(severities[Int(random.uniform() * 3)])")
                    line(at + 60 + random.uniform() * 1200, site, "\(type) state=cleared")
                    at += 5000 + random.uniform() * 3600
                }
                guard random.uniform() < 0.35 else { continue }
                line(at, site, "\(type) state=raised severity=major")
                if random.uniform() < 0.5 { line(at + 100 + random.uniform() * 600, site, "\(type) state=raised severity=critical") }
            }
        }
        return EventScript(lines.joined(separator: "\n"))
    }

    /// What is active at the end: where, what, since when, how bad.
    private static func active(_ batch: EventBatch) -> [String] {
        var engine = Engine()
        var output = engine.process(batch, arrivedAt: nil)
        output.append(engine.finish())
        var latest: [EventID: Alarm] = [:]
        for alarm in output.alarms { latest[alarm.alarmID] = alarm }
        return latest.values.filter { $0.state != .cleared }
            .map { "\($0.siteID) \($0.alarmType) since \($0.raisedAt) \($0.severity)" }.sorted()
    }

    @Test(arguments: 1...5 as ClosedRange<UInt64>) func aDayOfDelayChangesNoAlarmThatIsActive(_ seed: UInt64) {
        let script = Self.script(seed)
        let times = script.batch.timestamps
        let sorted = Self.active(script.reordered(times.indices.sorted { (times[$0], $0) < (times[$1], $1) }))
        #expect(sorted.count >= 5)
        var random = Random(state: seed)
        for _ in 0..<max(1, Self.shuffles / 5) {
            let arrivals = times.map { at in
                // Most come at once, some an hour late, a few up to a day.
                let luck = random.uniform()
                return at.adding(seconds: luck < 0.6 ? 0 : (luck < 0.9 ? 3600 : 86_400) * random.uniform())
            }
            let order = times.indices.sorted { (arrivals[$0], $0) < (arrivals[$1], $1) }
            let shuffled = Self.active(script.reordered(order))
            #expect(shuffled == sorted, "seed \(seed), order \(order)")
            if shuffled != sorted { return }
        }
    }
}
