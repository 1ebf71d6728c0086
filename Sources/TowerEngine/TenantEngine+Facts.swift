import TowerCausality
import TowerDetection
import TowerModel

extension TenantEngine {
    /// An alarm or notice says that a condition holds.
    mutating func observe(
        _ condition: Condition, at component: Component, object: String, onset: Timestamp, slot: Int32, severity: Severity,
        eventID: EventID, value: Double?, into output: inout EngineOutput
    ) {
        let number = fact(condition, at: component, object: object, onset: onset, earliest: onset)
        if slot >= 0 {
            if let previous = factOfSlot[slot], previous != number { facts[previous].alarmSlots.removeAll { $0 == slot } }
            factOfSlot[slot] = number
            if !facts[number].alarmSlots.contains(slot) { facts[number].alarmSlots.append(slot) }
            if !facts[number].allSlots.contains(slot) { facts[number].allSlots.append(slot) }
            facts[number].count = max(facts[number].count, facts[number].alarmSlots.count)
        }
        facts[number].isReported = true
        facts[number].severity = max(facts[number].severity, severity)
        if let value { facts[number].value = value }
        touch(number, at: onset, eventID: eventID, into: &output)
        if slot >= 0, facts[number].caseNumber >= 0 { adopt(slot, into: facts[number].caseNumber) }
        // A reading that has denied it all along may be a lying sensor; one that turned since then ends it.
        if let reading = facts.reading(component, condition), !reading.holds {
            timers.schedule(.contradiction(number), at: now.adding(seconds: 180))
        }
        if condition == .batteryDischarging { timers.schedule(.sustained(number), at: now.adding(seconds: 400)) }
    }

    /// Telemetry has changed its mind about a condition.
    mutating func measure(
        _ condition: Condition, at component: Component, object: String, holds: Bool, since: Timestamp, contraryAt: Timestamp,
        _ eventID: EventID, value: Double?, into output: inout EngineOutput
    ) {
        facts.setReading(component, condition, Reading(holds: holds, since: since, at: since, eventID: eventID))
        if holds {
            let earliest = contraryAt > .distantPast ? max(contraryAt, since.adding(seconds: -1_800)) : since
            let number = fact(condition, at: component, object: object, onset: since, earliest: earliest)
            facts[number].isMeasured = true
            facts[number].wasMeasured = true
            if let value { facts[number].value = value }
            touch(number, at: since, eventID: eventID, into: &output)
            return
        }
        guard let number = facts.newest(component, condition), facts[number].isActive else { return }
        facts[number].isMeasured = false
        facts.addEvent(eventID, to: number)
        if let owner = cases[facts[number].caseNumber]?.number {
            cases[owner]?.note(eventID, at: since, most: configuration.maximumEventsPerIncident)
        }
        if facts[number].alarmSlots.isEmpty {
            endIfDone(number, at: since)
        } else {
            timers.schedule(.contradiction(number), at: now.adding(seconds: 180))
        }
        if condition == .batteryDischarging { endDischarge(component, since) }
    }

    /// The fact that a new sign belongs to: the one that goes on, or a new one.
    private mutating func fact(
        _ condition: Condition, at component: Component, object: String, onset: Timestamp, earliest: Timestamp
    ) -> Int32 {
        if let number = facts.newest(component, condition) {
            let known = facts[number]
            // A sign within the clocks' tolerance of the end of a fact is the same fact, told late.
            if known.isActive || onset <= (known.endedAt ?? .distantPast) {
                if onset < known.onset { facts[number].onset = onset }
                facts[number].earliest = min(known.earliest, earliest)
                return number
            }
        }
        noteFall(condition, at: component, onset: onset)
        return facts.insert(
            Fact(component: component, condition: condition, onset: onset, earliest: earliest, managedObject: object))
    }

    /// A fact has new support: it belongs to a case from now on, if it is of the kind that matters.
    private mutating func touch(_ number: Int32, at: Timestamp, eventID: EventID, into output: inout EngineOutput) {
        facts.addEvent(eventID, to: number)
        facts[number].lastAt = max(facts[number].lastAt, at)
        if facts[number].caseNumber < 0 || cases[facts[number].caseNumber] == nil {
            facts[number].caseNumber = -1
            place(number, into: &output)
        }
        let owner = facts[number].caseNumber
        guard owner >= 0 else { return }
        let isHealthy = facts[number].condition.isHealthy
        let onset = facts[number].onset
        cases[owner]?.note(
            eventID, at: at, most: configuration.maximumEventsPerIncident, onset: isHealthy ? .distantFuture : onset, now: now)
        scheduleJudgement(owner)
    }

