import TowerCausality
import TowerModel

// Facts that no alarm tells: worked out from telemetry by the watches, where an alarm is lost or was never wired.
extension TenantEngine {
    private mutating func tell(
        _ verdict: WatchVerdict, _ condition: Condition, at component: Component, object: String, _ at: Timestamp, _ id: EventID,
        value: Double? = nil, _ output: inout EngineOutput
    ) {
        guard verdict != .same else { return }
        measure(
            condition, at: component, object: object, holds: verdict == .begins, since: at, contraryAt: .distantPast, id, value: value,
            into: &output)
    }

    // MARK: Battery

    /// One sample of one string.
    mutating func watchString(
        _ batch: EventBatch, _ event: Int, _ keys: EventTypeTable.Keys, _ site: Int32, amps: Double?, _ at: Timestamp, _ id: EventID,
        _ output: inout EngineOutput
    ) {
        let sense = senses[Int(site)]
        if let health = batch.number(keys.soh, of: event), health > 0 { watchHealth(health, site, at, id) }
        guard let amps, !sense.busVolts.isNaN, abs(at.seconds(since: sense.busAt)) < 900 else { return }
        let name = batch.field(keys.stringID, of: event).map { hash(batch, $0) } ?? 0
        var watch = watches[site] ?? SiteWatch()
        var index = watch.strings.firstIndex { $0.name == name }
        if index == nil {
            guard watch.strings.count < SiteWatch.stringsMax else { return }
            watch.strings.append((name, FloatWatch()))
            index = watch.strings.count - 1
        }
        let verdict = watch.strings[index!].watch.take(amps: amps, busVolts: sense.busVolts)
        let others = watch.strings.contains { $0.watch.isMissing == 1 }
        watches[site] = watch
        guard verdict == .begins || verdict == .ends && !others else { return }
        let object = batch.field(keys.stringID, of: event).map { "battery:\(batch.text($0))" } ?? "battery"
        tell(verdict, .batteryMissing, at: .site(site), object: object, at, id, &output)
    }

    /// A health under 80 % is an aged battery (IEEE 1188); it is no story until the battery is needed.
    private mutating func watchHealth(_ percent: Double, _ site: Int32, _ at: Timestamp, _ id: EventID) {
        let component = Component.site(site)
        let holds = facts.reading(component, .batteryAged)?.holds
        guard percent < 80 && holds != true || percent > 82 && holds == true else { return }
        facts.setReading(component, .batteryAged, Reading(holds: percent < 80, since: at, at: at, eventID: id))
        if percent < 80 {
            guard facts.active(component, .batteryAged) == nil else { return }
            var fact = Fact(component: component, condition: .batteryAged, onset: at, earliest: at, managedObject: "battery")
            fact.isMeasured = true
            fact.wasMeasured = true
            fact.value = percent
            fact.eventIDs = [id]
            _ = facts.insert(fact)
        } else if let number = facts.newest(component, .batteryAged) {
            facts[number].endedAt = at
        }
    }

    /// A disconnect opened: was the battery's time far shorter than its rating?
    mutating func checkShortAutonomy(_ site: Int32, openedAt: Timestamp, _ id: EventID, into output: inout EngineOutput) {
        let component = Component.site(site)
        guard let inventory = topology.sites[Int(site)], let battery = inventory.battery, let load = inventory.loadKilowatts, load > 0,
            let begun = facts.fact(component, .batteryDischarging)?.onset ?? facts.fact(component, .gridLost)?.onset
        else { return }
        let rated = Double(battery.strings) * battery.ampHours * 48 * 0.8 * 0.95 / 1_000 / load * 3_600
        let lasted = openedAt.seconds(since: begun)
        guard lasted > 0, lasted < 0.55 * rated, facts.active(component, .generatorRunning) == nil else { return }
        infer(.batteryShort, at: component, object: "battery", onset: openedAt, eventIDs: [id], into: &output)
    }

    // MARK: Generator and fuel

    mutating func watchGenerator(
        _ site: Int32, isRunning: Bool, kilowatts: Double?, volts: Double?, _ at: Timestamp, _ id: EventID, _ output: inout EngineOutput
    ) {
        senses[Int(site)].generatorKilowatts = kilowatts ?? .nan
        guard let kilowatts else { return }
        let sense = senses[Int(site)]
        let isNeeded = sense.grid.state == 1 && sense.discharging.state == 1
        var watch = watches[site] ?? SiteWatch()
        let verdict = watch.transfer.take(isRunning: isRunning, kilowatts: kilowatts, isNeeded: isNeeded)
        // Power without a running engine, or an engine that runs for an hour and gives nothing while nobody needs it.
        let isContrary = !isRunning && kilowatts > 0.5 || isRunning && kilowatts < 0.05 && (volts ?? 1) < 20 && sense.grid.state == 0
        watch.contradictions = isContrary ? watch.contradictions + 1 : 0
        let doubts = watch.contradictions
        watches[site] = watch
        tell(verdict, .transferFailed, at: .site(site), object: "ats", at, id, &output)
        if doubts == 4 {
            tell(.begins, .sensorFault, at: .site(site), object: "dg", at, id, &output)
        } else if doubts == 0, facts.active(.site(site), .sensorFault)?.managedObject == "dg" {
            tell(.ends, .sensorFault, at: .site(site), object: "dg", at, id, &output)
        }
    }

