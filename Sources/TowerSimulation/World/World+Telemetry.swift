import TowerModel

/// Periodic readings of one site.
extension World {
    mutating func readSensors(_ site: Int, isLive: Bool) {
        guard isLive || now < liveFrom else { return }
        settle(site)
        orderFuel(site)
        schedule.add(at: now + (isLive ? livePeriod : periods[site]), .telemetry(site: Int32(site), isLive: isLive))
        if isPowered(site) { readUplink(site) }
        guard sites[site].isControllerAlive else { return }
        if !fleet.sites[site].isOffGrid { readGrid(site) }
        readBus(site)
        readRectifier(site)
        readBattery(site)
        if fleet.sites[site].generator != nil {
            readGenerator(site)
            readFuel(site)
        }
        if fleet.sites[site].solarKilowattsPeak > 0 { readSolar(site) }
        readEnvironment(site)
        sites[site].controllerSequence += 1
        openReading("rms.heartbeat", site: site, producer: .controller)
        writer.field("count", Int(sites[site].controllerSequence))
        closeReading(site: site, producer: .controller)
    }

    private mutating func readGrid(_ site: Int) {
        let isLying = lieOf(site) == .stuckGrid
        let isOn = hasGrid(site) || isLying
        let kilowatts = hasGrid(site) ? gridKilowatts(site) : 0
        openReading("power.grid.telemetry", site: site, producer: .controller)
        let base = isLying ? 230 : 229 + 3 * readings.ripple()
        let current = kilowatts * 1000 / 3 / 230
        writer.field("v_l1", isOn ? base : 0, decimals: 1)
        writer.field("v_l2", isOn ? base + readings.ripple() : 0, decimals: 1)
        writer.field("v_l3", isOn ? base - readings.ripple() : 0, decimals: 1)
        writer.field("i_l1", current, decimals: 2)
        writer.field("i_l2", current * 0.98, decimals: 2)
        writer.field("i_l3", current * 1.02, decimals: 2)
        writer.field("f", isOn ? 50 + 0.04 * readings.ripple() : 0, decimals: 2)
        writer.field("p", kilowatts, decimals: 2)
        writer.field("e", sites[site].gridKilowattHours, decimals: 2)
        writer.field("pf", isOn ? 0.97 : 0, decimals: 2)
        closeReading(site: site, producer: .controller)
    }

    private mutating func readBus(_ site: Int) {
        let state = sites[site]
        openReading("power.dc.telemetry", site: site, producer: .controller)
        writer.field("bus_v", state.busVolts + 0.015 * readings.ripple(), decimals: 2)
        writer.field("load_i", max(0, state.loadAmperes * (1 + 0.008 * readings.ripple())), decimals: 1)
        writer.field("load_p", state.loadAmperes * state.busVolts / 1000, decimals: 3)
        closeReading(site: site, producer: .controller)
    }

    private mutating func readRectifier(_ site: Int) {
        let state = sites[site]
        let isOn = hasAC(site) && !state.isRectifierFailed
        let modules = state.isRectifierFailed ? 0 : max(0, 4 - extras[site].modulesOut)
        openReading("rectifier.telemetry", site: site, producer: .controller)
        writer.field("modules_ok", modules)
        writer.field("modules_total", 4)
        writer.field("out_i", isOn ? max(0, state.loadAmperes + state.batteryAmperes) : 0, decimals: 1)
        writer.field("eff", isOn ? 95.5 + 0.2 * readings.ripple() : 0, decimals: 1)
        writer.field("temp", state.indoorCelsius + (isOn ? 9 : 1) + 0.3 * readings.ripple(), decimals: 1)
        closeReading(site: site, producer: .controller)
    }

    private mutating func readBattery(_ site: Int) {
        let state = sites[site]
        openReading("battery.telemetry", site: site, producer: .controller)
        writer.field("v", state.busVolts + 0.015 * readings.ripple(), decimals: 2)
        writer.field("i", state.batteryAmperes + 0.05 * readings.ripple(), decimals: 1)
        writer.field("soc", state.charge * 100, decimals: 1)
        // What the last test found, which need not be true today.
        writer.field("soh", fleet.sites[site].stateOfHealth * 100, decimals: 1)
        let heating = capacity(site) > 0 ? max(0, -state.batteryAmperes) / capacity(site) * 18 : 0
        writer.field("temp", state.indoorCelsius + heating + 0.1 * readings.ripple(), decimals: 1)
        if let impedance = impedance(site) { writer.field("r", impedance, decimals: 2) }
        writer.field("ah_in", state.ampHoursIn, decimals: 2)
        writer.field("ah_out", state.ampHoursOut, decimals: 2)
        writer.field("chemistry", "vrla")
        closeReading(site: site, producer: .controller)
    }

    /// Milliohms of the bank: grows as capacity goes; `nil` when there is nothing to measure.
    private mutating func impedance(_ site: Int) -> Double? {
        let capacity = capacity(site)
        guard capacity > 0 else { return nil }
        let rated = fleet.sites[site].ampHours
        return 1100 / rated * (1 + 2.5 * (1 - capacity / rated)) * (1 + 0.01 * readings.ripple())
    }

