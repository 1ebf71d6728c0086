import TowerCausality
import TowerDetection
import TowerModel

extension TenantEngine {
    /// An alarm or notice of the catalogue.
    mutating func takeAlarm(
        _ batch: EventBatch, _ event: Int, _ keys: EventTypeTable.Keys, site: Int32, into output: inout EngineOutput
    ) {
        let type = batch.symbols.name(batch.types[event])
        let at = batch.timestamps[event]
        let siteID = SiteID(topology.name(site))
        let knowledge = AlarmKnowledge.byType[type]
        if let feeder = batch.string(keys.feederID, of: event), topology.feeder(of: site) == nil, !feeder.isEmpty {
            topology.attach(site, to: feeder)
        }
        for cleared in knowledge?.clears ?? [] {
            let qualifier =
                cleared == "power.dc.lvd_open" ? batch.number(keys.priority, of: event).map { "priority \(Int($0))" } : nil
            let slots = book.clearAll(
                siteID: siteID, alarmType: cleared, qualifier: qualifier, at: at, eventID: batch.ids[event], now: now,
                into: &output.alarms)
            for slot in slots { alarmEnded(slot, at: at, eventID: batch.ids[event]) }
        }
        if type == "fuel.refuel" || type == "fuel.voucher" { watchDelivery(batch, event, keys, site, into: &output) }
        if knowledge?.isNotice ?? true {
            takeNotice(type, at: at, eventID: batch.ids[event], site: site, into: &output)
            return
        }
        guard let knowledge else { return }
        let signal = signal(batch, event, keys, type: type, siteID: siteID, knowledge: knowledge)
        let outcome = book.take(signal, now: now, into: &output.alarms)
        hearController(type, at: at, site: site, batch.ids[event])
        note(outcome, signal: signal, knowledge: knowledge, site: site, batch, event, keys, into: &output)
    }

    private func signal(
        _ batch: EventBatch, _ event: Int, _ keys: EventTypeTable.Keys, type: String, siteID: SiteID, knowledge: AlarmKnowledge
    ) -> AlarmSignal {
        func word(_ candidates: Symbol...) -> String? {
            for key in candidates { if let found = batch.string(key, of: event) { return found } }
            return nil
        }
        let object = ManagedObject.derive(eventType: type, site: siteID.rawValue) { name in
            let symbol = batch.symbols.withInterner { $0.lookup(name) }
            guard let field = batch.field(symbol, of: event), field.kind == .string || field.kind == .number else { return nil }
            return batch.text(field)
        }
        let state = Alarm.State(rawValue: word(keys.state, keys.alarmState) ?? "raised") ?? .raised
        var severity = word(keys.severity, keys.perceivedSeverity, keys.alarmSeverity).flatMap { Severity(rawValue: $0) }
        if severity == .cleared { severity = nil }
        var qualifier = word(keys.probableCause, keys.alarmProbableCause) ?? ""
        var fallback = knowledge.severity
        if type == "power.dc.lvd_open" {
            let priority = Int(batch.number(keys.priority, of: event) ?? 1)
            qualifier = "priority \(priority)"
            fallback = priority >= 2 ? .critical : .major
        } else if type == "power.dc.low_voltage", let volts = batch.number(keys.volts, of: event) {
            fallback = volts < 44.5 ? .critical : volts < 46 ? .major : volts < 47 ? .minor : .warning
        } else if type == "fuel.low", let hours = batch.number(keys.hours, of: event) {
            fallback = hours < 6 ? .critical : hours < 24 ? .major : .minor
        }
        let raisedID = word(keys.raisedEventID).flatMap { EventID($0) }
        return AlarmSignal(
            siteID: siteID, managedObject: object, alarmType: type, qualifier: qualifier, probableCause: knowledge.probableCause,
            severity: severity ?? fallback, state: state, at: batch.timestamps[event], eventID: batch.ids[event],
            raisedEventID: raisedID,
            text: word(keys.text, keys.specificProblem) ?? knowledge.text)
    }

