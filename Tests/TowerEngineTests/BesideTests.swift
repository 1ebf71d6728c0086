import Testing
import TowerCausality
import TowerModel

@testable import TowerEngine

/// What happens beside the power chain and the way to the core.
@Suite struct BesideTests {
    @Test func aBatteryThatHeldAsLongAsItIsRatedLeavesTheGridAsTheCause() throws {
        for end in ["09:45:00", "10:30:00", "12:00:00"] {
            let incident = try #require(Outcome(Scenes.batteryAlone, until: end).only)
            #expect(Outcome.root(incident) == "ALONE grid grid.lost", "at \(end)")
            #expect(incident.rootCauseCandidates[0].probability > 0.9, "at \(end)")
        }
    }

    @Test(arguments: [
        ("S04", Scenes.module, "04:00:00", "HUB rectifier:2 rectifier.module_failed"),
        ("S04", Scenes.countedModule, "04:00:00", "HUB rectifier rectifier.module_failed"),
        ("S06", Scenes.cooling, "05:55:00", "HUB hvac:1 hvac.failed"),
        ("S08", Scenes.aged, "03:30:00", "BATT battery battery.aged"),
        ("S09", Scenes.batteryTheft, "05:00:00", "HUB battery:1 battery.missing"),
        ("S11", Scenes.fuelTheft, "05:00:00", "HUB fuel fuel.theft"),
        ("S15", Scenes.misaligned, "05:00:00", "link:HUB/KID1 antenna.misaligned"),
        ("S16", Scenes.wetLine, "08:30:00", "HUB port:2 antenna_line.water"),
        ("S17", Scenes.timing, "10:50:00", "HUB sync sync.gnss_lost"),
        ("S18", Scenes.lineTheft, "02:30:00", "HUB port:1 antenna_line.theft"),
        ("S19", Scenes.surge, "02:20:00", "HUB spd lightning.surge"),
        ("S20", Scenes.transfer, "03:30:00", "HUB ats ats.transfer_failed"),
        ("S21", Scenes.light, "03:00:00", "HUB light light.failed"),
        ("S22", Scenes.tilt, "03:00:00", "HUB structure structure.tilt"),
        ("S26", Scenes.fleet + Scenes.work, "03:00:00", "HUB door:main access.unpermitted"),
        ("S26", Scenes.fleet + Scenes.lockedCells, "03:00:00", "HUB door access.unpermitted"),
        ("S27", Scenes.sleeping, "07:45:00", "HUB cell:1 cell.sleeping"),
        ("S10", Scenes.collapse, "02:20:00", "HUB battery battery.missing"),
        ("S28", Scenes.flood, "03:50:00", "HUB env env.flood"),
        ("S28", Scenes.drowned, "03:50:00", "HUB env env.flood"),
        ("S28", Scenes.downstream, "06:00:00", "HUB env env.flood"),
        ("S28", Scenes.unheardFlood, "06:00:00", "HUB env env.flood"),
        ("S29", Scenes.panels, "13:00:00", "SUN solar solar.panel_missing"),
    ])
    func theRootIsNamed(_ scenario: String, _ script: String, _ until: String, _ root: String) {
        let outcome = Outcome(script, until: until)
        #expect(Outcome.root(outcome.only) == root, "\(scenario): \(outcome.incidents.map { Outcome.root($0) })")
    }

    /// Alarms that are lost or were never wired: telemetry and what follows must do.
    @Test(arguments: [
        ("S06", Scenes.cooling, "hvac.failed", "05:55:00", "hvac.failed"),
        ("S06", Scenes.cooling, "env.high_temp", "05:55:00", "hvac.failed"),
        ("S09", Scenes.batteryTheft, "battery.string_open", "05:00:00", "battery.missing"),
        ("S10", Scenes.batteryTheft, "access.", "05:00:00", "battery.missing"),
        ("S10", Scenes.collapse, "rms.dying_gasp", "02:20:00", "battery.missing"),
        ("S10", Scenes.collapse, "power.grid.outage", "02:20:00", "battery.missing"),
        ("S15", Scenes.misaligned, "structure.high_wind", "05:00:00", "antenna.misaligned"),
        ("S17", Scenes.timing, "sync.holdover", "10:50:00", "sync.gnss_lost"),
        ("S18", Scenes.lineTheft, "access.intrusion", "02:30:00", "antenna_line.theft"),
        ("S22", Scenes.tilt, "structure.high_wind", "03:00:00", "structure.tilt"),
        ("S28", Scenes.drowned, "env.flood", "03:50:00", "env.flood"),
    ])
    func theRootIsNamedWithoutOneAlarmType(
        _ scenario: String, _ script: String, _ missing: String, _ until: String, _ condition: String
    ) {
        let lines = script.split(separator: "\n").filter { !$0.contains(" " + missing) }
        let outcome = Outcome(lines.joined(separator: "\n"), until: until)
        let roots = outcome.incidents.compactMap { $0.rootCauseCandidates.first?.condition }
        #expect(roots.contains(condition), "\(scenario) without \(missing): \(roots)")
    }

