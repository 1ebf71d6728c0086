import Testing
import TowerModel

@testable import TowerSimulation

@Suite struct DemoTests {
    private let now = Timestamp(milliseconds: 1_768_446_444_000)

    @Test func theStoryIsOnCue() throws {
        var demo = try DemoScript(now: now, seed: 3)
        let history = demo.history()
        #expect(history.count < 150_000)
        #expect(history.count > 30_000)
        #expect(history.allSatisfy { $0.arrival < now })
        let past = try history.filter { String(decoding: $0.json, as: UTF8.self).contains("\"state\":\"raised\"") }.map {
            try ParsedEvent($0)
        }
        // The hub lost its grid and its generator; its battery still carries everything.
        let failed = try #require(past.first { $0.type == "dg.start_failed" })
        #expect(!past.contains { $0.type == "power.dc.lvd_open" })
        #expect(Set(past.filter { $0.type == "power.grid.outage" }.map(\.site)).count >= 10)
        #expect(past.contains { $0.type == "fibre.los" })
        #expect(past.contains { $0.type == "rms.offline" })
        #expect(past.contains { $0.type == "mw.rsl_low" })

        let live = demo.next(until: now.adding(seconds: 420))
        #expect(live.count > 12_000)
        let next = try live.filter { String(decoding: $0.json, as: UTF8.self).contains("\"state\":") }.map { try ParsedEvent($0) }
        let shed = try #require(next.first { $0.type == "power.dc.lvd_open" })
        #expect(shed.site == failed.site)
        #expect((50...75).contains(shed.timestamp.seconds(since: now)), "\(shed.timestamp.seconds(since: now))")
        let fallen = Set(next.filter { $0.type == "ran.cell_down" && $0.payload["cause"] as? String == "transport" }.map(\.site))
        #expect(fallen.count >= 2)
        let second = try #require(next.first { $0.type == "dg.start_failed" && $0.state == "raised" })
        #expect(second.site != failed.site)
        #expect((0...100).contains(second.timestamp.seconds(since: now)))
        let healed = next.filter { $0.type == "mw.link_down" && $0.state == "cleared" }
        #expect(!healed.isEmpty)
        #expect(healed.allSatisfy { $0.timestamp.seconds(since: now) < 420 })
    }

    @Test func whatFellComesBackAndTheFleetStaysAlive() throws {
        var demo = try DemoScript(now: now, seed: 3, livePeriodSeconds: 600)
        let scripted = 6
        _ = demo.next(until: now.adding(seconds: 5 * 3600))
        let truth = demo.truth.filter { !$0.benign }
        #expect(truth.count > scripted)
        let early = truth.filter { $0.onset < now.adding(seconds: 60) }
        #expect(early.count == scripted)
        #expect(early.allSatisfy { $0.clear != nil })
        let hub = try #require(early.first { $0.scenario == .s02 })
        #expect(hub.affectedSites.count >= 7)
    }

    @Test func theSameSeedTellsTheSameStoryAtAnyDate() throws {
        let later = now.adding(seconds: 86_400 * 3)
        var one = try DemoScript(now: now, seed: 5)
        var two = try DemoScript(now: later, seed: 5)
        _ = one.next(until: now)
        _ = two.next(until: later)
        let first = one.truth.map { [$0.faultID, "\($0.onset.seconds(since: now))", "\($0.eventIDs)"] }
        let second = two.truth.map { [$0.faultID, "\($0.onset.seconds(since: later))", "\($0.eventIDs)"] }
        #expect(first == second)
    }
}
