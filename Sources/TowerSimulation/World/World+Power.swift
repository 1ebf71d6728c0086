/// The power chain of one site: charge balance, contactors, and when to look again.
extension World {
    /// Rectifiers are sized for the load and a charge at 0.12 C.
    static let rectifierMargin = 1.15

    /// Integrates to now, recomputes currents, acts on thresholds and plans the next look.
    mutating func settle(_ site: Int) {
        integrate(site)
        balance(site)
        for _ in 0..<4 where actOnThresholds(site) { balance(site) }
        watchHeat(site)
        planTick(site)
    }

    /// Ampere-hours that a full bank gives now; 0 when it is gone.
    func capacity(_ site: Int) -> Double {
        extras[site].isBatteryGone ? 0 : fleet.sites[site].ampHours * extras[site].health
    }

    /// Moves charge, fuel and temperature from the last look to now at the currents found then.
    mutating func integrate(_ site: Int) {
        let seconds = now - sites[site].integratedTo
        guard seconds > 0 else { return }
        let hours = seconds / 3600
        let amperes = sites[site].batteryAmperes
        if capacity(site) <= 0 {
            // Nothing to charge and nothing to draw from.
        } else if amperes < 0 {
            let out = min(-amperes * hours, sites[site].charge * capacity(site))
            sites[site].ampHoursOut += out
            sites[site].charge = max(0, sites[site].charge - out / capacity(site))
        } else if amperes > 0 {
            sites[site].ampHoursIn += amperes * hours
            sites[site].charge = min(
                1, sites[site].charge + amperes * hours * BatteryModel.chargeEfficiency / capacity(site))
        }
        switch sites[site].generator {
        case .warming, .onLoad, .cooling:
            sites[site].generatorRunHours += hours
            let burnt = min(
                sites[site].fuelLitres, GeneratorModel.litresPerHour(kilowatts: generatorKilowatts(site)) * hours)
            sites[site].fuelLitres -= burnt
            sites[site].litresBurnt += burnt
            sites[site].generatorKilowattHours += generatorKilowatts(site) * hours
        case .stopped, .waiting, .cranking, .failed, .exhausted: break
        }
        if extras[site].drain > 0 {
            let lost = min(sites[site].fuelLitres, extras[site].drain * hours)
            sites[site].fuelLitres -= lost
            extras[site].litresDrained += lost
        }
        if hasGrid(site) { sites[site].gridKilowattHours += gridKilowatts(site) * hours }
        heat(site, seconds)
        sites[site].integratedTo = now
    }

    func hasGrid(_ site: Int) -> Bool { !fleet.sites[site].isOffGrid && sites[site].gridCuts == 0 }
    func hasAC(_ site: Int) -> Bool {
        hasGrid(site) || (sites[site].generator == .onLoad && !extras[site].isTransferFailed)
    }
    func isPowered(_ site: Int) -> Bool { !sites[site].isLVD2Open }
    func loadWatts(_ site: Int) -> Double {
        let spec = fleet.sites[site]
        guard !sites[site].isLVD2Open else { return 0 }
        // A radio that shut down by heat leaves transport and controller.
        let running = extras[site].isOverheated ? 0.4 : 1
        let watts = spec.loadKilowatts * 1000 * DayProfile.load(localHour) * running
        return sites[site].isLVD1Open ? watts * (1 - spec.nonCriticalShare) : watts
    }

    func solarAmperes(_ site: Int) -> Double {
        fleet.sites[site].solarKilowattsPeak * 1000 * 0.78 * DayProfile.sun(localHour) / 50 * extras[site].solarYield
    }

    private func rectifierAmperes(_ site: Int) -> Double { max(0, sites[site].loadAmperes + sites[site].batteryAmperes) }
    func gridKilowatts(_ site: Int) -> Double {
        let telecom = sites[site].isRectifierFailed ? 0 : rectifierAmperes(site) * sites[site].busVolts / 940
        return telecom + 0.25 + coolingKilowatts(site)
    }
    func generatorKilowatts(_ site: Int) -> Double {
        guard sites[site].generator == .onLoad, !extras[site].isTransferFailed else { return 0 }
        return rectifierAmperes(site) * sites[site].busVolts / 940 + 0.25 + coolingKilowatts(site)
    }

    /// Currents and bus voltage at this instant.
    mutating func balance(_ site: Int) {
        let spec = fleet.sites[site]
        let watts = loadWatts(site)
        let charge = sites[site].charge
        let capacity = capacity(site)
        guard capacity > 0 else { return balanceWithoutBattery(site, watts) }
        let acceptance = BatteryModel.acceptance(charge: charge) * capacity
        if hasAC(site), !sites[site].isRectifierFailed {
            let volts = BatteryModel.chargeVolts(charge: charge, celsius: sites[site].indoorCelsius)
            sites[site].busVolts = volts
            sites[site].loadAmperes = watts / volts
            sites[site].batteryAmperes = min(acceptance, rectifierRating(site) - watts / volts)
            return
        }
        if sites[site].isLVD2Open, !spec.isOffGrid {
            // Nothing draws and nothing charges: the bank rests and its voltage recovers without closing any contactor.
            sites[site].busVolts = BatteryModel.dischargeVolts(charge: charge, rate: 0)
            sites[site].loadAmperes = 0
            sites[site].batteryAmperes = 0
            return
        }
        // Constant power: the current follows the voltage, two rounds are enough for a millivolt.
        var volts = max(42, min(52, sites[site].busVolts))
        var amperes = 0.0
        let sun = spec.isOffGrid ? solarAmperes(site) : 0
        for _ in 0..<3 {
            amperes = sun - watts / volts
            volts =
                amperes >= 0
                ? BatteryModel.chargeVolts(charge: charge, celsius: sites[site].indoorCelsius)
                : BatteryModel.dischargeVolts(charge: charge, rate: -amperes / capacity)
        }
        sites[site].busVolts = volts
        sites[site].loadAmperes = watts / volts
        sites[site].batteryAmperes = min(acceptance, amperes)
    }

