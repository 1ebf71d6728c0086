import TowerCausality
import TowerModel

// Facts that no alarm tells: worked out from telemetry by the watches, where an alarm is lost or was never wired.
extension TenantEngine {
    mutating func tell(
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
        if let health = batch.number(keys.soh, of: event), health > 0, health <= 120 {
            watches[Int(site)].health = min(1, health / 100)
            watchHealth(site, at, id)
            forecastBattery(site, percent: health, isTest: false, at, id, &output)
        }
        // One string of several sees its share of the current only.
        if let amps, batch.field(keys.stringID, of: event) == nil || topology.sites[Int(site)]?.battery?.strings == 1 {
            let charge = batch.number(keys.soc, of: event)
            watches[Int(site)].discharge.take(
                amps: amps, charge: charge.map { $0 / 100 }, celsius: batch.number(keys.temperature, of: event),
                hours: Double(at.microseconds) / 3.6e9)
        }
        if let milliohms = batch.number(keys.resistance, of: event) { watchResistance(milliohms, site, at, id) }
        let volts = senses[Int(site)].busVolts
        guard let amps, !volts.isNaN, abs(at.seconds(since: senses[Int(site)].busAt)) < 900 else { return }
        let name = batch.field(keys.stringID, of: event).map { EventTypeTable.hash(batch, $0) } ?? 0
        guard let index = watches[Int(site)].stringIndex(name) else { return }
        let celsius = batch.number(keys.temperature, of: event) ?? .nan
        let verdict = watches[Int(site)].strings[index].watch.take(
            amps: amps, busVolts: volts, celsius: celsius, neighbours: watches[Int(site)].neighbours(of: index),
            cycles: topology.sites[Int(site)]?.gridClass == "off")
        guard verdict != .same else { return }
        let others = watches[Int(site)].strings.contains { $0.watch.isMissing == 1 }
        guard verdict == .begins || verdict == .ends && !others else { return }
        let object = batch.field(keys.stringID, of: event).map { "battery:\(batch.text($0))" } ?? "battery"
        tell(verdict, .batteryMissing, at: .site(site), object: object, at, id, &output)
        guard verdict == .begins else { return }
        let watch = watches[Int(site)].strings[index].watch
        let hours = Double(at.microseconds) / 3.6e9
        watches[Int(site)].losses.floatAmps = max(watch.usual, 0.01)
        watches[Int(site)].losses.floatEnded = hours
        watches[Int(site)].losses.floatConfidence = watch.confidence
        lose(.batteryMissing, site, .batteryMissing, at, id, (hours, hours), 0, watch.confidence, &output)
    }

    /// The bank's resistance against that of its peers.
    private mutating func watchResistance(_ milliohms: Double, _ site: Int32, _ at: Timestamp, _ id: EventID) {
        let index = Int(site)
        guard let battery = topology.sites[index]?.battery else { return }
        let isDue = watches[index].resistance.take(
            milliohms: milliohms, ampHours: Double(battery.strings) * battery.ampHours, health: watches[index].health)
        guard isDue, let median = peersResistance(beside: index) else { return }
        if watches[index].resistance.judge(against: median) != .same { watchHealth(site, at, id) }
    }

    /// Median over at most 64 other sites, spread evenly over the fleet; `nil` where too few have one.
    private func peersResistance(beside index: Int) -> Double? {
        let step = max(1, watches.count / 64)
        var peers: [Double] = []
        for other in stride(from: 0, to: watches.count, by: step) where other != index && watches[other].resistance.isSettled {
            peers.append(watches[other].resistance.usual)
        }
        guard peers.count >= ResistanceWatch.peersNeeded else { return nil }
        peers.sort()
        return peers[peers.count / 2]
    }