    /// Puts in a fact that was worked out from others.
    mutating func infer(
        _ condition: Condition, at component: Component, object: String, onset: Timestamp, eventIDs: [EventID],
        into output: inout EngineOutput
    ) {
        if let known = facts.newest(component, condition), facts[known].isActive { return }
        let number = fact(condition, at: component, object: object, onset: onset, earliest: onset)
        facts[number].isInferred = true
        facts[number].endedAt = nil
        for id in eventIDs { touch(number, at: onset, eventID: id, into: &output) }
    }

    mutating func endInferred(_ condition: Condition, at component: Component, _ at: Timestamp) {
        guard let number = facts.newest(component, condition), facts[number].isActive, facts[number].isInferred else { return }
        facts[number].endedAt = max(at, facts[number].onset)
        if facts[number].caseNumber >= 0 { scheduleJudgement(facts[number].caseNumber) }
    }

    /// What was worked out of a discharge ends with it.
    private mutating func endDischarge(_ component: Component, _ at: Timestamp) {
        endInferred(.batterySustained, at: component, at)
        endInferred(.batteryShort, at: component, at)
    }

    mutating func endIfDone(_ number: Int32, at: Timestamp) {
        guard facts[number].isActive, facts[number].alarmSlots.isEmpty, !facts[number].isMeasured else { return }
        facts[number].endedAt = max(at, facts[number].onset)
        let (component, condition) = (facts[number].component, facts[number].condition)
        if condition == .batteryDischarging { endDischarge(component, at) }
        if condition == .gridLost { endInferred(.generatorStoppedOnLoad, at: component, at) }
        if condition == .cellDown { endInferred(.cellLocked, at: component, at) }
        let owner = facts[number].caseNumber
        if owner >= 0 {
            cases[owner]?.lastActivity = now
            scheduleJudgement(owner)
        }
    }

    // MARK: Generator

    mutating func generatorRuns(
        _ runs: Bool, at: Timestamp, eventID: EventID, site: Int32, isNotice: Bool, into output: inout EngineOutput
    ) {
        let component = Component.site(site)
        let contrary = senses[Int(site)].generator.lastAt
        let wasRunning = senses[Int(site)].generator.state == 1
        let changed = senses[Int(site)].generator.take(runs, at: at)
        if isNotice, runs { markReported(.generatorRunning, at: component, object: "dg", at, eventID, &output) }
        if changed {
            measure(
                .generatorRunning, at: component, object: "dg", holds: runs, since: at, contraryAt: contrary, eventID, value: nil,
                into: &output)
        } else {
            refresh(.generatorRunning, component, holds: runs, at: at, eventID)
        }
        if isNotice {
            noteEvent(ofSite: site, family: "dg.", eventID, at: at)
            if let number = facts.newest(component, .generatorRunning), !runs { endIfDone(number, at: at) }
        }
        if changed, !runs, wasRunning, facts.active(component, .gridLost) != nil {
            senses[Int(site)].stoppedOnLoadAt = at
            senses[Int(site)].stoppedOnLoadEvent = eventID
        } else if runs {
            senses[Int(site)].stoppedOnLoadAt = nil
            endInferred(.generatorStoppedOnLoad, at: component, at)
            // One that gives nothing carries nothing.
            if facts.active(component, .transferFailed) == nil { endInferred(.batterySustained, at: component, at) }
        }
    }

    /// A notice is heard once: it counts as a report while the reading holds.
    private mutating func markReported(
        _ condition: Condition, at component: Component, object: String, _ at: Timestamp, _ id: EventID,
        _ output: inout EngineOutput
    ) {
        let number = fact(condition, at: component, object: object, onset: at, earliest: at)
        facts[number].isReported = true
        touch(number, at: at, eventID: id, into: &output)
    }

