/// The site controller: what it tells of its inputs, and what happens when it falls silent.
extension World {
    /// Compares the inputs in `mask` with what was told and tells the difference. Silent while the controller is.
    mutating func report(_ site: Int, _ mask: UInt32) {
        guard sites[site].isControllerAlive else { return }
        for alarm in SiteAlarm.allCases where mask & alarm.bit != 0 && SiteAlarm.all & alarm.bit != 0 {
            let isActive = isActive(site, alarm)
            let isLevelUp: Bool
            switch alarm {
            case .lowVoltage: isLevelUp = sites[site].lowVoltageLevel > sites[site].reportedLowVoltageLevel
            case .fuelLow: isLevelUp = sites[site].fuelLevel > sites[site].reportedFuelLevel
            case .highTemperature: isLevelUp = extras[site].heatLevel > extras[site].reportedHeatLevel
            default: isLevelUp = false
            }
            let wasActive = sites[site].has(alarm)
            guard isActive != wasActive || (isActive && isLevelUp) else { continue }
            tell(site, alarm, isActive ? (wasActive ? .changed : .raised) : .cleared)
        }
    }

    private func isActive(_ site: Int, _ alarm: SiteAlarm) -> Bool {
        let state = sites[site]
        switch alarm {
        case .grid: return state.gridCuts > 0 && !fleet.sites[site].isOffGrid
        case .rectifier: return state.isRectifierFailed
        case .discharging: return state.batteryAmperes < -0.5 && !state.isLVD2Open && !fleet.sites[site].isOffGrid
        case .startBatteryLow: return state.isStartBatteryWeak
        case .generatorFailed: return state.generator == .failed
        case .fuelLow: return state.fuelLevel > 0
        case .batteryLow: return state.isBatteryLow
        case .lowVoltage: return state.lowVoltageLevel > 0
        case .lvd1: return state.isLVD1Open
        case .lvd2: return state.isLVD2Open
        case .dyingGasp, .offline: return false
        default: return isContactSet(site, alarm)
        }
    }

    private mutating func tell(_ site: Int, _ alarm: SiteAlarm, _ change: AlarmChange) {
        let slot = Int(alarm.rawValue)
        let present = presentFault(site, alarm)
        let fault = change == .raised ? present : sites[site].raisedFault[slot]
        let reference = emit(site, alarm, change, fault: fault)
        switch alarm {
        case .lowVoltage: sites[site].reportedLowVoltageLevel = change == .cleared ? 0 : sites[site].lowVoltageLevel
        case .fuelLow: sites[site].reportedFuelLevel = change == .cleared ? 0 : sites[site].fuelLevel
        case .highTemperature: extras[site].reportedHeatLevel = change == .cleared ? 0 : extras[site].heatLevel
        default: break
        }
        switch change {
        case .raised:
            sites[site].reported |= alarm.bit
            sites[site].raised[slot] = reference
            sites[site].raisedFault[slot] = fault
        case .changed: break
        case .cleared: sites[site].reported &= ~alarm.bit
        }
    }

    /// The fault that an input belongs to at this instant.
    private func presentFault(_ site: Int, _ alarm: SiteAlarm) -> Int32 {
        switch alarm {
        case .startBatteryLow: sites[site].weakStarterFault
        case .grid, .rectifier, .discharging, .generatorFailed, .fuelLow, .batteryLow, .lowVoltage, .lvd1, .lvd2, .dyingGasp,
            .offline:
            sites[site].powerFault
        default: extras[site].contactFault[Int(alarm.rawValue)]
        }
    }

    /// What put the site on its battery, as far as it was told.
    private func powerCause(_ site: Int) -> EventReference? {
        let state = sites[site]
        return state.raise(.rectifier) ?? state.raise(.generatorFailed) ?? state.lastGeneratorStop ?? state.raise(.grid)
    }

