import Testing
import TowerModel

@testable import TowerEngine

@Suite struct ScenarioTests {
    @Test func aCarriedGridOutageOpensNothingAndLeavesOneRecord() {
        let outcome = Outcome(Scenes.carried, until: "06:00:00")
        #expect(outcome.only?.status == .autoClosed)
        #expect(outcome.output.incidents.map(\.kind) == [.resolved])
        #expect(Outcome.root(outcome.only) == "HUB grid grid.lost")
    }

    @Test func aCarriedGridOutageThatGoesOnIsNotSeen() {
        let running = Scenes.carried.split(separator: "\n").filter { !$0.hasPrefix("04:") }.joined(separator: "\n")
        #expect(Outcome(running, until: "03:50:00").output.incidents.isEmpty)
    }

    @Test(arguments: [
        ("nothing", ""), ("the start failure", "dg.start_failed"), ("the grid alarm", "power.grid.outage"),
        ("the discharge alarm", "battery.discharging"),
    ])
    func theGeneratorThatDidNotStartIsTheRootWhateverIsMissing(_ name: String, _ missing: String) {
        let script = Scenes.startFailed.split(separator: "\n").filter { missing.isEmpty || !$0.contains(missing + " ") }
        let outcome = Outcome(script.joined(separator: "\n"), until: "02:40:00")
        #expect(Outcome.root(outcome.only) == "HUB dg dg.start_failed", "without \(name)")
        #expect(outcome.only?.status == .open)
    }

    @Test func theStartFailureOpensWithinTwoMinutes() {
        let opened = Outcome(Scenes.startFailed, until: "02:40:00").output.incidents.first { $0.kind == .opened }
        #expect(opened.map { $0.snapshot.openedAt <= EventScript.instant("02:16:00") } == true)
    }

    /// Near the end a quarter of an hour is all there is, however long the discharge has taken: the load doubles after three hours.
    @Test func theIncidentKeepsUpWithTheForecastWhileTheEndComesNear() throws {
        let samples = Scenes.every(hours: 7, from: 150) { (minute: Int) -> String in
            let charge = max(0, 88 - 0.25 * Double(minute - 150) - 0.25 * Double(max(0, minute - 330)))
            return "HUB battery.telemetry i=\(minute > 330 ? -122 : -61) soc=\(charge) v=\(46 + charge / 20)"
        }
        let output = Outcome(Scenes.inOrder(Scenes.startFailed + samples), until: "06:40:00").output
        let forecasts: [AutonomyForecast] = output.forecasts.map(\.forecast).filter { $0.siteID.rawValue == "HUB" && $0.at > EventScript.instant("02:30:00") }
        #expect(forecasts.count > 20)
        let told: [IncidentSnapshot] = output.incidents.map(\.snapshot).filter { !$0.autonomy.isEmpty }
        for forecast in forecasts {
            let newest = told.last { $0.updatedAt <= forecast.at.adding(seconds: 15) }
            let shown = try #require(newest?.autonomy.first)
            let apart = abs(shown.at.seconds(since: forecast.at) / 60 + shown.minutesP50 - forecast.minutesP50)
            #expect(apart <= max(3, 0.1 * forecast.minutesP50) + 0.1, "\(forecast.at): \(forecast.minutesP50) min are left")
        }
        let ends = forecasts.map(\.minutesP50)
        #expect(zip(ends, ends.dropFirst()).contains { $0 - $1 > 10 }, "the doubled load must shorten what is left")
    }

    @Test func sitesBehindADarkHubAreInsideItsIncident() throws {
        let incident = try #require(Outcome(Scenes.dark, until: "07:10:00").only)
        #expect(Outcome.root(incident) == "HUB dg dg.start_failed")
        #expect(incident.affectedSites.map(\.siteID.rawValue).sorted() == ["HUB", "KID1", "KID2"])
        #expect(incident.affectedOperators == ["moov", "mtn", "orange"])
        #expect(incident.severity == .critical)
        #expect(incident.timeline.contains { $0.isTrigger && $0.condition == "grid.lost" })
        #expect(incident.timeline.contains { $0.isRoot && $0.condition == "dg.start_failed" })
        #expect(incident.explanation.contains("its generator did not start when the grid failed at 02:14"))
    }

