import TowerCausality
import TowerDetection
import TowerModel

extension TenantEngine {
    mutating func takeTelemetry(
        _ batch: EventBatch, _ event: Int, role: EventRole, _ keys: EventTypeTable.Keys, site: Int32,
        into output: inout EngineOutput
    ) {
        read(batch, event, role: role, keys, site: site, into: &output)
        // After the facts, so that what they explain is no anomaly.
        detect(batch, event, role: role, keys, site: site, into: &output)
    }

    private mutating func read(
        _ batch: EventBatch, _ event: Int, role: EventRole, _ keys: EventTypeTable.Keys, site: Int32,
        into output: inout EngineOutput
    ) {
        let at = batch.timestamps[event]
        let id = batch.ids[event]
        switch role {
        case .metric, .sample: return
        case .gridTelemetry: takeGrid(batch, event, keys, site, at, id, &output)
        case .dcTelemetry: takeBus(batch, event, keys, site, at, id, &output)
        case .rectifierTelemetry: takeRectifier(batch, event, keys, site, at, id, &output)
        case .batteryTelemetry: takeBattery(batch, event, keys, site, at, id, &output)
        case .generatorTelemetry: takeGenerator(batch, event, keys, site, at, id, &output)
        case .fuelTelemetry: takeFuel(batch, event, keys, site, at, id, &output)
        case .shelterTelemetry: watchShelter(batch, event, keys, site, at, id, &output)
        case .lightTelemetry: watchLight(batch, event, keys, site, at, id, &output)
        case .solarTelemetry: watchSun(batch, event, keys, site, at, id, &output)
        case .structureTelemetry: watchStructure(batch, event, keys, site, at, id, &output)
        case .radioLinkTelemetry:
            takeRadioLink(batch, event, keys, site, at, id, &output)
            return
        case .cellPerformance:
            takeCells(batch, event, keys, site, at, id, &output)
            return
        default: break
        }
        hear(site, at: at, id, isPeriodic: true)
    }

    private mutating func takeGrid(
        _ batch: EventBatch, _ event: Int, _ keys: EventTypeTable.Keys, _ site: Int32, _ at: Timestamp, _ id: EventID,
        _ output: inout EngineOutput
    ) {
        let phases = [keys.v1, keys.v2, keys.v3].compactMap { batch.number($0, of: event) }
        guard let highest = phases.max(), highest < 80 || highest > 160 else { return }
        let lost = highest < 80
        let contrary = senses[Int(site)].grid.lastAt
        guard senses[Int(site)].grid.take(lost, at: at) else {
            refresh(.gridLost, .site(site), holds: lost, at: at, id)
            return
        }
        measure(
            .gridLost, at: .site(site), object: "grid", holds: lost, since: at, contraryAt: contrary, id, value: nil,
            into: &output)
    }

    private mutating func takeBus(
        _ batch: EventBatch, _ event: Int, _ keys: EventTypeTable.Keys, _ site: Int32, _ at: Timestamp, _ id: EventID,
        _ output: inout EngineOutput
    ) {
        guard let volts = batch.number(keys.busVolts, of: event), volts > 0, at >= senses[Int(site)].busAt else { return }
        senses[Int(site)].busVolts = volts
        senses[Int(site)].busAt = at
        senses[Int(site)].autonomy?.observe(at: at, busVolts: volts, amps: nil, stateOfChargePercent: nil, temperature: nil)
        if volts < 47 || volts > 48.5 {
            let low = volts < 47
            let contrary = senses[Int(site)].lowVoltage.lastAt
            if senses[Int(site)].lowVoltage.take(low, at: at) {
                measure(
                    .lowVoltage, at: .site(site), object: "dc", holds: low, since: at, contraryAt: contrary, id, value: volts,
                    into: &output)
            }
            if volts > 49.5 { restoreBus(site, at: at, id) }
        }
        forecast(site, at: at, id, into: &output)
    }

    /// A bus above 49.5 V has its disconnects closed and its battery not low, whatever clear was lost.
    private mutating func restoreBus(_ site: Int32, at: Timestamp, _ id: EventID) {
        for condition in [Condition.lvd1Open, .lvd2Open, .batteryLow] where facts.active(.site(site), condition) != nil {
            if facts.reading(.site(site), condition)?.holds != false {
                facts.setReading(.site(site), condition, Reading(holds: false, since: at, at: at, eventID: id))
                if let number = facts.newest(.site(site), condition) {
                    timers.schedule(.contradiction(number), at: now.adding(seconds: 180))
                }
            } else {
                refresh(condition, .site(site), holds: false, at: at, id)
            }
        }
    }

