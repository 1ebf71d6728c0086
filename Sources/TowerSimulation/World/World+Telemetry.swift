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
        let isLying = channel.lies[site] == .stuckGrid
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
        openReading("rectifier.telemetry", site: site, producer: .controller)
        writer.field("modules_ok", state.isRectifierFailed ? 0 : 4)
        writer.field("modules_total", 4)
        writer.field("out_i", isOn ? max(0, state.loadAmperes + state.batteryAmperes) : 0, decimals: 1)
        writer.field("eff", isOn ? 95.5 + 0.2 * readings.ripple() : 0, decimals: 1)
        writer.field("temp", state.indoorCelsius + (isOn ? 9 : 1) + 0.3 * readings.ripple(), decimals: 1)
        closeReading(site: site, producer: .controller)
    }

    private mutating func readBattery(_ site: Int) {
        let spec = fleet.sites[site]
        let state = sites[site]
        openReading("battery.telemetry", site: site, producer: .controller)
        writer.field("v", state.busVolts + 0.015 * readings.ripple(), decimals: 2)
        writer.field("i", state.batteryAmperes + 0.05 * readings.ripple(), decimals: 1)
        writer.field("soc", state.charge * 100, decimals: 1)
        writer.field("soh", spec.stateOfHealth * 100, decimals: 1)
        let heating = max(0, -state.batteryAmperes) / spec.effectiveAmpHours * 18
        writer.field("temp", state.indoorCelsius + heating + 0.1 * readings.ripple(), decimals: 1)
        writer.field("ah_in", state.ampHoursIn, decimals: 2)
        writer.field("ah_out", state.ampHoursOut, decimals: 2)
        writer.field("chemistry", "vrla")
        closeReading(site: site, producer: .controller)
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
        if channel.lies[site] == .invertedGenerator {
            writer.quoted(isTurning ? "stopped" : "running")
        } else {
            writer.quoted(name)
        }
        writer.field("rpm", isTurning ? 1500 + 4 * readings.ripple() : state.generator == .cranking ? 210 : 0, decimals: 0)
        writer.field("f", isTurning ? 50 + 0.1 * readings.ripple() : 0, decimals: 2)
        writer.field("v", isTurning ? 230 + readings.ripple() : 0, decimals: 1)
        writer.field("i", kilowatts * 1000 / 3 / 230, decimals: 2)
        writer.field("p", kilowatts, decimals: 2)
        writer.field("oil", isTurning ? 380 + 5 * readings.ripple() : 0, decimals: 0)
        writer.field("coolant", isTurning ? 82 + readings.ripple() : state.indoorCelsius, decimals: 1)
        writer.field("start_batt", starterVolts(site) + 0.02 * readings.ripple(), decimals: 2)
        writer.field("run_h", 1200 + Double(site * 37 % 3000) + state.generatorRunHours, decimals: 2)
        closeReading(site: site, producer: .controller)
    }

    private mutating func readFuel(_ site: Int) {
        guard let tank = fleet.sites[site].generator?.tankLitres else { return }
        let isStuck = channel.lies[site] == .stuckFuel
        let litres = isStuck ? fleet.sites[site].fuelLitres : max(0, sites[site].fuelLitres + 0.15 * readings.ripple())
        openReading("fuel.telemetry", site: site, producer: .controller)
        writer.field("level", litres, decimals: 1)
        writer.field("level_pct", litres / tank * 100, decimals: 1)
        writer.field("temp", sites[site].indoorCelsius + 1, decimals: 1)
        writer.field("water", 0, decimals: 0)
        closeReading(site: site, producer: .controller)
    }

    private mutating func readSolar(_ site: Int) {
        let sun = DayProfile.sun(localHour)
        let amperes = solarAmperes(site)
        openReading("solar.telemetry", site: site, producer: .controller)
        writer.field("poa", max(0, sun * 1000 + (sun > 0 ? 12 * readings.ripple() : 0)), decimals: 0)
        writer.field("v", sun > 0 ? 96 + readings.ripple() : 0, decimals: 1)
        writer.field("i", amperes, decimals: 1)
        writer.field("p", amperes * 0.05, decimals: 3)
        writer.field("module_temp", DayProfile.outdoor(localHour) + 24 * sun, decimals: 1)
        closeReading(site: site, producer: .controller)
    }

    private mutating func readEnvironment(_ site: Int) {
        let isFrozen = channel.lies[site] == .frozenTemperature
        openReading("env.telemetry", site: site, producer: .controller)
        writer.field("t_in", isFrozen ? 24.5 : sites[site].indoorCelsius + 0.1 * readings.ripple(), decimals: 1)
        writer.field("t_out", DayProfile.outdoor(localHour) + 0.1 * readings.ripple(), decimals: 1)
        writer.field("rh", 68 + 3 * readings.ripple(), decimals: 0)
        closeReading(site: site, producer: .controller)
    }

    /// The site's microwave hop towards the core, as its radio measures it.
    private mutating func readUplink(_ site: Int) {
        let index = Int(topology.uplink[site])
        guard index >= 0, fleet.links[index].kind == .hop else { return }
        let spec = fleet.links[index]
        let state = links[index]
        let isDark = !isPowered(spec.parent) || (spec.isParentEndShed && sites[spec.parent].isLVD1Open)
        let level = isDark ? -99 : max(-99, spec.nominalLevel - state.fadeDecibels + 0.25 * readings.ripple())
        let isShifted = state.fadeDecibels > 16
        let capacity = !state.isUp ? 0 : isShifted ? max(40, 400 - 25 * (state.fadeDecibels - 10)) : 400
        let down = state.isUp ? 0 : min(periods[site], now - (state.unavailableSince ?? now))
        openReading("mw.telemetry", site: site, producer: .transport)
        writer.field("peer", fleet.sites[spec.parent].siteID)
        writer.field("rsl", level, decimals: 1)
        writer.field("mse", state.isUp ? -34 + state.fadeDecibels * 0.5 + 0.3 * readings.ripple() : 0, decimals: 1)
        writer.key("acm")
        writer.quoted(!state.isUp ? "none" : isShifted ? "qpsk" : "256qam")
        writer.field("capacity", capacity, decimals: 0)
        writer.field("es", isShifted ? 4 : 0)
        writer.field("ses", state.fadeDecibels > 22 ? 2 : 0)
        writer.field("uas", down, decimals: 0)
        closeReading(site: site, producer: .transport)
    }

    /// Cell counters from the radio's element manager; none from a site that cannot be reached.
    mutating func readRadio(_ site: Int) {
        schedule.add(at: now + radioPeriod, .radioCounters(site: Int32(site)))
        guard isPowered(site), sites[site].isReachable else { return }
        let traffic = DayProfile.traffic(localHour)
        let dead = cellsWithoutService(site) | sites[site].cellsDown
        for cell in 0..<fleet.sites[site].cells {
            let isDown = dead & (1 << UInt32(cell)) != 0
            let attempts = isDown ? 0 : max(0, (900 * traffic * (1 + 0.1 * readings.ripple())).rounded())
            openReading("ran.pm", site: site, producer: .radio)
            writer.field("cell", String(cell + 1))
            writer.field("rrc_att", Int(attempts))
            writer.field("rrc_succ", Int((attempts * 0.994).rounded()))
            writer.field("drop", isDown ? 0 : max(0, 0.4 + 0.1 * readings.ripple()), decimals: 2)
            writer.field("prb", isDown ? 0 : max(1, 62 * traffic + 4 * readings.ripple()), decimals: 1)
            writer.field("thr", isDown ? 0 : max(1, 48 * traffic + 3 * readings.ripple()), decimals: 1)
            writer.field("unavail_s", isDown ? radioPeriod : 0, decimals: 0)
            closeReading(site: site, producer: .radio)
        }
    }
}