    mutating func watchFuel(_ litres: Double, _ site: Int32, _ at: Timestamp, _ id: EventID, _ output: inout EngineOutput) {
        let sense = senses[Int(site)]
        let isRunning = sense.generator.state == 1
        let kilowatts = sense.generatorKilowatts.isNaN ? 0 : sense.generatorKilowatts
        var watch = watches[site] ?? SiteWatch()
        let hours = Double(at.microseconds) / 3.6e9
        let (theft, siphon) = watch.fuel.take(level: litres, hours: hours, isRunning: isRunning, kilowatts: kilowatts)
        let stuck = watch.fuelSensor.take(
            litres, push: isRunning ? 0.3 + 0.05 * max(0, kilowatts) : 0, stuckAfter: 8, atLeast: 18, jump: 40)
        let stolen = watch.fuel.stolen
        var shortage = 0.0
        if watch.paidLitres > 0, at > watch.paidAt.adding(seconds: 240) {
            let rise = litres - watch.levelBefore
            if !watch.levelBefore.isNaN, rise > 5, at.seconds(since: watch.paidAt) < 7_200 {
                shortage = FuelLedger.shortage(paidLitres: watch.paidLitres, measuredLitres: rise)
            }
            watch.paidLitres = 0
        } else if watch.paidLitres == 0 {
            watch.levelBefore = litres
        }
        watches[site] = watch
        let place = Component.site(site)
        tell(theft, .fuelTheft, at: place, object: "fuel", at, id, value: stolen, &output)
        tell(siphon, .fuelSiphon, at: place, object: "fuel", at, id, &output)
        tell(stuck, .sensorFault, at: place, object: "fuel", at, id, &output)
        if shortage > 0 { tell(.begins, .fuelShortDelivery, at: place, object: "fuel", at, id, value: 100 * shortage, &output) }
    }

    /// A delivery or its voucher.
    mutating func watchDelivery(
        _ batch: EventBatch, _ event: Int, _ keys: EventTypeTable.Keys, _ site: Int32, into output: inout EngineOutput
    ) {
        guard let paid = batch.number(keys.volume, of: event), paid > 0 else { return }
        let at = batch.timestamps[event]
        if let measured = batch.number(keys.measured, of: event) {
            let shortage = FuelLedger.shortage(paidLitres: paid, measuredLitres: measured)
            if shortage > 0 {
                tell(
                    .begins, .fuelShortDelivery, at: .site(site), object: "fuel", at, batch.ids[event], value: 100 * shortage, &output)
            }
            return
        }
        var watch = watches[site] ?? SiteWatch()
        watch.paidLitres = paid
        watch.paidAt = at
        watches[site] = watch
    }

    // MARK: Shelter, light, sun, structure

    mutating func watchShelter(
        _ batch: EventBatch, _ event: Int, _ keys: EventTypeTable.Keys, _ site: Int32, _ at: Timestamp, _ id: EventID,
        _ output: inout EngineOutput
    ) {
        guard let inside = batch.number(keys.insideTemperature, of: event) else { return }
        guard let outside = batch.number(keys.outsideTemperature, of: event) else { return }
        var watch = watches[site] ?? SiteWatch()
        let (heating, weakness) = watch.heat.take(inside: inside, outside: outside)
        let push = watch.lastOutside.isNaN ? 0 : outside - watch.lastOutside
        let frozen = watch.shelterSensor.take(inside, push: push, stuckAfter: 6, atLeast: 24, jump: 25)
        watch.lastOutside = outside
        watches[site] = watch
        let place = Component.site(site)
        tell(heating, .shelterHeats, at: place, object: "env", at, id, value: inside, &output)
        tell(weakness, .coolingWeak, at: place, object: "hvac", at, id, &output)
        tell(frozen, .sensorFault, at: place, object: "env", at, id, &output)
    }

    mutating func watchLight(
        _ batch: EventBatch, _ event: Int, _ keys: EventTypeTable.Keys, _ site: Int32, _ at: Timestamp, _ id: EventID,
        _ output: inout EngineOutput
    ) {
        guard let amps = batch.number(keys.amps, of: event) else { return }
        let verdict = watches[site, default: SiteWatch()].light.take(amps: amps, lux: batch.number(keys.lux, of: event))
        tell(verdict, .lightFailed, at: .site(site), object: "light", at, id, &output)
    }