    /// The generator stopped with the grid away, and the battery works again: it stopped on load.
    mutating func confirmStoppedOnLoad(_ site: Int32, at: Timestamp, _ id: EventID, into output: inout EngineOutput) {
        guard let stopped = senses[Int(site)].stoppedOnLoadAt, at > stopped, facts.active(.site(site), .gridLost) != nil,
            senses[Int(site)].grid.state != 0
        else { return }
        let event = senses[Int(site)].stoppedOnLoadEvent
        senses[Int(site)].stoppedOnLoadAt = nil
        infer(.generatorStoppedOnLoad, at: .site(site), object: "dg", onset: stopped, eventIDs: [event, id], into: &output)
    }

    // MARK: Battery

    /// Samples show that the battery has carried the load for longer than any start takes.
    mutating func confirmSustained(_ site: Int32, at: Timestamp, _ id: EventID, into output: inout EngineOutput) {
        let component = Component.site(site)
        guard facts.active(component, .batterySustained) == nil, let fact = facts.active(component, .batteryDischarging),
            fact.caseNumber >= 0
        else { return }
        // After a generator stopped, the wait begins anew.
        let begun = max(fact.onset, facts.active(component, .generatorStoppedOnLoad)?.onset ?? .distantPast)
        // A generator that runs and gives nothing carries nothing.
        guard at.seconds(since: begun) >= 330,
            facts.active(component, .generatorRunning) == nil || facts.active(component, .transferFailed) != nil
        else { return }
        infer(
            .batterySustained, at: component, object: "battery", onset: begun.adding(seconds: 330), eventIDs: [id], into: &output)
    }

    /// No samples: an alarm that is still up says the same.
    mutating func checkSustained(_ number: Int32, into output: inout EngineOutput) {
        guard facts.facts[Int(number)] != nil, facts[number].isActive, facts[number].condition == .batteryDischarging else {
            return
        }
        let component = facts[number].component
        guard facts.reading(component, .batteryDischarging)?.holds != false, facts.active(component, .batterySustained) == nil,
            facts.active(component, .generatorRunning) == nil, let id = facts[number].eventIDs.first
        else { return }
        infer(
            .batterySustained, at: component, object: "battery", onset: facts[number].onset.adding(seconds: 330), eventIDs: [id],
            into: &output)
    }

    // MARK: Doubt

    /// An alarm is up and telemetry has denied it for three minutes: its clear was lost, unless the reading never agreed.
    mutating func checkContradiction(_ number: Int32, into output: inout EngineOutput) {
        guard facts.facts[Int(number)] != nil, facts[number].isActive, !facts[number].isMeasured else { return }
        let fact = facts[number]
        guard let reading = facts.reading(fact.component, fact.condition), !reading.holds,
            reading.since > fact.onset.adding(seconds: 30),
            reading.since >= fact.lastAt
        else { return }
        for slot in fact.alarmSlots {
            let alarm = book.alarm(slot)
            let cleared = book.take(
                AlarmSignal(
                    siteID: alarm.siteID, managedObject: alarm.managedObject, alarmType: alarm.alarmType,
                    qualifier: book.qualifier(slot),
                    severity: alarm.severity, state: .cleared, at: max(reading.since, alarm.changedAt), eventID: reading.eventID),
                now: now, into: &output.alarms)
            if cleared.change == .cleared { alarmEnded(slot, at: reading.since, eventID: reading.eventID) }
        }
    }

    // MARK: Silence

    mutating func hear(_ site: Int32, at: Timestamp, _ id: EventID, isPeriodic: Bool) {
        let index = Int(site)
        senses[index].hear(at, id, isPeriodic: isPeriodic)
        if senses[index].isSilent, at >= senses[index].lastHeard {
            senses[index].isSilent = false
            controllerReturned(site, at: at, id)
        }
        if !senses[index].isWatched, senses[index].heard >= 8 {
            senses[index].isWatched = true
            timers.schedule(.silence(site), at: now.adding(seconds: senses[index].patience))
        }
    }