    /// What one of the site's sensors says instead of the truth, by noise or by a fault.
    func lieOf(_ site: Int) -> NoiseChannel.Lie {
        channel.lies[site] != .none ? channel.lies[site] : extras[site].lie
    }

    /// Voltage of the starter battery now: at rest, sagging for weeks at a site whose start will fail, or under the crank.
    func starterVolts(_ site: Int) -> Double {
        switch sites[site].generator {
        case .cranking: restingStarterVolts(site) - (willFailToStart(site) ? 2.8 : 1.6)
        case .warming, .onLoad, .cooling: 13.8
        case .stopped, .waiting, .failed, .exhausted: restingStarterVolts(site)
        }
    }

    private func restingStarterVolts(_ site: Int) -> Double {
        let fault = sites[site].weakStarterFault
        guard fault >= 0 else { return sites[site].startVolts }
        let onset = faults[Int(fault)].plan.onset
        // From 12.6 V to 11.7 V over three weeks, or over the time that is there when it is less.
        let left = max(0, onset - now) / min(onset, 21 * 86_400)
        return sites[site].startVolts - 1.0 + 0.9 * left
    }

    private mutating func readGenerator(_ site: Int) {
        let state = sites[site]
        let name: StaticString
        var isTurning = false
        switch state.generator {
        case .stopped, .waiting, .exhausted: name = "stopped"
        case .cranking: name = "cranking"
        case .warming, .onLoad, .cooling:
            name = "running"
            isTurning = true
        case .failed: name = "fault"
        }
        let kilowatts = generatorKilowatts(site)
        openReading("dg.telemetry", site: site, producer: .controller)
        writer.key("state")
        if lieOf(site) == .invertedGenerator {
            writer.quoted(isTurning ? "stopped" : "running")
        } else {
            writer.quoted(name)
        }
        writer.field("rpm", isTurning ? 1500 + 4 * readings.ripple() : state.generator == .cranking ? 210 : 0, decimals: 0)
        writer.field("f", isTurning ? 50 + 0.1 * readings.ripple() : 0, decimals: 2)
        writer.field("v", isTurning ? 230 + readings.ripple() : 0, decimals: 1)
        writer.field("i", kilowatts * 1000 / 3 / 230, decimals: 2)
        writer.field("p", kilowatts, decimals: 2)
        writer.field("e", sites[site].generatorKilowattHours, decimals: 2)
        writer.field("oil", isTurning ? 380 + 5 * readings.ripple() : 0, decimals: 0)
        writer.field("coolant", isTurning ? 82 + readings.ripple() : state.indoorCelsius, decimals: 1)
        writer.field("start_batt", starterVolts(site) + 0.02 * readings.ripple(), decimals: 2)
        writer.field("run_h", 1200 + Double(site * 37 % 3000) + state.generatorRunHours, decimals: 2)
        closeReading(site: site, producer: .controller)
    }

    private mutating func readFuel(_ site: Int) {
        guard let tank = fleet.sites[site].generator?.tankLitres else { return }
        let real = max(0, sites[site].fuelLitres + 0.15 * readings.ripple())
        let litres: Double
        switch lieOf(site) {
        case .stuckFuel: litres = extras[site].lie == .stuckFuel ? extras[site].lieLitres : fleet.sites[site].fuelLitres
        case .jumpingFuel: litres = readings.chance(0.3) ? readings.uniform(0, tank) : real
        default: litres = real
        }
        openReading("fuel.telemetry", site: site, producer: .controller)
        writer.field("level", litres, decimals: 1)
        writer.field("level_pct", litres / tank * 100, decimals: 1)
        writer.field("temp", sites[site].indoorCelsius + 1, decimals: 1)
        writer.field("water", 0, decimals: 0)
        closeReading(site: site, producer: .controller)
    }

    private mutating func readSolar(_ site: Int) {
        let sun = DayProfile.sun(localHour)
        let hasPanels = extras[site].solarYield > 0
        let amperes = solarAmperes(site)
        openReading("solar.telemetry", site: site, producer: .controller)
        writer.field("poa", max(0, sun * 1000 + (sun > 0 ? 12 * readings.ripple() : 0)), decimals: 0)
        writer.field("v", sun > 0 && hasPanels ? 96 + readings.ripple() : 0, decimals: 1)
        writer.field("i", amperes, decimals: 1)
        writer.field("p", amperes * 0.05, decimals: 3)
        writer.field("module_temp", DayProfile.outdoor(localHour) + 24 * sun, decimals: 1)
        closeReading(site: site, producer: .controller)
    }

    private mutating func readEnvironment(_ site: Int) {
        let isFrozen = lieOf(site) == .frozenTemperature
        openReading("env.telemetry", site: site, producer: .controller)
        writer.field("t_in", isFrozen ? 24.5 : sites[site].indoorCelsius + 0.1 * readings.ripple(), decimals: 1)
        writer.field("t_out", DayProfile.outdoor(localHour) + 0.1 * readings.ripple(), decimals: 1)
        writer.field("rh", 68 + 3 * readings.ripple(), decimals: 0)
        closeReading(site: site, producer: .controller)
    }
}