    private mutating func emit(_ site: Int, _ alarm: SiteAlarm, _ change: AlarmChange, fault: Int32) -> EventReference {
        let state = sites[site]
        let spec = fleet.sites[site]
        switch alarm {
        case .grid:
            let feeder = spec.feeder.map { fleet.feeders[$0].feederID } ?? ""
            let volts = random.uniform(222, 236)
            return emitAlarm(site, .gridOutage, change, fault: fault, causes: (nil, nil)) { out in
                out.field("phases_lost", change == .cleared ? 0 : 3)
                out.field("last_v", volts, decimals: 1)
                out.field("feeder_id", feeder)
            }
        case .rectifier:
            let cause = extras[site].contactCause[Int(alarm.rawValue)]
            return emitAlarm(site, .rectifierSystemFailed, change, fault: fault, causes: (cause, nil)) { out in
                out.field("modules_ok", change == .cleared ? 4 : 0)
                out.field("modules_total", 4)
            }
        case .discharging:
            let amperes = state.batteryAmperes
            let minutes = amperes < 0 ? state.charge * spec.effectiveAmpHours / -amperes * 60 : 0
            let cause = state.raise(.rectifier) ?? state.lastGeneratorStop ?? state.raise(.grid)
            return emitAlarm(site, .batteryDischarging, change, fault: fault, causes: (cause, nil)) { out in
                out.field("i", amperes, decimals: 1)
                guard change != .cleared else { return }
                out.field("autonomy_p10", minutes * 0.72, decimals: 0)
                out.field("autonomy_p50", minutes * 0.92, decimals: 0)
                out.field("autonomy_p90", minutes * 1.06, decimals: 0)
            }
        case .startBatteryLow:
            let volts = starterVolts(site)
            return emitAlarm(site, .startBatteryLow, change, fault: fault, causes: (nil, nil)) {
                $0.field("v", volts, decimals: 2)
            }
        case .generatorFailed:
            let causes = (state.raise(.grid), state.raise(.startBatteryLow))
            let seconds = random.uniform(12, 15)
            return emitAlarm(site, .generatorStartFailed, change, fault: fault, causes: causes, severity: "critical") { out in
                out.field("attempts", 3)
                out.field("crank_s", seconds, decimals: 1)
                out.field("start_batt", state.startVolts - 3.8, decimals: 2)
            }
        case .fuelLow:
            let hours = hoursToEmpty(site)
            let severity: StaticString = state.fuelLevel >= 3 ? "critical" : state.fuelLevel == 2 ? "major" : "minor"
            return emitAlarm(site, .fuelLow, change, fault: fault, causes: (nil, nil), severity: severity) {
                $0.field("hours_to_empty_p10", hours * 0.85, decimals: 1)
            }
        case .batteryLow:
            return emitAlarm(site, .batteryLow, change, fault: fault, causes: (state.raise(.discharging), nil)) {
                $0.field("soc", state.charge * 100, decimals: 1)
            }
        case .lowVoltage:
            let level = Int(state.lowVoltageLevel)
            let limit = [49.5, 48, 47, 46, 44.5][level]
            let severity: StaticString = level >= 4 ? "critical" : level == 3 ? "major" : level == 2 ? "minor" : "warning"
            let cause = powerCause(site)
            return emitAlarm(
                site, .lowVoltage, change, fault: fault, causes: (cause, state.raise(.discharging)), severity: severity
            ) { out in
                out.field("v", state.busVolts, decimals: 2)
                out.field("limit", limit, decimals: 1)
            }
        case .lvd1, .lvd2:
            let isFirst = alarm == .lvd1
            let cause =
                isFirst ? state.raise(.lowVoltage) ?? state.raise(.discharging) : state.raise(.lvd1) ?? state.raise(.lowVoltage)
            return emitAlarm(
                site, change == .cleared ? .lvdClose : .lvdOpen, change, fault: fault, causes: (cause, nil),
                severity: isFirst ? "major" : "critical"
            ) { out in
                out.field("contactor", isFirst ? "LVD1" : "LVD2")
                out.field("priority", isFirst ? 1 : 2)
                out.field("v", state.busVolts, decimals: 2)
            }
        case .dyingGasp:
            let cause = state.raise(.lvd2)
            return emitAlarm(site, .dyingGasp, change, fault: fault, causes: (cause, nil)) {
                $0.field("v", state.busVolts, decimals: 2)
            }
        case .offline:
            let cause = state.raise(.dyingGasp) ?? state.raise(.lvd2)
            let age = offlineAfterSeconds
            return emitAlarm(site, .controllerOffline, change, fault: fault, causes: (change == .raised ? cause : nil, nil)) {
                $0.field("age", change == .cleared ? 0 : age, decimals: 0)
            }
        default: return emitContact(site, alarm, change, fault: fault)
        }
    }

