import TowerModel

/// The generator's life: asked, cranked, warmed, loaded, cooled, failed, dry.
extension World {
    mutating func askGenerator(_ site: Int) {
        guard fleet.sites[site].generator != nil else { return }
        switch sites[site].generator {
        case .stopped, .cooling:
            let isRunning = sites[site].generator == .cooling
            sites[site].generatorGeneration &+= 1
            sites[site].generator = .waiting
            let drawn = isRunning ? random.uniform(20, 30) : random.uniform(14, 30)
            let delay = failingPlan(site)?.cranking?.startDelay ?? drawn
            schedule.add(
                at: now + delay, .generatorStart(site: Int32(site), generation: sites[site].generatorGeneration))
        case .waiting, .cranking, .warming, .onLoad, .failed, .exhausted: break
        }
    }

    mutating func dismissGenerator(_ site: Int) {
        switch sites[site].generator {
        case .waiting, .cranking:
            sites[site].generatorGeneration &+= 1
            sites[site].generator = .stopped
        case .warming, .onLoad:
            let wasOnLoad = sites[site].generator == .onLoad
            sites[site].generatorGeneration &+= 1
            sites[site].generator = wasOnLoad ? .cooling : .stopped
            guard wasOnLoad else { return }
            schedule.add(
                at: now + random.uniform(180, 300),
                .generatorCooled(site: Int32(site), generation: sites[site].generatorGeneration))
        case .failed: schedule.add(at: now + random.uniform(120, 900), .generatorReset(site: Int32(site)))
        case .exhausted: schedule.add(at: now + random.uniform(900, 3600), .refuel(site: Int32(site)))
        case .stopped, .cooling: break
        }
    }

    mutating func performGenerator(_ action: Action) {
        switch action {
        case .generatorStart(let site, let generation):
            guard isCurrent(site, generation) else { return }
            crank(Int(site), number: 1)
        case .generatorCrank(let site, let generation, let number):
            guard isCurrent(site, generation) else { return }
            crank(Int(site), number: number)
        case .generatorCrankEnd(let site, let generation, let number):
            guard isCurrent(site, generation) else { return }
            endCrank(Int(site), number: number)
        case .generatorOnLoad(let site, let generation):
            guard isCurrent(site, generation) else { return }
            takeLoad(Int(site))
        case .generatorCooled(let site, let generation):
            guard isCurrent(site, generation) else { return }
            stopGenerator(Int(site), reason: "grid_restored")
        case .testRunEnd(let site, let generation):
            guard isCurrent(site, generation) else { return }
            stopGenerator(Int(site), reason: "test_finished")
        case .generatorReset(let site):
            guard sites[Int(site)].generator == .failed else { return }
            sites[Int(site)].generator = .stopped
            sites[Int(site)].isStartBatteryWeak = false
            sites[Int(site)].weakStarterFault = -1
            sites[Int(site)].startVolts = 12.7
            report(Int(site), SiteAlarm.generatorFailed.bit | SiteAlarm.startBatteryLow.bit)
        case .weakStarter(let site):
            guard sites[Int(site)].weakStarterFault >= 0 else { return }
            sites[Int(site)].isStartBatteryWeak = true
            report(Int(site), SiteAlarm.startBatteryLow.bit)
        default: break
        }
    }

    private func isCurrent(_ site: Int32, _ generation: UInt32) -> Bool { sites[Int(site)].generatorGeneration == generation }

    private mutating func crank(_ site: Int, number: Int8) {
        integrate(site)
        sites[site].generator = .cranking
        let failing = failingPlan(site)
        // A controller cranks at most 15 s, rests 7 to 15 s and gives up after the third try.
        let drawn = failing != nil ? random.uniform(11, 15) : random.uniform(3, 7)
        let seconds = failing?.cranking?.crank ?? drawn
        schedule.add(
            at: now + seconds,
            .generatorCrankEnd(site: Int32(site), generation: sites[site].generatorGeneration, crank: number))
    }

    func willFailToStart(_ site: Int) -> Bool { failingPlan(site) != nil }

    /// The fault by which the generator will not start, if it is the present one.
    private func failingPlan(_ site: Int) -> FaultPlan? {
        let fault = sites[site].powerFault
        guard fault >= 0 else { return nil }
        let plan = faults[Int(fault)].plan
        return plan.scenario == .s02 && plan.site == site ? plan : nil
    }

    private mutating func endCrank(_ site: Int, number: Int8) {
        integrate(site)
        let generation = sites[site].generatorGeneration
        guard willFailToStart(site) else {
            sites[site].generator = .warming
            schedule.add(at: now + random.uniform(8, 40), .generatorOnLoad(site: Int32(site), generation: generation))
            return
        }
        sites[site].startVolts -= 0.15
        if number < 3 {
            let rest = failingPlan(site)?.cranking?.rest ?? random.uniform(7, 15)
            schedule.add(at: now + rest, .generatorCrank(site: Int32(site), generation: generation, crank: number + 1))
        } else {
            sites[site].generator = .failed
            report(site, SiteAlarm.generatorFailed.bit)
        }
    }