    private mutating func controllerReturned(_ site: Int32, at: Timestamp, _ id: EventID) {
        for condition in [Condition.rmsSilent, .rmsOffline, .dyingGasp, .siteDark, .siteCollapsed] {
            facts.setReading(.site(site), condition, Reading(holds: false, since: at, at: at, eventID: id))
            guard let number = facts.newest(.site(site), condition), facts[number].isActive else { continue }
            facts[number].isMeasured = false
            if condition == .rmsOffline || condition == .dyingGasp {
                // Their clears are often lost; the controller's own voice is the better proof.
                facts[number].alarmSlots.removeAll()
            }
            facts[number].isInferred = false
            endIfDone(number, at: at)
        }
    }

    /// Has the controller been silent for longer than it ever is? Only counts while others are heard.
    mutating func checkSilence(_ site: Int32, into output: inout EngineOutput) {
        let lastHeard = senses[Int(site)].lastHeard
        let deadline = lastHeard.adding(seconds: senses[Int(site)].patience)
        // Nothing at all arrives: that is our own deafness, not the site's silence.
        let isDeaf = now.seconds(since: eventMax) > 120
        // Nobody waits for a site that is no more.
        if deadline <= now, !isDeaf, senses[Int(site)].isSilent || !topology.isRetired(site) {
            if !senses[Int(site)].isSilent {
                senses[Int(site)].isSilent = true
                let onset = lastHeard.adding(seconds: senses[Int(site)].usualGap)
                let lastWord = senses[Int(site)].lastHeardEvent
                let number = silentFact(site, onset: onset)
                facts.setReading(
                    .site(site), .rmsSilent, Reading(holds: true, since: onset, at: onset, eventID: lastWord))
                // Its last word is the event that the silence rests on.
                touch(number, at: onset, eventID: lastWord, into: &output)
            }
            timers.schedule(.silence(site), at: now.adding(seconds: 600))
        } else {
            timers.schedule(.silence(site), at: max(deadline, now.adding(seconds: 30)))
        }
    }

    private mutating func silentFact(_ site: Int32, onset: Timestamp) -> Int32 {
        let number = fact(.rmsSilent, at: .site(site), object: "rms", onset: onset, earliest: onset)
        facts[number].isMeasured = true
        facts[number].wasMeasured = true
        facts[number].endedAt = nil
        return number
    }

    // MARK: Autonomy

    /// A forecast of the battery, at most once a minute while it discharges.
    mutating func forecast(_ site: Int32, at: Timestamp, _ id: EventID, into output: inout EngineOutput) {
        // Asked for every sample: nothing is copied before it is due.
        guard senses[Int(site)].discharging.state == 1,
            at.seconds(since: senses[Int(site)].lastForecastAt) >= configuration.forecastPeriod
        else { return }
        let sense = senses[Int(site)]
        guard sense.autonomy != nil, let quantiles = sense.autonomy!.forecast(at: at)
        else { return }
        let second = quantiles.endsWith == BatteryAutonomy.Disconnect.lvd1.rawValue ? sense.autonomy!.forecast(at: at, until: .lvd2) : nil
        let forecast = AutonomyForecast(
            siteID: SiteID(topology.name(site)), at: at, minutesP10: rounded(quantiles.p10), minutesP50: rounded(quantiles.p50),
            minutesP90: rounded(quantiles.p90), endsWith: quantiles.endsWith,
            busVolts: sense.busVolts.isNaN ? nil : sense.busVolts,
            batteryAmps: sense.amps.isNaN ? nil : sense.amps, stateOfCharge: sense.charge.isNaN ? nil : sense.charge,
            eventIDs: id == sense.dischargeEvent ? [id] : [sense.dischargeEvent, id],
            second: second.map { (rounded($0.p10), rounded($0.p50), rounded($0.p90)) })
        senses[Int(site)].lastForecast = forecast
        senses[Int(site)].lastForecastAt = at
        output.forecasts.append(TenantForecast(tenantID: tenantID, forecast: forecast))
        if let owner = powerCase[site] { scheduleJudgement(owner) }
    }

    private func rounded(_ minutes: Double) -> Double { (max(0, minutes) * 10).rounded() / 10 }

    /// The forecast that still holds: the battery discharges and it is not old.
    func currentForecast(_ site: Int32) -> AutonomyForecast? {
        let sense = senses[Int(site)]
        guard sense.discharging.state == 1, let forecast = sense.lastForecast, now.seconds(since: forecast.at) < 3_600 else {
            return nil
        }
        return forecast
    }
}
