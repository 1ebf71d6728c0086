import Testing
import TowerModel

@testable import TowerSimulation

/// The chains and delays of DOMAIN 5.2, read from the events.
@Suite struct ScenarioTests {
    private struct Chain {
        var truth: FaultTruth
        var events: [ParsedEvent]
        func first(_ type: String, state: String? = nil, where condition: (ParsedEvent) -> Bool = { _ in true }) -> ParsedEvent? {
            events.first { $0.type == type && (state == nil || $0.state == state) && condition($0) }
        }
        func delay(_ from: ParsedEvent?, _ to: ParsedEvent?) -> Double? {
            guard let from, let to else { return nil }
            return to.timestamp.seconds(since: from.timestamp)
        }
    }

    private func chains(_ scenario: ScenarioID, seed: UInt64, hours: Double = 36) throws -> [Chain] {
        let run = try Run(quick(sites: 60, hours: hours, [scenario], seed: seed, background: scenario == .s01 ? 1 : 0))
        var byID: [String: ParsedEvent] = [:]
        for event in try run.parsed() { byID[event.id] = event }
        return run.truth.filter { $0.scenario == scenario }.map { fault in
            Chain(truth: fault, events: fault.eventIDs.compactMap { byID[$0.description] })
        }
    }

    private func expect(_ delay: Double?, _ range: ClosedRange<Double>, _ what: String) {
        guard let delay else {
            Issue.record("\(what): not seen")
            return
        }
        #expect(range.contains(delay), "\(what): \(delay) s")
    }

    @Test(arguments: [1, 2]) func harmlessOutageIsCarried(seed: UInt64) throws {
        let found = try chains(.s01, seed: seed)
        #expect(found.count > 3)
        for chain in found {
            #expect(chain.truth.benign)
            #expect(!chain.events.contains { $0.type == "ran.cell_down" || $0.type == "power.dc.lvd_open" })
            let lost = chain.first("power.grid.outage", state: "raised")
            expect(chain.delay(lost, chain.first("battery.discharging", state: "raised")), 0.2...5, "discharge")
            if let started = chain.first("dg.started") { expect(chain.delay(lost, started), 20...90, "on load") }
        }
    }

    @Test(arguments: [1, 2, 3]) func generatorThatDoesNotStartEndsInDarkness(seed: UInt64) throws {
        let found = try chains(.s02, seed: seed)
        #expect(!found.isEmpty)
        for chain in found {
            let lost = chain.first("power.grid.outage", state: "raised")
            expect(chain.delay(lost, chain.first("dg.start_failed", state: "raised")), 60...125, "start failed")
            let discharge = chain.first("battery.discharging", state: "raised")
            expect(chain.delay(lost, discharge), 0.2...5, "discharge")
            func contactor(_ priority: Int) -> ParsedEvent? {
                chain.first("power.dc.lvd_open") { $0.payload["priority"] as? Int == priority }
            }
            let low = chain.first("power.dc.low_voltage", state: "raised")
            guard let dark = chain.delay(discharge, contactor(2)), let warned = chain.delay(discharge, low) else {
                Issue.record("no LVD2 within the span")
                continue
            }
            #expect((0.45...0.8).contains(warned / dark), "low voltage at \(warned / dark) of autonomy")
            expect(chain.delay(contactor(1), contactor(2)), 0.4 * 3600...2.5 * 3600, "LVD1 to LVD2")
            expect(chain.delay(contactor(2), chain.first("rms.dying_gasp")), 0...30, "dying gasp")
            let cell = chain.first("ran.cell_down") {
                $0.site == chain.truth.root.siteID && $0.timestamp >= contactor(2)!.timestamp
            }
            expect(chain.delay(contactor(2), cell), 0...30, "own cells")
            for event in chain.events where event.type == "ran.cell_down" && event.payload["cause"] as? String == "transport" {
                // Through LVD1 for a branch that hangs on it, through LVD2 for the others.
                let after = [contactor(1), contactor(2)].compactMap { $0 }.map { event.timestamp.seconds(since: $0.timestamp) }
                #expect(after.contains { (5...61).contains($0) }, "transport \(after)")
            }
            #expect(chain.truth.clear != nil)
        }
    }

    @Test(arguments: [1, 2]) func emptyTankEndsLikeAFailedStart(seed: UInt64) throws {
        let found = try chains(.s03, seed: seed, hours: 96)
        #expect(!found.isEmpty)
        for chain in found {
            let low = chain.first("fuel.low", state: "raised")
            let stopped = chain.first("dg.stopped") { $0.payload["reason"] as? String == "low_fuel" }
            expect(chain.delay(low, stopped), 18 * 3600...49 * 3600, "fuel low to empty")
            let again = chain.events.last { $0.type == "battery.discharging" && $0.state == "raised" }
            expect(chain.delay(stopped, again), 0.5...5, "discharge again")
            #expect(chain.first("power.dc.lvd_open") { $0.payload["priority"] as? Int == 2 } != nil)
        }
    }

