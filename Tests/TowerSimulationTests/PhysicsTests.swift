import Testing
import TowerModel

@testable import TowerSimulation

@Suite struct PhysicsTests {
    @Test(arguments: [(15.0, 3.0), (18, 3.9), (23, 5.6), (38, 10.9), (80, 18.2)])
    func rainAttenuatesAsPublishedAt50MillimetresAnHour(frequency: Double, decibels: Double) {
        let value = RainModel.decibelsPerKilometre(frequencyGHz: frequency, millimetresPerHour: 50)
        #expect((value - decibels).magnitude < 0.06)
    }

    @Test(arguments: [(0.25, 1.2), (0.5, 2.0), (0.75, 2.7), (1.0, 3.6)])
    func generatorBurnsAsItsTableSays(share: Double, litres: Double) {
        // A 15 kVA set at power factor 0.8 gives 12 kW at full load.
        #expect((GeneratorModel.litresPerHour(kilowatts: 12 * share) - litres).magnitude < 0.3)
    }

    @Test func voltageFallsWithChargeAndWithCurrent() {
        var last = 60.0
        for step in stride(from: 100, through: 0, by: -1) {
            let volts = BatteryModel.dischargeVolts(charge: Double(step) / 100, rate: 0.2)
            #expect(volts < last)
            #expect(volts > BatteryModel.dischargeVolts(charge: Double(step) / 100, rate: 0.3))
            last = volts
        }
        #expect(BatteryModel.dischargeVolts(charge: 1, rate: 0.2) > 48)
        #expect(BatteryModel.dischargeVolts(charge: 0, rate: 0.2) < 43.2)
        #expect(BatteryModel.chargeVolts(charge: 1, celsius: 25) == 54.5)
    }

    /// Steps a world in which everything goes wrong and collects whatever must not be.
    @Test(arguments: [1, 2, 3]) func invariantsHoldAtEveryStep(seed: UInt64) throws {
        var simulation = try Simulation(configuration: quick(sites: 40, [.s02, .s03, .s05, .s25], seed: seed))
        var darkSeen = 0
        var violations: [String] = []
        for step in 1...(24 * 30) {
            _ = simulation.next(until: simulation.configuration.start.adding(seconds: Double(step) * 120))
            let world = simulation.world
            for site in world.sites.indices {
                violations += violated(world, site).map { "site \(site), step \(step): \($0)" }
                if world.sites[site].isLVD2Open { darkSeen += 1 }
            }
        }
        #expect(violations.isEmpty, "\(violations.prefix(5))")
        #expect(darkSeen > 0)
    }

    private func violated(_ world: World, _ site: Int) -> [String] {
        let state = world.sites[site]
        var found: [String] = []
        if !(0...1).contains(state.charge) { found.append("charge \(state.charge)") }
        if state.fuelLitres < 0 { found.append("fuel \(state.fuelLitres)") }
        if state.generator == .onLoad, state.fuelLitres == 0 { found.append("runs without fuel") }
        guard state.isLVD2Open else { return found }
        if !state.isLVD1Open { found.append("LVD2 before LVD1") }
        if state.loadAmperes != 0 { found.append("load behind an open LVD2") }
        if state.isReachable { found.append("reachable without power") }
        if state.batteryAmperes < 0 { found.append("discharges behind an open LVD2") }
        if world.cellsWithoutService(site).nonzeroBitCount != world.fleet.sites[site].cells {
            found.append("cell up without power")
        }
        if world.topology.links(of: site).contains(where: { world.links[Int($0)].isUp }) { found.append("link up without power") }
        return found
    }

    @Test func whatGoesOutOfABatteryIsWhatTheLoadDrew() throws {
        var simulation = try Simulation(configuration: quick(sites: 20, [.s02], seed: 4, background: 0))
        _ = simulation.next(until: .distantFuture)
        let world = simulation.world
        for site in world.sites.indices where !world.fleet.sites[site].isOffGrid {
            let state = world.sites[site]
            let capacity = world.fleet.sites[site].effectiveAmpHours
            let stored = state.ampHoursIn * BatteryModel.chargeEfficiency - state.ampHoursOut
            // Float current turns to gas at the top, so more goes in than stays; never less.
            #expect((state.charge - 1) * capacity <= stored + 0.01)
            if state.ampHoursOut > 0 {
                #expect(state.ampHoursOut <= capacity * 1.001 + state.ampHoursIn)
            }
        }
    }

    @Test func aSiteWithoutAPathToTheCoreIsUnreachableAndOnlyThen() throws {
        var simulation = try Simulation(configuration: quick(sites: 60, [.s13, .s02], seed: 5))
        var cutSeen = 0
        var violations: [Int] = []
        for quarter in 1...96 {
            _ = simulation.next(until: simulation.configuration.start.adding(seconds: Double(quarter) * 900))
            let world = simulation.world
            for site in world.sites.indices {
                // An independent walk: some neighbour over a link that is up must be reachable, unless the site is a core end.
                let isCoreEnd = world.topology.uplink[site] < 0
                let hasWay = world.topology.links(of: site).contains { index in
                    let link = world.fleet.links[Int(index)]
                    return world.links[Int(index)].isUp && world.sites[link.child == site ? link.parent : link.child].isReachable
                }
                let expected = world.isPowered(site) && (isCoreEnd || hasWay)
                if world.sites[site].isReachable != expected { violations.append(site) }
                if !expected { cutSeen += 1 }
            }
        }
        #expect(violations.isEmpty)
        #expect(cutSeen > 0)
    }
}