    mutating func watchSun(
        _ batch: EventBatch, _ event: Int, _ keys: EventTypeTable.Keys, _ site: Int32, _ at: Timestamp, _ id: EventID,
        _ output: inout EngineOutput
    ) {
        guard let sun = batch.number(keys.irradiance, of: event), let power = batch.number(keys.power, of: event) else { return }
        let day = (Double(at.microseconds) / 8.64e10).rounded(.down)
        let (missing, weakness) = watches[site, default: SiteWatch()].solar.take(
            day: day, wattsPerSquareMetre: sun, kilowatts: power, peak: topology.sites[Int(site)]?.solarKilowattsPeak ?? 1)
        tell(missing, .panelMissing, at: .site(site), object: "solar", at, id, &output)
        tell(weakness, .solarWeak, at: .site(site), object: "solar", at, id, &output)
    }

    mutating func watchStructure(
        _ batch: EventBatch, _ event: Int, _ keys: EventTypeTable.Keys, _ site: Int32, _ at: Timestamp, _ id: EventID,
        _ output: inout EngineOutput
    ) {
        if let wind = batch.number(keys.wind, of: event) {
            let holds = facts.reading(.site(site), .highWind)?.holds
            if wind >= 20, holds != true {
                tell(.begins, .highWind, at: .site(site), object: "structure", at, id, value: wind, &output)
            } else if wind < 15, holds == true {
                tell(.ends, .highWind, at: .site(site), object: "structure", at, id, &output)
            }
        }
        guard let tilt = batch.number(keys.tilt, of: event) else { return }
        let first = watches[site]?.firstTilt ?? .nan
        if first.isNaN {
            watches[site, default: SiteWatch()].firstTilt = tilt
            return
        }
        let holds = facts.reading(.site(site), .towerTilts)?.holds
        if abs(tilt - first) >= 0.25, holds != true {
            tell(.begins, .towerTilts, at: .site(site), object: "structure", at, id, value: tilt, &output)
        } else if abs(tilt - first) < 0.12 {
            if holds == true { tell(.ends, .towerTilts, at: .site(site), object: "structure", at, id, &output) }
            // Sensors wander a little over the year.
            watches[site, default: SiteWatch()].firstTilt = first + 0.001 * (tilt - first)
        }
    }

    // MARK: Cells

    mutating func watchTraffic(
        _ batch: EventBatch, _ event: Int, _ keys: EventTypeTable.Keys, _ site: Int32, unavailable: Double?, _ at: Timestamp, _ id: EventID,
        _ output: inout EngineOutput
    ) {
        guard let attempts = batch.number(keys.attempts, of: event), let cell = batch.field(keys.cell, of: event) else { return }
        let name = hash(batch, cell)
        let (high, low) = (Double(name >> 32), Double(name & 0xFFFF_FFFF))
        var watch = watches[site] ?? SiteWatch()
        var index = watch.cells.firstIndex { $0.nameLow == low && $0.nameHigh == high }
        if index == nil {
            guard watch.cells.count < SiteWatch.cellsMax else { return }
            var fresh = TrafficWatch()
            fresh.nameHigh = high
            fresh.nameLow = low
            watch.cells.append(fresh)
            index = watch.cells.count - 1
        }
        var others: Double?
        for (number, other) in watch.cells.enumerated() where number != index && other.samples > 6 && other.usual >= 40 {
            others = max(others ?? 0, other.share)
        }
        let verdict = watch.cells[index!].take(attempts: attempts, isAvailable: (unavailable ?? 0) <= 0.5, others: others)
        watches[site] = watch
        tell(verdict, .cellSleeping, at: .site(site), object: "cell:\(batch.text(cell))", at, id, &output)
    }

    // MARK: Permits

    /// A permit, a visit or a change window begins or ends.
    mutating func takePermit(_ type: String, site: Int32, at: Timestamp, eventID: EventID, into output: inout EngineOutput) {
        var watch = watches[site] ?? SiteWatch()
        let isEnd = type.hasSuffix(".ended")
        watch.permitUntil = isEnd ? at.adding(seconds: 1_800) : max(watch.permitUntil, at.adding(seconds: 43_200))
        watch.permitEvent = eventID
        watches[site] = watch
        if !isEnd, facts.active(.site(site), .doorOpen) != nil { noteWork(site, at: at, eventID, into: &output) }
    }

    /// A door opened: is somebody expected?
    mutating func noteWork(_ site: Int32, at: Timestamp, _ id: EventID, into output: inout EngineOutput) {
        guard let watch = watches[site], watch.permitUntil >= at else { return }
        infer(.workPermitted, at: .site(site), object: "door", onset: at, eventIDs: [watch.permitEvent, id], into: &output)
    }
}
