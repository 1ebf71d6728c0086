import Testing
import TowerModel

@testable import TowerSimulation

/// What goes in comes out or is still there: fuel, charge, heat, level.
@Suite struct BalanceTests {
    /// Runs everything that moves fuel or charge and looks every quarter of an hour.
    private func walk(_ scenarios: [ScenarioID], seed: UInt64, hours: Double = 48, look: (World) -> Void) throws {
        var simulation = try Simulation(configuration: quick(sites: 40, hours: hours, scenarios, seed: seed))
        for quarter in 1...Int(hours * 4) {
            _ = simulation.next(until: simulation.configuration.start.adding(seconds: Double(quarter) * 900))
            look(simulation.world)
        }
    }

    @Test(arguments: [1, 2, 3]) func everyLitreIsInTheTankBurntOrGone(seed: UInt64) throws {
        var worst = 0.0
        var thefts = 0
        try walk([.s02, .s03, .s11, .s12, .s20], seed: seed) { world in
            // The first look comes after the faults have set their tanks.
            for site in world.sites.indices where world.fleet.sites[site].generator != nil {
                let state = world.sites[site]
                let first = world.extras[site].litresAtStart
                let there = first + state.litresDelivered - state.litresBurnt - world.extras[site].litresDrained
                worst = max(worst, (there - state.fuelLitres).magnitude)
                if world.extras[site].litresDrained > 1 { thefts += 1 }
            }
        }
        #expect(worst < 1e-6, "\(worst) l")
        #expect(thefts > 0)
    }