    private mutating func takeLoad(_ site: Int) {
        integrate(site)
        sites[site].generator = .onLoad
        let fault = sites[site].powerFault
        emitAlarm(
            site, .generatorStarted, .raised, fault: fault, causes: (sites[site].raise(.grid), nil)
        ) { $0.field("reason", "grid_lost") }
        failTransfer(site, fault)
        settle(site)
        schedule.add(at: now + random.uniform(1, 4), .report(site: Int32(site), mask: SiteAlarm.discharging.bit))
    }

    private mutating func stopGenerator(_ site: Int, reason: String) {
        integrate(site)
        sites[site].generator = .stopped
        let fault = reason == "test_finished" ? -1 : sites[site].powerFault
        emitAlarm(site, .generatorStopped, .raised, fault: fault, causes: (nil, nil)) { $0.field("reason", reason) }
        settle(site)
    }

    /// The engine starves: the tank is empty, the battery takes over.
    mutating func exhaustGenerator(_ site: Int) {
        sites[site].generator = .exhausted
        sites[site].generatorGeneration &+= 1
        sites[site].fuelLevel = 3
        report(site, SiteAlarm.fuelLow.bit)
        let reference = emitAlarm(
            site, .generatorStopped, .raised, fault: sites[site].powerFault, causes: (sites[site].raise(.fuelLow), nil)
        ) { $0.field("reason", "low_fuel") }
        sites[site].lastGeneratorStop = reference
        schedule.add(at: now + random.uniform(1.2, 5), .report(site: Int32(site), mask: SiteAlarm.discharging.bit))
    }

    /// Off-grid sites run the engine between 45 and 90 % charge; the sun does the rest. `true` when something switched.
    mutating func cycleOffGridGenerator(_ site: Int) -> Bool {
        guard fleet.sites[site].generator != nil, sites[site].fuelLitres > 1 else { return false }
        let generator = sites[site].generator
        if generator == .stopped, sites[site].charge < 0.45, sites[site].batteryAmperes < 0 {
            sites[site].generator = .onLoad
            sites[site].generatorGeneration &+= 1
            emitAlarm(site, .generatorStarted, .raised, fault: -1, causes: (nil, nil)) { $0.field("reason", "battery_cycle") }
            return true
        }
        if generator == .onLoad, sites[site].charge > 0.9 {
            sites[site].generator = .stopped
            emitAlarm(site, .generatorStopped, .raised, fault: -1, causes: (nil, nil)) { $0.field("reason", "battery_cycle") }
            return true
        }
        return false
    }

    // MARK: Fuel

    /// Hours until the tank is empty at the rate of a running engine, or at the usual load when it stands.
    func hoursToEmpty(_ site: Int) -> Double {
        let kilowatts = sites[site].generator == .onLoad ? generatorKilowatts(site) : fleet.sites[site].loadKilowatts / 0.9 + 0.9
        return sites[site].fuelLitres / GeneratorModel.litresPerHour(kilowatts: kilowatts)
    }

    mutating func updateFuelLevel(_ site: Int) {
        guard sites[site].generator == .onLoad, sites[site].charge > 0.97 || sites[site].fuelLevel > 0 else { return }
        let hours = hoursToEmpty(site)
        let level: UInt8 = hours < 6 ? 3 : hours < 24 ? 2 : hours < 48 ? 1 : 0
        guard level > sites[site].fuelLevel else { return }
        sites[site].fuelLevel = level
        report(site, SiteAlarm.fuelLow.bit)
    }

    /// Orders fuel for a healthy site in good time; sites of a planned fuel fault wait for their fault to end.
    mutating func orderFuel(_ site: Int) {
        guard fleet.sites[site].generator != nil, !sites[site].isRefuelOrdered, hoursToEmpty(site) < 72, !isFuelWithheld(site)
        else { return }
        sites[site].isRefuelOrdered = true
        schedule.add(at: now + random.uniform(3600, 5 * 3600), .refuel(site: Int32(site)))
    }

    private func isFuelWithheld(_ site: Int) -> Bool {
        faults.contains { $0.plan.scenario == .s03 && $0.plan.site == site && !$0.hasEnded }
    }

    /// Fills the tank against a voucher.
    /// - Parameter shortfall: share of the voucher that never reaches the tank.
    mutating func refuel(_ site: Int, shortfall: Double = 0, fault: Int32 = -1) {
        integrate(site)
        sites[site].isRefuelOrdered = false
        guard let tank = fleet.sites[site].generator?.tankLitres else { return }
        let volume = max(0, 0.92 * tank - sites[site].fuelLitres)
        let measured = volume * (1 - shortfall)
        sites[site].fuelLitres += measured
        sites[site].litresDelivered += measured
        if fault >= 0 { faults[Int(fault)].truth.litres = volume - measured }
        sites[site].fuelLevel = 0
        if sites[site].generator == .exhausted { sites[site].generator = .stopped }
        let voucher = "V-\(random.integer(100_000...999_999))"
        let paper = notice(site, .fuelVoucher, fault: fault) { out in
            out.field("voucher_id", voucher)
            out.field("volume", volume, decimals: 0)
            out.field("supplier", "Sahel Fuels")
        }
        notice(site, .fuelRefuel, fault: fault, cause: paper) { out in
            out.field("volume", volume, decimals: 0)
            out.field("voucher_id", voucher)
            out.field("measured", measured, decimals: 1)
        }
        report(site, SiteAlarm.fuelLow.bit)
        settle(site)
        if !hasGrid(site), !fleet.sites[site].isOffGrid { askGenerator(site) }
    }
}