    /// What the word about an alarm means for facts and cases.
    private mutating func note(
        _ outcome: AlarmBook.Outcome, signal: AlarmSignal, knowledge: AlarmKnowledge, site: Int32, _ batch: EventBatch,
        _ event: Int,
        _ keys: EventTypeTable.Keys, into output: inout EngineOutput
    ) {
        guard outcome.slot >= 0 else {
            // A clear whose raise was lost still belongs to the story of its component.
            if signal.state == .cleared { noteStray(signal, knowledge, site: site) }
            return
        }
        switch outcome.change {
        case .cleared: alarmEnded(outcome.slot, at: signal.at, eventID: signal.eventID)
        case .clearHeld, .ignored, .historical: noteEvent(ofSlot: outcome.slot, signal.eventID, at: signal.at)
        case .raised, .repeated, .changed:
            if let condition = condition(of: knowledge, signal: signal) {
                // First, so that what fell with the bus finds the case.
                if condition == .dyingGasp || condition == .cellDown && batch.string(keys.cause, of: event) == "power" {
                    checkCollapse(
                        site, volts: condition == .dyingGasp ? batch.number(keys.volts, of: event) : nil, at: signal.at, signal.eventID,
                        into: &output)
                }
                let component = component(of: condition, object: signal.managedObject, site: site)
                let value = batch.number(keys.volts, of: event) ?? batch.number(keys.hours, of: event)
                observe(
                    condition, at: component, object: signal.managedObject, onset: signal.at, slot: outcome.slot,
                    severity: signal.severity,
                    eventID: signal.eventID, value: value, into: &output)
                switch condition {
                case .doorOpen: noteWork(site, at: signal.at, signal.eventID, into: &output)
                case .cellDown where Self.lockCauses.contains(batch.string(keys.cause, of: event) ?? ""):
                    noteLock(site, at: signal.at, signal.eventID, into: &output)
                case .generatorStartFailed: noteStart(site, worked: false)
                case .lvd1Open, .lvd2Open:
                    if condition == .lvd1Open { senses[Int(site)].autonomy?.observe(opening: .lvd1, at: signal.at) }
                    checkShortAutonomy(site, isFirst: condition == .lvd1Open, openedAt: signal.at, signal.eventID, into: &output)
                case .dyingGasp where batch.number(keys.volts, of: event).map { $0 >= Self.collapsedVolts && $0 < 46 } ?? false:
                    // The disconnect itself was not heard.
                    checkShortAutonomy(site, isFirst: false, openedAt: signal.at, signal.eventID, into: &output)
                default: break
                }
                // What no story has taken in is grouped as other alarms are; wind alone is weather.
                if condition.isOnlyEffect, condition != .highWind, let number = facts.newest(component, condition), facts[number].caseNumber < 0 {
                    takeOther(signal, slot: outcome.slot, site: site, into: &output)
                }
            } else {
                takeOther(signal, slot: outcome.slot, site: site, into: &output)
            }
        }
    }

    private mutating func noteStray(_ signal: AlarmSignal, _ knowledge: AlarmKnowledge, site: Int32) {
        guard let condition = condition(of: knowledge, signal: signal) else { return }
        let place = component(of: condition, object: signal.managedObject, site: site)
        let owner: Int32? =
            if let thread = condition.thread {
                threadCase[ThreadKey(component: place, thread: thread)]
            } else if place.kind == .link {
                linkCase[place.number]
            } else {
                condition.isPower ? powerCase[site] : reachCase[site]
            }
        if let owner { cases[owner]?.note(signal.eventID, at: signal.at, most: configuration.maximumEventsPerIncident) }
    }

    private func condition(of knowledge: AlarmKnowledge, signal: AlarmSignal) -> Condition? {
        switch knowledge.type {
        case "power.dc.lvd_open": signal.qualifier == "priority 2" ? .lvd2Open : .lvd1Open
        case "eth.congestion", "fibre.ber": signal.managedObject.hasPrefix("link:") ? .modulationDown : nil
        case "ring.protection_lost": signal.managedObject.hasPrefix("link:") ? .fibreCut : nil
        default: knowledge.condition
        }
    }