    @Test(arguments: [1, 2, 3]) func aTheftTakesWhatItsTruthSays(seed: UInt64) throws {
        let run = try Run(quick(sites: 40, hours: 48, [.s11], seed: seed, background: 0))
        for fault in run.truth where fault.scenario == .s11 {
            let litres = try #require(fault.litres)
            #expect((1...200).contains(litres))
            let levels = try run.parsed().filter { $0.type == "fuel.telemetry" && $0.site == fault.root.siteID }
            let before = levels.last { $0.timestamp <= fault.onset }?.payload["level"] as? Double
            let after = levels.first { $0.timestamp >= fault.clear ?? fault.onset }?.payload["level"] as? Double
            if let before, let after { #expect((before - after - litres).magnitude < 2, "\(before) - \(after), \(litres) l taken") }
        }
    }

    @Test(arguments: [1, 2]) func aShortDeliveryIsShortByItsShare(seed: UInt64) throws {
        for tryout in 0..<6 as Range<UInt64> {
            let run = try Run(quick(sites: 40, hours: 48, [.s12], seed: seed * 10 + tryout, background: 0))
            var byID: [String: ParsedEvent] = [:]
            for event in try run.parsed() { byID[event.id] = event }
            for fault in run.truth where fault.root.condition == "fuel.short_delivery" {
                let refuel = try #require(fault.eventIDs.compactMap { byID[$0.description] }.first { $0.type == "fuel.refuel" })
                let volume = try #require(refuel.payload["volume"] as? Double)
                let measured = try #require(refuel.payload["measured"] as? Double)
                #expect((0.04...0.16).contains(1 - measured / volume))
            }
        }
    }

    @Test(arguments: [1, 2, 3]) func chargeStaysInTheBankAndNoneFlowsWhereItIsGone(seed: UInt64) throws {
        var wrong: [String] = []
        var gone = 0
        try walk([.s05, .s08, .s09, .s10, .s28], seed: seed) { world in
            for site in world.sites.indices {
                let state = world.sites[site]
                if !(0...1).contains(state.charge) { wrong.append("charge \(state.charge)") }
                guard world.extras[site].isBatteryGone else { continue }
                gone += 1
                if state.batteryAmperes != 0 { wrong.append("current without a battery") }
                if state.busVolts > 0, !world.hasAC(site) { wrong.append("voltage without any source") }
            }
        }
        #expect(wrong.isEmpty, "\(wrong.prefix(4))")
        #expect(gone > 0)
    }

    @Test func aTransferSwitchThatFailsBurnsFuelAndMakesNoEnergy() throws {
        var seen = 0
        for seed in 1...5 as ClosedRange<UInt64> {
            try walk([.s20], seed: seed, hours: 30) { world in
                for site in world.sites.indices where world.extras[site].isTransferFailed && world.sites[site].generator == .onLoad {
                    seen += 1
                    #expect(world.generatorKilowatts(site) == 0)
                    #expect(world.sites[site].batteryAmperes <= 0)
                }
            }
        }
        #expect(seen > 0)
    }

    @Test func aShelterWithoutCoolingEndsBetweenTenAndThirtyKelvinAboveTheAirAndACoolOneHoldsItsBand() {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<200 {
            let shelter = Shelter.typical(&random)
            #expect((1800...7200).contains(shelter.timeConstant))
            var (hot, cool, free) = (26.0, 26.0, 26.0)
            for _ in 0..<(48 * 60) {
                func step(_ celsius: Double, _ cooling: Shelter.Cooling) -> Double {
                    shelter.step(celsius, seconds: 60, outdoor: 30, sun: 0.5, load: 1, cooling: cooling)
                }
                (hot, cool, free) = (step(hot, .none), step(cool, .compressor(1)), step(free, .freeAir))
            }
            #expect((10...28).contains(hot - 30))
            #expect((Shelter.setpoint - 1...Shelter.setpoint + Shelter.band).contains(cool))
            #expect(free < 34)
            #expect(Shelter.duty(cool) < 1)
        }
    }

    /// The exact step: sixty of a minute are one of an hour.
    @Test func thermalStepsDoNotDependOnTheirLength() {
        var random = SeededGenerator(seed: 8)
        let shelter = Shelter.typical(&random)
        var minutes = 26.0
        for _ in 0..<60 { minutes = shelter.step(minutes, seconds: 60, outdoor: 31, sun: 0, load: 1, cooling: .none) }
        let hour = shelter.step(26, seconds: 3600, outdoor: 31, sun: 0, load: 1, cooling: .none)
        #expect((minutes - hour).magnitude < 1e-9)
    }

    @Test(arguments: [(15.0, 0.5), (18, 0.5), (23, 0.5), (38, 0.5)])
    func aTurnedDishLosesMoreTheHigherItsFrequency(frequency: Double, degrees: Double) {
        let loss = World.pointingLoss(degrees: degrees, frequencyGHz: frequency)
        #expect(loss > World.pointingLoss(degrees: degrees, frequencyGHz: frequency - 3))
        #expect(loss > 0 && loss <= 25)
        // Half the beamwidth off costs three decibels.
        #expect((World.pointingLoss(degrees: 35 / frequency / 2, frequencyGHz: frequency) - 3).magnitude < 1e-9)
    }

    @Test func sleepingCellsCarryNothingWhileTheirNeighboursDo() throws {
        var seen = 0
        for seed in 1...4 as ClosedRange<UInt64> {
            var configuration = quick(sites: 30, hours: 48, [.s27], seed: seed, background: 0)
            configuration.telemetryPeriodSeconds = 900
            let run = try Run(configuration)
            for fault in run.truth {
                let cell = String(fault.root.managedObject.dropFirst("cell:".count))
                for event in try run.parsed() where event.type == "ran.pm" && event.site == fault.root.siteID {
                    guard event.timestamp > fault.onset, event.timestamp < fault.clear ?? event.timestamp else { continue }
                    let attempts = event.payload["rrc_att"] as? Double ?? -1
                    if event.payload["cell"] as? String == cell {
                        seen += 1
                        #expect(attempts <= 2 && event.payload["unavail_s"] as? Double == 0)
                    } else {
                        #expect(attempts > 20)
                    }
                }
            }
        }
        #expect(seen > 0)
    }

    @Test func aHeapGivesBackInOrderWhateverWentIn() {
        struct Number: HeapOrdered {
            var value: UInt64
            static func precedes(_ left: Number, _ right: Number) -> Bool { left.value < right.value }
        }
        var random = SeededGenerator(seed: 3)
        var heap = BinaryHeap<Number>()
        var expected: [UInt64] = []
        for _ in 0..<500 {
            let value = random.next() % 1000
            heap.insert(Number(value: value))
            expected.append(value)
            guard random.chance(0.3), let least = heap.popFirst() else { continue }
            #expect(least.value == expected.min())
            expected.remove(at: expected.firstIndex(of: least.value) ?? 0)
        }
        var drained: [UInt64] = []
        while let next = heap.popFirst() { drained.append(next.value) }
        #expect(drained == expected.sorted())
        #expect(heap.first == nil && heap.count == 0)
    }
}
