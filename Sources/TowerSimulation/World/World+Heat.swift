import Glibc

/// The shelter's air: heating, cooling, what the equipment bears, and what heat takes from the battery.
extension World {
    /// Moves the indoor temperature and the battery's age on by `seconds`.
    mutating func heat(_ site: Int, _ seconds: Double) {
        let mean = fleet.sites[site].loadKilowatts * 1000
        let load = mean > 0 ? loadWatts(site) / mean : 0
        let before = sites[site].indoorCelsius
        sites[site].indoorCelsius = extras[site].shelter.step(
            before, seconds: seconds, outdoor: DayProfile.outdoor(localHour), sun: DayProfile.sun(localHour), load: load,
            cooling: cooling(site))
        // A bank loses a fifth of its capacity in six years at 25 Cel, and twice as fast for each 9 K more.
        let celsius = max(25, (before + sites[site].indoorCelsius) / 2)
        extras[site].health -= seconds * 0.2 / (6 * 365 * 86_400) * exp2((celsius - 25) / 9)
        if extras[site].leakPerSecond > 0, now > extras[site].leakFrom {
            let since = max(sites[site].integratedTo, extras[site].leakFrom)
            extras[site].cooling = max(0.2, extras[site].cooling - extras[site].leakPerSecond * (now - since))
        }
        if extras[site].soilingPerSecond > 0 {
            extras[site].solarYield = max(0.3, extras[site].solarYield - extras[site].soilingPerSecond * seconds)
        }
        extras[site].health = max(0.05, extras[site].health - seconds * extras[site].fade)
    }

    private func cooling(_ site: Int) -> Shelter.Cooling {
        if extras[site].isCoolingFailed { return .none }
        return hasAC(site) ? .compressor(extras[site].cooling) : .freeAir
    }

    /// What the compressor draws.
    func coolingKilowatts(_ site: Int) -> Double {
        guard !extras[site].isCoolingFailed, hasAC(site) else { return 0 }
        return Shelter.compressorKilowatts * Shelter.duty(sites[site].indoorCelsius)
    }

    func rackCelsius(_ site: Int) -> Double { sites[site].indoorCelsius + extras[site].shelter.rackRise }

    /// Alarms of the shelter's air with two kelvin of hysteresis, then derating and shutdown of the radio.
    mutating func watchHeat(_ site: Int) {
        let celsius = sites[site].indoorCelsius
        guard celsius > 33 || extras[site].heatLevel > 0 || extras[site].isDerated else { return }
        let old = extras[site].heatLevel
        func level(_ value: Double) -> UInt8 { value >= 55 ? 4 : value >= 45 ? 3 : value >= 40 ? 2 : value >= 35 ? 1 : 0 }
        let new = max(level(celsius), min(old, level(celsius + 2)))
        let fault = heatFault(site)
        if new != old {
            extras[site].heatLevel = new
            let cause = sites[site].raise(.coolingFailed) ?? sites[site].raise(.coolingFanFailed)
            setContact(site, .highTemperature, new > 0, fault: fault, cause: cause, value: celsius)
        }
        if celsius >= 42, !isContactSet(site, .batteryHot) {
            setContact(site, .batteryHot, true, fault: fault, cause: sites[site].raise(.highTemperature), value: celsius)
        } else if celsius < 39, isContactSet(site, .batteryHot) {
            setContact(site, .batteryHot, false, fault: fault)
        }
        derate(site, fault)
    }

    /// The fault under which the shelter is hot: its cooling's, or that of its power.
    private func heatFault(_ site: Int) -> Int32 {
        let slots = [SiteAlarm.coolingFailed, .coolingFanFailed]
        for slot in slots where isContactSet(site, slot) { return extras[site].contactFault[Int(slot.rawValue)] }
        let told = extras[site].contactFault[Int(SiteAlarm.highTemperature.rawValue)]
        return extras[site].heatLevel > 0 && told >= 0 ? told : sites[site].powerFault
    }

    private mutating func derate(_ site: Int, _ fault: Int32) {
        let rack = rackCelsius(site)
        let shelter = extras[site].shelter
        let hot = sites[site].raise(.highTemperature)
        let all = (UInt32(1) << UInt32(fleet.sites[site].cells)) - 1
        if rack >= shelter.derateCelsius, !extras[site].isDerated {
            extras[site].isDerated = true
            for cell in 0..<fleet.sites[site].cells {
                openRadio(site, .cellDegraded, fault: fault, cause: hot, key: .cell(cell), text: "tx_power")
            }
        } else if rack < shelter.derateCelsius - 6, extras[site].isDerated {
            extras[site].isDerated = false
            closeRadio(site, .cellDegraded, fault: fault)
        }
        if rack >= shelter.shutCelsius, !extras[site].isOverheated {
            extras[site].isOverheated = true
            block(site, all, reason: "temperature", fault: fault, cause: hot)
        } else if rack < shelter.derateCelsius - 10, extras[site].isOverheated {
            extras[site].isOverheated = false
            unblock(site, all, fault: fault)
        }
    }
}
