import TowerModel

/// Periodic readings of hops, cells, lamps and the tower itself.
extension World {
    /// The site's microwave hop towards the core, as its radio measures it.
    mutating func readUplink(_ site: Int) {
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
        readSlowSensors(site)
        guard isPowered(site), sites[site].isReachable else { return }
        let traffic = DayProfile.traffic(localHour) * DayProfile.weekday(Double(startMilliseconds) / 1000 + now)
        let dead = cellsWithoutService(site) | sites[site].cellsDown
        for cell in 0..<fleet.sites[site].cells {
            let isDown = dead & (1 << UInt32(cell)) != 0
            // A sleeping cell transmits and nobody comes: a stray attempt now and then.
            let isAsleep = extras[site].sleeping & (1 << UInt32(cell)) != 0
            let usual = max(0, (900 * traffic * (1 + 0.1 * readings.ripple())).rounded())
            let attempts = isDown ? 0 : isAsleep ? Double(readings.integer(0...2)) : usual
            let use = isAsleep ? 0 : traffic
            openReading("ran.pm", site: site, producer: .radio)
            writer.field("cell", String(cell + 1))
            writer.field("rrc_att", Int(attempts))
            writer.field("rrc_succ", Int((attempts * 0.994).rounded()))
            writer.field("drop", isDown ? 0 : max(0, 0.4 + 0.1 * readings.ripple()), decimals: 2)
            writer.field("prb", isDown ? 0 : max(1, 62 * use + 4 * readings.ripple() * use), decimals: 1)
            writer.field("thr", isDown ? 0 : max(isAsleep ? 0 : 1, 48 * use + 3 * readings.ripple() * use), decimals: 1)
            writer.field("unavail_s", isDown ? radioPeriod : 0, decimals: 0)
            closeReading(site: site, producer: .radio)
        }
    }

    // MARK: What changes slowly

    /// Obstruction lights stand on towers that aviation rules ask them for: here every second one.
    func hasLight(_ site: Int) -> Bool { site % 2 == 0 }

    /// Strings, lamps, tilt and wind: at the rhythm of the radio's counters.
    private mutating func readSlowSensors(_ site: Int) {
        guard sites[site].isControllerAlive else { return }
        if fleet.sites[site].strings > 1 { readStrings(site) }
        if hasLight(site) { readLight(site) }
        if topology.uplink[site] >= 0 { readStructure(site) }
    }

    /// The bank's current in equal parts, as the strings' own sensors see it.
    private mutating func readStrings(_ site: Int) {
        settle(site)
        let strings = fleet.sites[site].strings
        let share = sites[site].batteryAmperes / Double(strings)
        for number in 1...strings {
            openReading("battery.telemetry", site: site, producer: .controller)
            writer.field("string_id", "S\(number)")
            writer.field("v", sites[site].busVolts + 0.015 * readings.ripple(), decimals: 2)
            writer.field("i", share + 0.02 * readings.ripple(), decimals: 2)
            closeReading(site: site, producer: .controller)
        }
    }

    private mutating func readLight(_ site: Int) {
        let sun = DayProfile.sun(localHour)
        let lamps = max(0, 2 - extras[site].lampsOut)
        let isNight = sun < 0.05
        openReading("light.telemetry", site: site, producer: .controller)
        writer.field("i", isNight ? 0.45 * Double(lamps) + 0.01 * readings.ripple() : 0.04, decimals: 2)
        writer.field("lux", max(1, sun * 90_000), decimals: 0)
        closeReading(site: site, producer: .controller)
    }

    private mutating func readStructure(_ site: Int) {
        let breeze = 4 + 2.5 * DayProfile.sun(localHour)
        let wind = max(0, max(breeze, extras[site].stormWind) + 0.8 * readings.ripple())
        openReading("structure.telemetry", site: site, producer: .controller)
        writer.field("tilt", extras[site].tiltDegrees + 0.02 + 0.004 * readings.ripple(), decimals: 3)
        writer.field("accel", max(0, 0.01 + 0.0004 * wind * wind * (1 + 0.1 * readings.ripple())), decimals: 3)
        writer.field("wind", wind, decimals: 1)
        writer.field("strain", 120 + 0.6 * wind * wind + 2 * readings.ripple(), decimals: 0)
        closeReading(site: site, producer: .controller)
    }
}