    @Test func anEmptyTankIsToldFromAFailedStart() {
        #expect(Outcome.root(Outcome(Scenes.dry, until: "08:40:00").only) == "HUB fuel fuel.exhausted")
    }

    @Test(arguments: ["", "rectifier.system_failed"])
    func dischargeWithTheGridPresentIsTheRectifier(_ missing: String) {
        let script = Scenes.rectifier.split(separator: "\n").filter { missing.isEmpty || !$0.contains(missing) }
        #expect(Outcome.root(Outcome(script.joined(separator: "\n"), until: "02:40:00").only) == "HUB rectifier rectifier.failed")
    }

    @Test(arguments: ["", "fibre.los"])
    func sitesThatGoTogetherWithHealthyPowerPointToTheLink(_ missing: String) throws {
        let script = Scenes.cut.split(separator: "\n").filter { missing.isEmpty || !$0.contains(missing) }
        let incident = try #require(Outcome(script.joined(separator: "\n"), until: "10:20:00").only)
        #expect(Outcome.root(incident) == "link:A/CORE fibre.cut")
        #expect(Set(incident.affectedSites.map(\.siteID.rawValue)).isSuperset(of: ["A", "B", "C"]))
    }

    @Test func hopsThatFadeOneAfterTheOtherAreRainAndNeedNobody() throws {
        let incident = try #require(Outcome(Scenes.rain, until: "15:16:00").only)
        #expect(incident.rootCauseCandidates.first?.condition == "rain.fade")
        #expect(!incident.needsPerson)
        #expect(incident.pagesAt != nil)
        let ended = try #require(Outcome(Scenes.rain + Scenes.rainEnds, until: "16:30:00").only)
        #expect(ended.status == .resolved)
    }

    @Test(arguments: [true, false])
    func aSilentControllerIsBlindNotDown(_ isReported: Bool) throws {
        let script =
            isReported
            ? Scenes.blind : Scenes.blind.split(separator: "\n").filter { !$0.contains("rms.offline") }.joined(separator: "\n")
        let incident = try #require(Outcome(script).only)
        #expect(incident.rootCauseCandidates.first { $0.condition != "unknown" }?.condition == "rms.offline")
        #expect(incident.affectedSites.allSatisfy { $0.siteID.rawValue == "HUB" })
        #expect(incident.severity <= .major)
    }

    @Test func sitesOfOneFeederAreOneIncidentAndTheHubThatFallsLaterJoinsIt() throws {
        let outcome = Outcome(Scenes.feeder() + Scenes.hubFalls, until: "08:10:00")
        let incident = try #require(outcome.only)
        #expect(Outcome.root(incident) == "feeder:F-12 feeder.lost")
        #expect(incident.affectedSites.contains { $0.siteID.rawValue == "FAR" && $0.impact == .down })
        #expect(outcome.output.incidents.filter { $0.kind == .opened }.count == 1)
    }

    @Test func aFeederIsFoundWithAThirdOfItsAlarmsMissing() {
        let outcome = Outcome(Scenes.feeder(isWired: { $0 % 3 != 0 }), until: "03:20:00")
        #expect(outcome.incidents.contains { Outcome.root($0) == "feeder:F-12 feeder.lost" })
    }

    /// Members whose own grid alarm is lost say only that their battery works: that is the feeder, too, before it is known or after.
    @Test(arguments: [[3], [1, 2], [1, 5, 9]])
    func onBatteryStandsForTheMissingGridAlarmOfAMember(_ unwired: [Int]) throws {
        let text = Scenes.feeder(isWired: { !unwired.contains($0) })
        let batch = EventScript(text).batch
        let outcome = Outcome(text, until: "03:20:00")
        let incident = try #require(outcome.only)
        #expect(Outcome.root(incident) == "feeder:F-12 feeder.lost")
        let members = Set(unwired.map { "S\($0)" })
        let discharges = batch.ids.indices.filter {
            batch.symbols.name(batch.types[$0]) == "battery.discharging" && members.contains(batch.symbols.name(batch.sites[$0]))
        }
        #expect(discharges.count >= unwired.count)
        #expect(discharges.allSatisfy { incident.eventIDs.contains(batch.ids[$0]) })
    }