    /// Under twelve decibels no radio complains: the level and the wind must do, and the wind's alarm is part of the story.
    @Test func aSmallTurnShowsInTheLevelAlone() throws {
        let quiet = Scenes.misaligned.split(separator: "\n").filter { !$0.contains(" state=") || $0.contains("high_wind") }
        let script = quiet.joined(separator: "\n").replacing("-52", with: "-47.5")
        let incident = try #require(Outcome(script, until: "05:00:00").only)
        #expect(Outcome.root(incident) == "link:HUB/KID1 antenna.misaligned")
        let wind = try #require(EventScript(quiet.first { $0.contains("high_wind") }.map(String.init) ?? "").batch.ids.first)
        #expect(incident.eventIDs.contains(wind))
    }

    /// What the judgement hangs on, and what would settle it.
    @Test func doubtIsPutIntoWords() throws {
        let started = try #require(Outcome(Scenes.startFailed, until: "02:40:00").only)
        #expect(started.explanation.contains("No single sign decides it against “Fuel ran out”."))
        let hanging = [Scenes.transfer, Scenes.rectifier, Scenes.tilt, Scenes.lineTheft].flatMap { scene in
            Outcome(scene, until: "03:30:00").output.incidents.map(\.snapshot.explanation)
        }
        #expect(hanging.contains { $0.contains("Without “") && $0.contains("” it would rather be “") }, "\(hanging)")
        let work = try #require(Outcome(Scenes.fleet + Scenes.work, until: "03:00:00").only)
        #expect(work.actions.last?.text == "Find out: work permitted, Toumodi?")
        #expect(work.actions.last?.kind == .check)
        // Who is sure asks nothing.
        #expect(!started.actions.contains { $0.text.hasPrefix("Find out") })
    }

    @Test func windAloneIsWeather() {
        let gale = ["HUB", "KID1", "KID2"].map { "02:00:00 \($0) structure.high_wind state=raised wind=27\n" }.joined()
        #expect(Outcome(Scenes.fleet + gale, until: "04:00:00").incidents.isEmpty)
    }

    /// The level of a hop whose far end is dark is the receiver's own noise: no rain over a flooded site.
    @Test func aDarkFarEndIsNoFade() {
        let outcome = Outcome(Scenes.drowned, until: "06:00:00")
        #expect(!outcome.incidents.contains { $0.rootCauseCandidates.prefix(2).contains { $0.condition == "rain.fade" } })
    }

    /// A controller gasps at the disconnect's voltage when its battery ran out: that is no missing battery.
    @Test func aBatteryThatRanOutIsNotMissing() {
        let script = Scenes.dark.replacing("rms.dying_gasp state=raised", with: "rms.dying_gasp state=raised v=43.1")
            .replacing("cell=1", with: "cell=1 cause=power")
        for incident in Outcome(script, until: "08:00:00").incidents {
            #expect(!incident.rootCauseCandidates.contains { $0.condition == "battery.missing" && $0.probability > 0.05 })
        }
    }

    @Test func aLostModuleStaysMinor() throws {
        let incident = try #require(Outcome(Scenes.module, until: "04:00:00").only)
        #expect(incident.severity == .minor)
    }

    /// A door that opened and closed, and an hour later strings that take nothing: one matter, told as the theft.
    @Test func whatWasTakenJoinsTheVisitThatTookIt() throws {
        let script = Scenes.inOrder(Scenes.batteryTheft.replacing("battery.string_open", with: "rms.note") + """
            02:12:00 HUB access.door_open state=cleared door=main
            02:12:00 HUB access.intrusion state=cleared sensor=motion

            """)
        let incident = try #require(Outcome(script, until: "05:00:00").only)
        #expect(Outcome.root(incident).hasSuffix("battery.missing"))
        #expect(incident.status == .open)
    }

    @Test func lockedCellsUnderAPermitAreNobodysIncident() {
        let outcome = Outcome(Scenes.fleet + "01:00:00 HUB permit.issued permit_id=P1\n" + Scenes.lockedCells, until: "03:00:00")
        #expect(outcome.incidents.allSatisfy { !$0.needsPerson }, "\(outcome.incidents.map { Outcome.root($0) })")
    }

    /// A starter battery that was low yesterday and has been replaced makes no failed start of today's outage.
    @Test func aStoreThatIsFullAgainIsNoForerunner() throws {
        let weak = "00:10:00 HUB dg.start_battery_low state=raised v=11.8\n"
        func startFailed(_ before: String) -> Double {
            let outage = "02:14:00 HUB power.grid.outage state=raised last_v=0\n02:14:03 HUB battery.discharging state=raised i=-61\n"
            let outcome = Outcome(Scenes.fleet + before + outage, until: "02:15:00")
            return outcome.incidents.flatMap(\.rootCauseCandidates).first { $0.condition == "dg.start_failed" }?.probability ?? 0
        }
        let replaced = startFailed(weak + "01:00:00 HUB dg.start_battery_low state=cleared v=12.7\n")
        #expect(startFailed(weak) > 0.3)
        #expect(replaced < 0.2)
    }