    /// Amperes that the modules give together: one of four is spare, so the first that fails changes nothing.
    private func rectifierRating(_ site: Int) -> Double {
        let spec = fleet.sites[site]
        let full = spec.loadKilowatts * 1000 / 48 * Self.rectifierMargin + 0.12 * spec.effectiveAmpHours
        return full * min(1, Double(4 - extras[site].modulesOut) / 3)
    }

    /// The bus hangs on the rectifier alone: float voltage while it works, nothing the instant it does not.
    private mutating func balanceWithoutBattery(_ site: Int, _ watts: Double) {
        sites[site].batteryAmperes = 0
        let isFed = hasAC(site) && !sites[site].isRectifierFailed
        sites[site].busVolts = isFed ? 54.3 : 0
        sites[site].loadAmperes = isFed ? watts / 54.3 : 0
    }

    /// Opens and closes contactors and stops a dry engine. `true` when currents must be computed anew.
    private mutating func actOnThresholds(_ site: Int) -> Bool {
        let spec = fleet.sites[site]
        let volts = sites[site].busVolts
        if sites[site].generator == .onLoad, sites[site].fuelLitres <= 0.5 {
            exhaustGenerator(site)
            return true
        }
        if spec.isOffGrid, cycleOffGridGenerator(site) { return true }
        if capacity(site) <= 0 {
            let isFed = volts > 0
            if isFed == sites[site].isLVD2Open { isFed ? recoverBus(site) : collapse(site) }
            return isFed == sites[site].isLVD2Open
        }
        if sites[site].batteryAmperes < 0, !sites[site].isLVD2Open {
            if sites[site].charge < 0.35, !sites[site].isBatteryLow {
                sites[site].isBatteryLow = true
                report(site, SiteAlarm.batteryLow.bit)
            }
            let level: UInt8 = volts < 44.5 ? 4 : volts < 46 ? 3 : volts < 47 ? 2 : volts < 48 ? 1 : 0
            if level > sites[site].lowVoltageLevel {
                sites[site].lowVoltageLevel = level
                report(site, SiteAlarm.lowVoltage.bit)
            }
            if volts <= spec.lvd1Volts, !sites[site].isLVD1Open {
                openLVD1(site)
                return true
            }
            if volts <= spec.lvd2Volts || sites[site].charge <= 0 {
                openLVD2(site)
                return true
            }
        } else if sites[site].batteryAmperes > 0 {
            if sites[site].isLVD2Open, volts >= 49.7 {
                closeLVD2(site)
                return true
            }
            if sites[site].isLVD1Open, !sites[site].isLVD2Open, volts >= 50.2 {
                closeLVD1(site)
                return true
            }
            if sites[site].lowVoltageLevel > 0, volts > 49.5 {
                sites[site].lowVoltageLevel = 0
                report(site, SiteAlarm.lowVoltage.bit)
            }
            if sites[site].isBatteryLow, sites[site].charge > 0.45 {
                sites[site].isBatteryLow = false
                report(site, SiteAlarm.batteryLow.bit)
            }
        }
        updateFuelLevel(site)
        return false
    }

    /// Plans the next look: at the next threshold while discharging, at the empty tank while the engine runs, else seldom.
    private mutating func planTick(_ site: Int) {
        sites[site].tickGeneration &+= 1
        let state = sites[site]
        var step = Double.infinity
        if state.batteryAmperes < 0, !state.isLVD2Open {
            step = secondsToThreshold(site, limit: 300)
        } else if state.charge < 0.9995, hasAC(site) || fleet.sites[site].isOffGrid {
            step = state.isLVD1Open || state.lowVoltageLevel > 0 ? 30 : 300
        }
        if state.generator == .onLoad {
            let rate = GeneratorModel.litresPerHour(kilowatts: generatorKilowatts(site))
            step = min(step, 300, max(1, (state.fuelLitres - 0.5) / rate * 3600 + 0.5))
        }
        if fleet.sites[site].isOffGrid { step = min(step, 600) }
        if extras[site].isCoolingFailed || extras[site].heatLevel > 0 { step = min(step, 60) }
        guard step.isFinite else { return }
        schedule.add(at: now + step, .tick(site: Int32(site), generation: sites[site].tickGeneration))
    }

    /// When the bus falls to the next limit at the present current, by bisection; at most `limit`, at least half a second.
    private func secondsToThreshold(_ site: Int, limit: Double) -> Double {
        let spec = fleet.sites[site]
        let state = sites[site]
        let capacity = capacity(site)
        let amperes = -state.batteryAmperes
        func volts(_ seconds: Double) -> Double {
            BatteryModel.dischargeVolts(
                charge: max(0, state.charge - amperes * seconds / 3600 / capacity), rate: amperes / capacity)
        }
        var target = spec.lvd2Volts
        for level in [48, 47, 46, 44.5, spec.lvd1Volts] where level < state.busVolts - 1e-6 && level > target { target = level }
        if state.isLVD1Open, target == spec.lvd1Volts { target = spec.lvd2Volts }
        guard volts(limit) <= target else { return limit }
        var low = 0.0
        var high = limit
        for _ in 0..<24 {
            let middle = (low + high) / 2
            if volts(middle) <= target { high = middle } else { low = middle }
        }
        return max(0.5, high)
    }
}