    /// A health under 80 % is an aged battery (IEEE 1188), and so is one whose resistance contradicts its health; it is no story
    /// until the battery is needed.
    private mutating func watchHealth(_ site: Int32, _ at: Timestamp, _ id: EventID) {
        let component = Component.site(site)
        let percent = watches[Int(site)].health * 100
        let contradicts = watches[Int(site)].resistance.isAged == 1
        let holds = facts.reading(component, .batteryAged)?.holds
        let isAged = percent < 80 || contradicts
        guard isAged && holds != true || !isAged && percent > 82 && holds == true else { return }
        facts.setReading(component, .batteryAged, Reading(holds: isAged, since: at, at: at, eventID: id))
        if isAged {
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

    /// A disconnect opened: what the bank gave until then proves a capacity, and whether that is under its end of life.
    ///
    /// It is said only where nine in ten of what the capacity may be lie under it: an estimate that reaches to a sound bank says nothing.
    mutating func checkShortAutonomy(
        _ site: Int32, isFirst: Bool, openedAt: Timestamp, _ id: EventID, into output: inout EngineOutput
    ) {
        let component = Component.site(site)
        guard let inventory = topology.sites[Int(site)], let battery = inventory.battery,
            let begun = (facts.active(component, .batteryDischarging) ?? facts.active(component, .gridLost))?.onset,
            facts.active(component, .generatorRunning) == nil || facts.active(component, .transferFailed) != nil
        else { return }
        let estimate = watches[Int(site)].discharge.capacity(
            from: Double(begun.microseconds) / 3.6e9, to: Double(openedAt.microseconds) / 3.6e9,
            restCharge: DischargeBook.restCharge(isFirst: isFirst, isLithium: battery.chemistry.lowercased().hasPrefix("l")),
            ratedAmpHours: Double(battery.strings) * battery.ampHours, loadAmps: (inventory.loadKilowatts ?? 0) * 1_000 / 48)
        guard let estimate else { return }
        guard estimate.p90 < DischargeBook.endOfLife else {
            // The second disconnect knows better than the first.
            endInferred(.batteryShort, at: component, openedAt)
            return
        }
        infer(.batteryShort, at: component, object: "battery", onset: openedAt, eventIDs: [id], into: &output)
        // Weighed with its own doubt: as good as a reading against physics.
        if let number = facts.newest(component, .batteryShort) {
            facts[number].wasMeasured = true
            facts[number].value = (estimate.p50 * 100).rounded()
        }
    }

    /// Lost power without a discharge: the bus had no battery behind it.
    ///
    /// A controller gasps at the voltage at which the bus leaves it: the disconnect's when a battery ran out, nothing when the bus
    /// collapsed. Where the gasp tells no voltage, or the radio was first, the bus floated a moment ago and nothing has discharged.
    mutating func checkCollapse(_ site: Int32, volts: Double?, at: Timestamp, _ id: EventID, into output: inout EngineOutput) {
        let component = Component.site(site)
        let sense = senses[Int(site)]
        let discharge: [Condition] = [.batteryDischarging, .batteryLow, .lowVoltage, .lvd1Open, .lvd2Open]
        if let volts {
            guard volts < Self.collapsedVolts else { return }
        } else {
            guard sense.busVolts >= Self.floatVolts, abs(at.seconds(since: sense.busAt)) < max(900, 2 * sense.usualGap),
                sense.discharging.state != 1, !discharge.contains(where: { facts.active(component, $0) != nil })
            else { return }
        }
        infer(.siteCollapsed, at: component, object: "battery", onset: at, eventIDs: [id], into: &output)
        if let number = facts.newest(component, .siteCollapsed) { facts[number].wasMeasured = true }
    }

    /// Under any disconnect of a 48 V bus; at or above what a string floats at.
    static let collapsedVolts = 36.0
    private static let floatVolts = 52.0

    // MARK: Rectifier

    /// A rectifier that counts its modules tells of a lost one whether or not the contact is wired: two counts in a row, while it works.
    mutating func watchModules(
        _ modules: Double, of total: Double?, works: Bool, _ site: Int32, _ at: Timestamp, _ id: EventID, _ output: inout EngineOutput
    ) {
        let index = Int(site)
        let full = total ?? max(watches[index].modules, modules)
        watches[index].modules = full
        guard works, modules > 0.5, full > 1 else { return }
        guard modules < full - 0.5 else {
            (watches[index].modulesShort, watches[index].modulesFullAt) = (0, at)
            if facts.reading(.site(site), .moduleFailed)?.holds == true {
                tell(.ends, .moduleFailed, at: .site(site), object: "rectifier", at, id, &output)
            }
            return
        }
        watches[index].modulesShort += 1
        guard watches[index].modulesShort == 2, facts.reading(.site(site), .moduleFailed)?.holds != true else { return }
        measure(
            .moduleFailed, at: .site(site), object: "rectifier", holds: true, since: at, contraryAt: watches[index].modulesFullAt, id,
            value: full - modules, into: &output)
    }

    // MARK: Generator and fuel

    mutating func watchGenerator(
        _ site: Int32, isRunning: Bool, kilowatts: Double?, volts: Double?, _ at: Timestamp, _ id: EventID, _ output: inout EngineOutput
    ) {
        senses[Int(site)].generatorKilowatts = kilowatts ?? .nan
        guard let kilowatts else { return }
        let (grid, discharging) = (senses[Int(site)].grid.state, senses[Int(site)].discharging.state)
        let verdict = watches[Int(site)].transfer.take(
            isRunning: isRunning, kilowatts: kilowatts, isNeeded: grid == 1 && discharging == 1)
        // Power without a running engine, or an engine that runs for an hour and gives nothing while nobody needs it.
        let isContrary = !isRunning && kilowatts > 0.5 || isRunning && kilowatts < 0.05 && (volts ?? 1) < 20 && grid == 0
        watches[Int(site)].contradictions = isContrary ? watches[Int(site)].contradictions + 1 : 0
        let doubts = watches[Int(site)].contradictions
        tell(verdict, .transferFailed, at: .site(site), object: "ats", at, id, &output)
        if doubts == 4 {
            tell(.begins, .sensorFault, at: .site(site), object: "dg", at, id, &output)
        } else if doubts == 0, facts.active(.site(site), .sensorFault)?.managedObject == "dg" {
            tell(.ends, .sensorFault, at: .site(site), object: "dg", at, id, &output)
        }
    }

    // MARK: Shelter, light, sun, structure

    mutating func watchShelter(
        _ batch: EventBatch, _ event: Int, _ keys: EventTypeTable.Keys, _ site: Int32, _ at: Timestamp, _ id: EventID,
        _ output: inout EngineOutput
    ) {
        guard let inside = batch.number(keys.insideTemperature, of: event) else { return }
        guard let outside = batch.number(keys.outsideTemperature, of: event) else { return }
        let index = Int(site)
        forecastCooling(site, inside: inside, outside: outside, at, id, &output)
        let (heating, weakness) = watches[index].heat.take(inside: inside, outside: outside)
        let push = watches[index].lastOutside.isNaN ? 0 : outside - watches[index].lastOutside
        let frozen = watches[index].shelterSensor.take(inside, push: push, stuckAfter: 6, atLeast: 24, jump: 25)
        watches[index].lastOutside = outside
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
        let verdict = watches[Int(site)].light.take(amps: amps, lux: batch.number(keys.lux, of: event))
        tell(verdict, .lightFailed, at: .site(site), object: "light", at, id, &output)
    }

    mutating func watchSun(
        _ batch: EventBatch, _ event: Int, _ keys: EventTypeTable.Keys, _ site: Int32, _ at: Timestamp, _ id: EventID,
        _ output: inout EngineOutput
    ) {
        guard let sun = batch.number(keys.irradiance, of: event), let power = batch.number(keys.power, of: event) else { return }
        let day = (Double(at.microseconds) / 8.64e10).rounded(.down)
        let (missing, weakness) = watches[Int(site)].solar.take(
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
        let first = watches[Int(site)].firstTilt
        if first.isNaN {
            watches[Int(site)].firstTilt = tilt
            return
        }
        let holds = facts.reading(.site(site), .towerTilts)?.holds
        if abs(tilt - first) >= 0.25, holds != true {
            tell(.begins, .towerTilts, at: .site(site), object: "structure", at, id, value: tilt, &output)
        } else if abs(tilt - first) < 0.12 {
            if holds == true { tell(.ends, .towerTilts, at: .site(site), object: "structure", at, id, &output) }
            // Sensors wander a little over the year.
            watches[Int(site)].firstTilt = first + 0.001 * (tilt - first)
        }
    }

    // MARK: Cells

    mutating func watchTraffic(
        _ batch: EventBatch, _ event: Int, _ keys: EventTypeTable.Keys, _ site: Int32, unavailable: Double?, _ at: Timestamp, _ id: EventID,
        _ output: inout EngineOutput
    ) {
        guard let attempts = batch.number(keys.attempts, of: event), let cell = batch.field(keys.cell, of: event) else { return }
        let name = EventTypeTable.hash(batch, cell)
        let (high, low) = (Double(name >> 32), Double(name & 0xFFFF_FFFF))
        guard let index = watches[Int(site)].cellIndex(high, low) else { return }
        let others = watches[Int(site)].bestShare(beside: index)
        let verdict = watches[Int(site)].cells[index].take(attempts: attempts, isAvailable: (unavailable ?? 0) <= 0.5, others: others)
        tell(verdict, .cellSleeping, at: .site(site), object: "cell:\(batch.text(cell))", at, id, &output)
    }

    // MARK: Permits

    /// A permit, a visit or a change window begins or ends.
    mutating func takePermit(_ type: String, site: Int32, at: Timestamp, eventID: EventID, into output: inout EngineOutput) {
        let isEnd = type.hasSuffix(".ended")
        let known = watches[Int(site)].permitUntil
        watches[Int(site)].permitUntil = isEnd ? at.adding(seconds: 1_800) : max(known, at.adding(seconds: 43_200))
        watches[Int(site)].permitEvent = eventID
        if !isEnd, facts.active(.site(site), .doorOpen) != nil { noteWork(site, at: at, eventID, into: &output) }
    }

    /// Words of element managers for a cell that a person took off the air (3GPP TS 28.625, administrative state).
    static let lockCauses: Set<String> = ["locked", "administrative", "manual"]

    /// A cell was locked by hand: no radio fails that way. Work that was announced covers it.
    mutating func noteLock(_ site: Int32, at: Timestamp, _ id: EventID, into output: inout EngineOutput) {
        infer(.cellLocked, at: .site(site), object: "ran", onset: at, eventIDs: [id], into: &output)
        if let number = facts.newest(.site(site), .cellLocked) { facts[number].wasMeasured = true }
        noteWork(site, at: at, id, into: &output)
    }

    /// A door opened: is somebody expected?
    mutating func noteWork(_ site: Int32, at: Timestamp, _ id: EventID, into output: inout EngineOutput) {
        guard watches[Int(site)].permitUntil >= at else { return }
        infer(.workPermitted, at: .site(site), object: "door", onset: at, eventIDs: [watches[Int(site)].permitEvent, id], into: &output)
    }
}
