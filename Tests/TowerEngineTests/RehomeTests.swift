import Testing
import TowerModel

@testable import TowerEngine

/// What fell is explained over the network of its time.
@Suite struct RehomeTests {
    private static func fleet(_ gone: String = "12:00:00 SITE-S topology.link a=SITE-S b=HUB-1 state=removed") -> String {
        """
        link HUB-1 CORE kind=fibre parent=CORE
        link HUB-2 CORE kind=fibre parent=CORE
        link SITE-S HUB-1 kind=hop parent=HUB-1
        link SITE-T HUB-1 kind=hop parent=HUB-1
        link SITE-U HUB-1 kind=hop parent=HUB-1
        link SITE-V HUB-2 kind=hop parent=HUB-2
        \(gone)
        12:00:00 SITE-S topology.link a=SITE-S b=HUB-2 kind=hop parent=HUB-2

        """
    }

    private static func cut(_ hub: String, _ clock: String) -> String {
        "\(clock):00 \(hub) fibre.los peer=CORE severity=critical\n"
    }

    private static func down(_ site: String, _ clock: String) -> String { "\(clock):30 \(site) ran.cell_down cell=1 severity=critical\n" }

    /// Sites of the incident that holds an alarm of the cut.
    private static func sites(_ script: String, with site: String) -> [Set<String>] {
        Outcome(script, until: "14:00:00").incidents.map { Set($0.affectedSites.map(\.siteID.rawValue)) }.filter { $0.contains(site) }
    }

    @Test func aLateAlarmOfBeforeTheMoveBelongsToTheOldHub() {
        let script =
            Self.fleet() + Self.cut("HUB-1", "11:40") + Self.down("SITE-T", "11:40") + Self.down("SITE-U", "11:40")
            // Told after the move, of before it.
            + Self.down("SITE-S", "11:40")
        let found = Self.sites(script, with: "SITE-S")
        #expect(found.count == 1)
        #expect(found.first?.isSuperset(of: ["SITE-S", "SITE-T", "SITE-U"]) == true, "\(found)")
    }

    @Test func afterTheMoveTheSiteIsNotTheOldHubsAnyMore() {
        let script = Self.fleet() + Self.cut("HUB-1", "12:40") + Self.down("SITE-T", "12:40") + Self.down("SITE-U", "12:40")
        let incidents = Outcome(script, until: "14:00:00").incidents
        #expect(!incidents.isEmpty)
        for incident in incidents { #expect(!incident.affectedSites.contains { $0.siteID.rawValue == "SITE-S" }) }
        let moved = Self.fleet() + Self.cut("HUB-2", "12:40") + Self.down("SITE-S", "12:40") + Self.down("SITE-V", "12:40")
        let found = Self.sites(moved, with: "SITE-S")
        #expect(found.count == 1 && found[0].contains("SITE-V"), "\(found)")
    }

    @Test func aMoveToldLateIsTheSameMove() {
        let events = EventScript(
            Self.fleet() + Self.cut("HUB-2", "12:40") + Self.down("SITE-S", "12:40") + Self.down("SITE-V", "12:40"))
        var told: [[String]] = []
        for order in [Array(0..<events.batch.count), [0, 1, 2, 3, 4, 5, 8, 7, 6, 9, 10], [5, 4, 3, 2, 1, 0, 7, 6, 8, 9, 10]] {
            var engine = Engine()
            var output = engine.process(events.reordered(order), arrivedAt: nil)
            output.append(engine.advance(to: EventScript.instant("14:00:00")))
            output.append(engine.finish())
            var latest: [EventID: IncidentSnapshot] = [:]
            for change in output.incidents { latest[change.snapshot.incidentID] = change.snapshot }
            told.append(
                latest.values.filter { $0.status != .merged }.map { $0.affectedSites.map(\.siteID.rawValue).sorted().joined(separator: " ") }
                    .sorted())
        }
        #expect(told[0] == told[1] && told[0] == told[2], "\(told)")
    }

    @Test func aCheckpointBetweenKnowsThePast() throws {
        let events = EventScript(Self.fleet() + Self.cut("HUB-1", "11:40") + Self.down("SITE-T", "11:40") + Self.down("SITE-S", "11:40"))
        var whole = Engine()
        _ = whole.process(events.batch, arrivedAt: nil)
        var first = Engine()
        _ = first.process(events.reordered(Array(0..<8)), arrivedAt: nil)
        var writer = StateWriter()
        first.encode(into: &writer)
        var reader = StateReader(writer.bytes)
        var second = try Engine(decoding: &reader)
        _ = second.process(events.reordered(Array(8..<events.batch.count)), arrivedAt: nil)
        #expect(second.stateHashes() == whole.stateHashes())
    }

    @Test func nobodyWaitsForASiteThatIsNoMore() {
        var script = ""
        for minute in 0..<60 {
            for site in ["SITE-A", "SITE-B"] { script += "0:\(minute < 10 ? "0" : "")\(minute):00 \(site) rms.heartbeat seq=\(minute)\n" }
        }
        let quiet = "1:00:00 SITE-A inventory.site status=decommissioned\n"
        var rest = ""
        for minute in stride(from: 61, to: 400, by: 1) {
            rest += "\(minute / 60):\(minute % 60 < 10 ? "0" : "")\(minute % 60):00 SITE-B rms.heartbeat seq=\(minute)\n"
        }
        #expect(!Outcome(script + rest, until: "8:00:00").incidents.isEmpty)
        #expect(Outcome(script + quiet + rest, until: "8:00:00").incidents.isEmpty)
    }
}