    @Test(arguments: [1, 2]) func rectifierFailureDischargesWithTheGridThere(seed: UInt64) throws {
        for chain in try chains(.s05, seed: seed) {
            #expect(chain.first("power.grid.outage") == nil)
            let failed = chain.first("rectifier.system_failed", state: "raised")
            expect(chain.delay(failed, chain.first("battery.discharging", state: "raised")), 1...5, "discharge")
            #expect(chain.first("rectifier.system_failed", state: "cleared") != nil)
        }
    }

    @Test(arguments: [1, 2, 3, 4]) func fibreCutTakesWhatHangsOnItUnlessARingCloses(seed: UInt64) throws {
        for chain in try chains(.s13, seed: seed) {
            let start = chain.truth.onset
            let losses = chain.events.filter { $0.type == "fibre.los" && $0.state == "raised" }
            #expect(losses.count == 2)
            for loss in losses { #expect((0...1).contains(loss.timestamp.seconds(since: start))) }
            let cells = chain.events.filter { $0.type == "ran.cell_down" && $0.state == "raised" }
            for cell in cells { #expect((10...61).contains(cell.timestamp.seconds(since: start))) }
            #expect(cells.isEmpty == (chain.first("ring.protection_lost") != nil))
        }
    }

    @Test(arguments: [1, 2, 3, 4]) func rainFadesHopsAndLeavesNothingBehind(seed: UInt64) throws {
        for chain in try chains(.s14, seed: seed) {
            var open: Set<String> = []
            for event in chain.events {
                let key = "\(event.site) \(event.type) \(event.payload["peer"] ?? event.payload["cell"] ?? "")"
                if event.state == "raised" { open.insert(key) } else { open.remove(key) }
            }
            #expect(open.isEmpty)
            #expect(chain.first("mw.rsl_low") != nil)
            #expect(chain.truth.objects.contains(chain.truth.root.managedObject))
        }
    }

    @Test(arguments: [1, 2]) func blindSiteKeepsItsCells(seed: UInt64) throws {
        for chain in try chains(.s23, seed: seed) {
            #expect(Set(chain.events.map(\.type)) == ["rms.offline"])
            #expect(chain.truth.chargeableSeconds.values.allSatisfy { $0 == 0 })
        }
    }

    @Test(arguments: [1, 2]) func feederTakesAllItsSitesWithinAMinute(seed: UInt64) throws {
        for chain in try chains(.s25, seed: seed) {
            let outages = chain.events.filter { $0.type == "power.grid.outage" && $0.state == "raised" }
            let feeders = Set(outages.compactMap { $0.payload["feeder_id"] as? String })
            #expect(feeders.count == 1)
            #expect(chain.truth.root.managedObject == "feeder:" + (feeders.first ?? ""))
            for outage in outages { #expect((0...61).contains(outage.timestamp.seconds(since: chain.truth.onset))) }
        }
    }

    @Test(arguments: 1...6) func faultsDoNotShareASiteUnlessAsked(seed: UInt64) throws {
        let configuration = quick(sites: 80, seed: seed)
        let fleet = FleetGenerator.generate(sites: 80, seed: seed)
        for spans in ScenarioPlanner.plan(configuration, fleet: fleet).reserved {
            // Low tanks are kept from outages before their fault, which is no overlap of two faults.
            let faults = spans.filter { $0.lowerBound > -1800 || $0.upperBound < 0 }.sorted { $0.lowerBound < $1.lowerBound }
            for (one, next) in zip(faults, faults.dropFirst()) { #expect(one.upperBound <= next.lowerBound) }
        }
    }

    @Test func nothingAskedMeansNothingInjected() throws {
        let run = try Run(quick([], background: 0))
        #expect(run.truth.isEmpty)
        #expect(try !run.parsed().contains { $0.state != nil })
    }

    @Test func whatHasNoRoomIsSaid() throws {
        let simulation = try Simulation(configuration: quick(sites: 1, [.s13, .s14]))
        #expect(simulation.unplaced.map(\.scenario) == [.s13, .s14])
        #expect(try ScenarioID.parse(list: "s02, S13".replacing(" ", with: "")) == [.s02, .s13])
        #expect(throws: SimulationError.self) { try ScenarioID.parse(list: "S99") }
    }
}