    private mutating func takeRectifier(
        _ batch: EventBatch, _ event: Int, _ keys: EventTypeTable.Keys, _ site: Int32, _ at: Timestamp, _ id: EventID,
        _ output: inout EngineOutput
    ) {
        let modules = batch.number(keys.modulesOK, of: event)
        let amps = batch.number(keys.outAmps, of: event)
        guard modules != nil || amps != nil else { return }
        let works = (amps ?? 0) > 1
        if let modules { watchModules(modules, of: batch.number(keys.modulesTotal, of: event), works: works, site, at, id, &output) }
        // Without input a rectifier gives nothing: that is no failure of its own.
        let fails =
            !works && ((modules ?? 1) < 0.5 || (amps ?? 1) < 0.5) && senses[Int(site)].grid.state == 0
            && at.seconds(since: senses[Int(site)].grid.since) > 30
        guard works || fails else { return }
        let contrary = senses[Int(site)].rectifier.lastAt
        guard senses[Int(site)].rectifier.take(fails, at: at) else {
            refresh(.rectifierFailed, .site(site), holds: fails, at: at, id)
            return
        }
        measure(
            .rectifierFailed, at: .site(site), object: "rectifier", holds: fails, since: at, contraryAt: contrary, id, value: nil,
            into: &output)
    }

    private mutating func takeBattery(
        _ batch: EventBatch, _ event: Int, _ keys: EventTypeTable.Keys, _ site: Int32, _ at: Timestamp, _ id: EventID,
        _ output: inout EngineOutput
    ) {
        let amps = batch.number(keys.amps, of: event)
        watchString(batch, event, keys, site, amps: amps, at, id, &output)
        // A string's sensor that knows no charge sees its share of the current: the bank's reading comes beside it.
        guard batch.field(keys.stringID, of: event) == nil || batch.number(keys.soc, of: event) != nil else { return }
        let charge = batch.number(keys.soc, of: event)
        let temperature = batch.number(keys.temperature, of: event)
        guard at >= senses[Int(site)].ampsAt else { return }
        senses[Int(site)].ampsAt = at
        if let amps { senses[Int(site)].amps = amps }
        if let charge { senses[Int(site)].charge = charge / 100 }
        if let temperature { senses[Int(site)].temperature = temperature }
        if let health = batch.number(keys.soh, of: event) { senses[Int(site)].autonomy?.observe(stateOfHealthPercent: health) }
        senses[Int(site)].autonomy?.observe(
            at: at, busVolts: nil, amps: amps, stateOfChargePercent: charge, temperature: temperature)
        if let charge, let amps, amps > -0.8 { senses[Int(site)].restCharge = charge / 100 }
        guard let amps, amps < -2 || amps > -0.8 else { return }
        let discharging = amps < -2
        let contrary = senses[Int(site)].discharging.lastAt
        if senses[Int(site)].discharging.take(discharging, at: at) {
            senses[Int(site)].dischargeEvent = id
            // Where there is no grid, the battery works every night: that is no fault.
            if topology.sites[Int(site)]?.gridClass != "off" {
                measure(
                    .batteryDischarging, at: .site(site), object: "battery", holds: discharging, since: at, contraryAt: contrary,
                    id,
                    value: -amps, into: &output)
            }
        } else {
            refresh(.batteryDischarging, .site(site), holds: discharging, at: at, id)
        }
        if discharging {
            confirmSustained(site, at: at, id, into: &output)
            confirmStoppedOnLoad(site, at: at, id, into: &output)
            forecast(site, at: at, id, into: &output)
        }
    }

    private mutating func takeGenerator(
        _ batch: EventBatch, _ event: Int, _ keys: EventTypeTable.Keys, _ site: Int32, _ at: Timestamp, _ id: EventID,
        _ output: inout EngineOutput
    ) {
        let runs: Bool
        switch batch.string(keys.state, of: event) {
        case "running", "on_load", "cooldown", "cooling": runs = true
        case "stopped", "off", "fault", "cranking", "starting", "failed": runs = false
        default:
            guard let rpm = batch.number(keys.rpm, of: event) else { return }
            runs = rpm > 600
        }
        generatorRuns(runs, at: at, eventID: id, site: site, isNotice: false, into: &output)
        noteCounters(batch, event, keys, site, at)
        forecastStart(site, isRunning: runs, volts: batch.number(keys.startBattery, of: event), at, id, &output)
        watchGenerator(
            site, isRunning: runs, kilowatts: batch.number(keys.power, of: event), volts: batch.number(keys.volts, of: event), at, id, &output)
    }