    private mutating func component(of condition: Condition, object: String, site: Int32) -> Component {
        guard condition.isLink, object.hasPrefix("link:"), let link = topology.link(named: object) else { return .site(site) }
        growSenses()
        return .link(link)
    }

    private mutating func takeNotice(
        _ type: String, at: Timestamp, eventID: EventID, site: Int32, into output: inout EngineOutput
    ) {
        hearController(type, at: at, site: site, eventID)
        switch type {
        case "dg.started":
            noteStart(site, worked: true)
            generatorRuns(true, at: at, eventID: eventID, site: site, isNotice: true, into: &output)
        case "dg.stopped": generatorRuns(false, at: at, eventID: eventID, site: site, isNotice: true, into: &output)
        case "permit.issued", "wfm.visit.started", "wfm.visit.ended", "change.window.started", "change.window.ended":
            takePermit(type, site: site, at: at, eventID: eventID, into: &output)
        default: noteEvent(ofSite: site, family: type, eventID, at: at)
        }
    }

    /// An alarm is over: so is its part of the fact it held up.
    mutating func alarmEnded(_ slot: Int32, at: Timestamp, eventID: EventID? = nil) {
        if let eventID { noteEvent(ofSlot: slot, eventID, at: at) }
        guard let number = factOfSlot[slot] else {
            if let owner = caseOfSlot[slot], cases[owner] != nil { scheduleJudgement(owner) }
            return
        }
        factOfSlot[slot] = nil
        facts[number].alarmSlots.removeAll { $0 == slot }
        if let eventID { facts.addEvent(eventID, to: number) }
        endIfDone(number, at: at)
    }

    func noteOwner(ofSlot slot: Int32) -> Int32? { caseOfSlot[slot] }

    mutating func noteEvent(ofSlot slot: Int32, _ id: EventID, at: Timestamp) {
        guard let owner = caseOfSlot[slot] else { return }
        cases[owner]?.note(id, at: at, most: configuration.maximumEventsPerIncident)
    }

    /// A notice beside a case of the same part of the site belongs to its story.
    mutating func noteEvent(ofSite site: Int32, family type: String, _ id: EventID, at: Timestamp) {
        let isPower = ["power.", "rectifier.", "battery.", "dg.", "fuel."].contains { type.hasPrefix($0) }
        guard let owner = isPower ? powerCase[site] : reachCase[site] else { return }
        cases[owner]?.note(id, at: at, most: configuration.maximumEventsPerIncident)
    }

    /// An alarm without a node of its own: part of the case of its component, else of a group that no template knows.
    private mutating func takeOther(_ signal: AlarmSignal, slot: Int32, site: Int32, into output: inout EngineOutput) {
        let type = signal.alarmType
        var owner: Int32?
        if signal.managedObject.hasPrefix("link:"), let link = topology.link(named: signal.managedObject) {
            growSenses()
            owner = linkCase[link]
        } else if ["power.", "rectifier.", "battery.", "dg.", "fuel."].contains(where: { type.hasPrefix($0) }) {
            owner = powerCase[site]
        }
        if let owner, cases[owner] != nil {
            cases[owner]?.note(signal.eventID, at: signal.at, most: configuration.maximumEventsPerIncident)
            adopt(slot, into: owner)
            return
        }
        takeForeign(signal, slot: slot, device: site, into: &output)
    }

    mutating func adopt(_ slot: Int32, into owner: Int32) {
        guard caseOfSlot[slot] != owner else { return }
        caseOfSlot[slot] = owner
        cases[owner]?.slots.append(slot)
    }

    /// Words of the site's own controller prove that it is alive; radio and transport speak for themselves.
    mutating func hearController(_ type: String, at: Timestamp, site: Int32, _ id: EventID) {
        let others = ["ran.", "mw.", "fibre.", "eth.", "path.", "ring.", "sync.", "rms.offline", "itsm.", "wfm.", "permit.", "change."]
        guard !others.contains(where: { type.hasPrefix($0) }) else { return }
        hear(site, at: at, id, isPeriodic: false)
    }
}