    // MARK: Silence

    /// LVD2 takes the controller: its capacitor lasts for one last message, then nothing until power is back.
    mutating func silenceController(_ site: Int) {
        guard !sites[site].isControllerFailed else { return }
        sites[site].isControllerAlive = false
        sites[site].controllerGeneration &+= 1
        let generation = sites[site].controllerGeneration
        schedule.add(at: now + random.uniform(0.5, 30), .dyingGasp(site: Int32(site), generation: generation))
        schedule.add(
            at: now + offlineAfterSeconds + random.uniform(0, 20), .controllerMissing(site: Int32(site), generation: generation))
    }

    mutating func wakeController(_ site: Int) {
        guard !sites[site].isControllerFailed else { return }
        sites[site].controllerGeneration &+= 1
        schedule.add(
            at: now + random.uniform(40, 100),
            .controllerBoot(site: Int32(site), generation: sites[site].controllerGeneration))
    }

    mutating func gasp(_ site: Int, _ generation: UInt32) {
        guard sites[site].controllerGeneration == generation else { return }
        tell(site, .dyingGasp, .raised)
    }

    mutating func missController(_ site: Int, _ generation: UInt32) {
        guard sites[site].controllerGeneration == generation, !sites[site].isControllerAlive else { return }
        if sites[site].isControllerFailed {
            let fault = sites[site].controllerFault
            let slot = Int(SiteAlarm.offline.rawValue)
            sites[site].raised[slot] = emit(site, .offline, .raised, fault: fault)
            sites[site].raisedFault[slot] = fault
            sites[site].reported |= SiteAlarm.offline.bit
        } else {
            tell(site, .offline, .raised)
        }
    }

    mutating func bootController(_ site: Int, _ generation: UInt32) {
        guard sites[site].controllerGeneration == generation else { return }
        sites[site].isControllerAlive = true
        sites[site].controllerSequence = 0
        if sites[site].has(.offline) { tell(site, .offline, .cleared) }
        if sites[site].has(.dyingGasp) { tell(site, .dyingGasp, .cleared) }
        report(site, SiteAlarm.all)
    }

    mutating func failController(_ site: Int, fault: Int32) {
        sites[site].isControllerFailed = true
        sites[site].isControllerAlive = false
        sites[site].controllerFault = fault
        sites[site].controllerGeneration &+= 1
        schedule.add(
            at: now + offlineAfterSeconds + random.uniform(0, 20),
            .controllerMissing(site: Int32(site), generation: sites[site].controllerGeneration))
    }

    mutating func repairController(_ site: Int) {
        sites[site].isControllerFailed = false
        guard isPowered(site) else { return }
        sites[site].controllerGeneration &+= 1
        schedule.add(
            at: now + random.uniform(5, 60), .controllerBoot(site: Int32(site), generation: sites[site].controllerGeneration))
    }
}

/// The three states of an alarm event.
enum AlarmChange: Sendable {
    case raised, changed, cleared
    var name: StaticString {
        switch self {
        case .raised: "raised"
        case .changed: "changed"
        case .cleared: "cleared"
        }
    }
}