    /// Weather and cells that sleep send nobody out.
    @Test(arguments: [(Scenes.rain, "15:16:00", "rain.fade"), (Scenes.sleeping, "07:45:00", "cell.sleeping")])
    func whatNeedsNoVisitProposesNone(_ script: String, _ until: String, _ root: String) throws {
        let incident = try #require(Outcome(script, until: until).only)
        #expect(incident.rootCauseCandidates.first?.condition == root)
        #expect(!incident.actions.isEmpty && !incident.actions.contains { $0.kind == .visit }, "\(incident.actions.map(\.text))")
    }

    @Test func rainOnAHopAndAFailedStartElsewhereAreTwoIncidents() {
        let outcome = Outcome(Scenes.startFailed + Scenes.rain.replacing("15:", with: "02:"), until: "02:40:00")
        #expect(Set(outcome.incidents.map { $0.rootCauseCandidates[0].condition }) == ["rain.fade", "dg.start_failed"])
    }
}

@Suite struct FeederWithHistoryTests {
    @Test func aMemberWithAStoryOfItsOwnDoesNotHideItsFeeder() {
        let fuel = "00:10:00 S2 fuel.low state=raised hours_to_empty_p10=4\n"
        let lines = Scenes.feeder().split(separator: "\n").map(String.init)
        let inventory = lines.filter { !$0.hasPrefix("03:") }.joined(separator: "\n") + "\n"
        let events = lines.filter { $0.hasPrefix("03:") }.joined(separator: "\n") + "\n"
        let roots = Outcome(inventory + fuel + events, until: "03:20:00").incidents.map { Outcome.root($0) }
        #expect(Set(roots) == ["feeder:F-12 feeder.lost", "S2 fuel fuel.exhausted"])
    }

    /// The grid of a member came back, and hours later, while the feeder's incident still runs elsewhere, its generator fails.
    @Test func aMemberThatRecoveredIsFreeForItsNextFault() {
        let later = """
            03:30:00 S2 power.grid.outage state=cleared
            03:30:05 S2 dg.stopped reason=grid
            06:00:00 S2 power.grid.outage state=raised
            06:00:03 S2 battery.discharging state=raised
            06:02:00 S2 dg.start_failed state=raised attempts=3

            """
        let outcome = Outcome(Scenes.feeder() + later, until: "06:40:00")
        let roots = Set(outcome.incidents.map { Outcome.root($0) })
        #expect(roots.isSuperset(of: ["feeder:F-12 feeder.lost", "S2 dg dg.start_failed"]), "\(roots)")
    }
}

@Suite struct RepetitionTests {
    /// A starter battery that sags for weeks is part of both stories; they are two incidents with names of their own.
    @Test func twoOutagesWithOneForerunnerAreTwoIncidents() {
        let again = Scenes.startFailed.split(separator: "\n").filter { $0.hasPrefix("02:") }
            .map { "12:" + $0.dropFirst(3) }.joined(separator: "\n")
        let script = """
            \(Scenes.fleet)01:00:00 HUB dg.start_battery_low state=raised v=11.9
            \(Scenes.startFailed)
            04:00:00 HUB power.grid.outage state=cleared
            04:00:03 HUB battery.discharging state=cleared
            04:00:05 HUB dg.start_failed state=cleared
            04:05:00 HUB battery.telemetry i=8 v=54 soc=80
            04:05:00 HUB power.grid.telemetry v_l1=231
            11:55:00 HUB battery.telemetry i=0.2 v=54 soc=100
            \(again)

            """
        let incidents = Outcome(script, until: "12:40:00").incidents
        #expect(incidents.map(Outcome.root) == ["HUB dg dg.start_failed", "HUB dg dg.start_failed"])
        #expect(incidents.map(\.status) == [.resolved, .open])
    }
}