    private mutating func takeFuel(
        _ batch: EventBatch, _ event: Int, _ keys: EventTypeTable.Keys, _ site: Int32, _ at: Timestamp, _ id: EventID,
        _ output: inout EngineOutput
    ) {
        var share: Double?
        if let percent = batch.number(keys.levelPercent, of: event) {
            share = percent / 100
        } else if let level = batch.number(keys.level, of: event), let tank = topology.sites[Int(site)]?.generator?.tankLitres,
            tank > 0
        {
            share = level / tank
        }
        if let litres = batch.number(keys.level, of: event) {
            watchFuel(litres, celsius: batch.number(keys.temperature, of: event), site, at, id, &output)
        }
        // A level that has just jumped may jump back: no word of an empty tank before it has settled.
        guard let share, !watches[Int(site)].fuelSensor.isDoubtful else { return }
        if share < 0.04 || share > 0.06 {
            let contrary = senses[Int(site)].fuelEmpty.lastAt
            if senses[Int(site)].fuelEmpty.take(share < 0.04, at: at) {
                measure(
                    .fuelExhausted, at: .site(site), object: "fuel", holds: share < 0.04, since: at, contraryAt: contrary, id,
                    value: share * 100, into: &output)
            }
        }
        if share < 0.15 || share > 0.18 {
            let contrary = senses[Int(site)].fuelLow.lastAt
            if senses[Int(site)].fuelLow.take(share < 0.15, at: at) {
                measure(
                    .fuelLow, at: .site(site), object: "fuel", holds: share < 0.15, since: at, contraryAt: contrary, id,
                    value: share * 100, into: &output)
            }
        }
    }

    private mutating func takeRadioLink(
        _ batch: EventBatch, _ event: Int, _ keys: EventTypeTable.Keys, _ site: Int32, _ at: Timestamp, _ id: EventID,
        _ output: inout EngineOutput
    ) {
        guard let level = batch.number(keys.rsl, of: event), let peer = batch.string(keys.peer, of: event) else { return }
        let name = ManagedObject.link(topology.name(site), peer)
        guard let link = topology.link(named: name) else { return }
        growSenses()
        // Each end hears its own level.
        let end = link * 2 + (topology.links[Int(link)].a == site ? 0 : 1)
        let contrary = linkSenses[end]?.fading.lastAt ?? .distantPast
        watchStep(level, end: end, link: link, name: name, at, id, &output)
        // A receiver at its noise floor hears nothing: the far end may be dark, which is no fade.
        guard level > LinkSense.noiseFloor else { return }
        guard linkSenses[end, default: LinkSense()].take(level, at: at) else { return }
        let other = linkSenses[end ^ 1]?.fading.state == 1
        let holds = linkSenses[end]!.fading.state == 1
        guard holds || !other else { return }
        measure(
            .rainFade, at: .link(link), object: name, holds: holds, since: at, contraryAt: contrary, id,
            value: linkSenses[end]!.deepest,
            into: &output)
    }

    /// A fall at once that stays tells a turned antenna from rain.
    private mutating func watchStep(
        _ level: Double, end: Int32, link: Int32, name: String, _ at: Timestamp, _ id: EventID, _ output: inout EngineOutput
    ) {
        let verdict = linkSenses[end, default: LinkSense()].step.take(level, at: Double(at.microseconds) / 1e6)
        guard verdict != .same else { return }
        measure(
            .levelStep, at: .link(link), object: name, holds: verdict == .begins, since: at, contraryAt: .distantPast, id, value: level,
            into: &output)
    }

    private mutating func takeCells(
        _ batch: EventBatch, _ event: Int, _ keys: EventTypeTable.Keys, _ site: Int32, _ at: Timestamp, _ id: EventID,
        _ output: inout EngineOutput
    ) {
        let unavailable = batch.number(keys.unavailable, of: event)
        watchTraffic(batch, event, keys, site, unavailable: unavailable, at, id, &output)
        guard let seconds = unavailable, seconds <= 0.5 else { return }
        let component = Component.site(site)
        if let reading = facts.reading(component, .cellDown), !reading.holds {
            guard at > reading.at else { return }
            refresh(.cellDown, component, holds: false, at: at, id)
        } else {
            facts.setReading(component, .cellDown, Reading(holds: false, since: at, at: at, eventID: id))
        }
    }

    /// Keeps a reading fresh without a change.
    mutating func refresh(_ condition: Condition, _ component: Component, holds: Bool, at: Timestamp, _ id: EventID) {
        guard var reading = facts.reading(component, condition), reading.holds == holds else { return }
        // Readings are judged by the minute: writing them down more often would only cost.
        guard at.seconds(since: reading.at) >= 60 else { return }
        reading.at = at
        reading.eventID = id
        facts.setReading(component, condition, reading)
    }
}