    @Test func announcedWorkOpensNothingAndPagesNobody() {
        let outcome = Outcome(Scenes.fleet + Scenes.announcedWork, until: "03:00:00")
        #expect(outcome.incidents.allSatisfy { !$0.needsPerson }, "\(outcome.incidents.map { Outcome.root($0) })")
    }

    @Test func aDoorAloneIsNoIncident() {
        let door = Scenes.fleet + "02:00:00 HUB access.door_open state=raised door=main\n"
        #expect(Outcome(door, until: "04:00:00").incidents.isEmpty)
    }

    @Test func aLyingGaugeIsNoIncidentOfTheSite() {
        let outcome = Outcome(Scenes.stuckGauge, until: "07:30:00")
        #expect(outcome.incidents.allSatisfy { !$0.needsPerson })
        #expect(!outcome.incidents.contains { $0.rootCauseCandidates.first?.condition == "fuel.theft" })
    }

    @Test func theNeighboursOfALostClockAreItsVictims() throws {
        let incident = try #require(Outcome(Scenes.timing, until: "10:50:00").only)
        #expect(Set(incident.affectedSites.map(\.siteID.rawValue)).isSuperset(of: ["HUB", "KID1"]))
    }

    @Test func theStoryOfAStolenBatteryIncludesTheDarkSite() throws {
        let end = """
            05:00:00 HUB power.grid.outage state=raised
            05:00:00 HUB rms.dying_gasp state=raised
            05:00:10 HUB ran.cell_down state=raised cell=1
            05:00:20 KID1 ran.cell_down state=raised cell=1

            """
        let incident = try #require(Outcome(Scenes.batteryTheft + end, until: "05:10:00").only)
        #expect(Outcome.root(incident) == "HUB battery:1 battery.missing")
        #expect(incident.severity == .critical)
    }

    @Test func aRectifierThatSaysItFailedIsBelievedWithoutTelemetry() {
        let alone = Scenes.fleet + "02:14:00 HUB rectifier.system_failed state=raised\n"
        #expect(Outcome.root(Outcome(alone, until: "02:30:00").only) == "HUB rectifier rectifier.failed")
    }

    /// The water came to the hub first, whichever flood sensor says so: its rectifier failed before the next site's.
    @Test(arguments: ["nothing", "HUB env.flood", "KID1 env.flood", "KID1 rms.dying_gasp"])
    func theWaterIsFollowedToWhereItCameFirst(_ missing: String) {
        let script = Scenes.downstream.split(separator: "\n").filter { !$0.contains(missing) }.joined(separator: "\n")
        let incidents = Outcome(script, until: "06:00:00").incidents
        #expect(incidents.contains { Outcome.root($0) == "HUB env env.flood" }, "without \(missing): \(incidents.map { Outcome.root($0) })")
    }

    /// S30: two faults that meet at one site are two incidents, each with its own root.
    @Test(arguments: [
        (Scenes.startFailed, Scenes.rain.replacing("15:", with: "02:"), ["dg.start_failed", "rain.fade"]),
        (Scenes.startFailed, "02:30:00 HUB light.failed state=raised position=top\n", ["dg.start_failed", "light.failed"]),
        (Scenes.rectifier, "02:20:00 HUB sync.gnss_lost state=raised\n02:24:00 HUB sync.holdover state=raised\n", ["rectifier.failed", "sync.gnss_lost"]),
        (Scenes.dark, "06:30:00 KID2 hvac.failed state=raised unit=1\n06:59:00 KID2 env.high_temp state=raised t=41\n", ["dg.start_failed", "hvac.failed"]),
    ])
    func independentFaultsKeepTheirOwnRoots(_ first: String, _ second: String, _ roots: [String]) {
        let outcome = Outcome(first + second, until: "07:10:00")
        #expect(outcome.incidents.map { $0.rootCauseCandidates[0].condition }.sorted() == roots)
    }

    @Test(arguments: [Scenes.cooling, Scenes.batteryTheft, Scenes.lineTheft, Scenes.surge, Scenes.flood, Scenes.timing])
    func everyShippedSentenceIsFilledIn(_ script: String) {
        for change in Outcome(script, until: "12:00:00").output.incidents {
            #expect(!change.snapshot.explanation.contains("{") && !change.snapshot.title.contains("{"))
            #expect(change.snapshot.actions.allSatisfy { !$0.text.contains("{") && !$0.detail.contains("{") })
        }
    }
}
