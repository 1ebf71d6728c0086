import TowerCausality
import TowerModel

// Alarms that no template knows: grouped by burst and link, their roots ranked by what opened earlier bursts.
extension TenantEngine {
    mutating func takeGeneric(
        _ batch: EventBatch, _ event: Int, _ keys: EventTypeTable.Keys, isRaise: Bool, into output: inout EngineOutput
    ) {
        let siteName = batch.symbols.name(batch.sites[event])
        let device = batch.string(keys.deviceID, of: event) ?? siteName
        let type = batch.string(keys.alarmType, of: event) ?? ""
        var severity =
            (batch.string(keys.severity, of: event) ?? batch.string(keys.perceivedSeverity, of: event))
            .flatMap { Severity(rawValue: $0) } ?? .indeterminate
        if severity == .cleared { severity = .indeterminate }
        let raised = batch.string(keys.raisedEventID, of: event).flatMap { EventID($0) }
        let signal = AlarmSignal(
            siteID: SiteID(siteName), managedObject: device, alarmType: type,
            qualifier: batch.string(keys.probableCause, of: event) ?? "", severity: severity, state: isRaise ? .raised : .cleared,
            at: batch.timestamps[event], eventID: batch.ids[event], raisedEventID: raised,
            text: batch.string(keys.text, of: event) ?? type)
        guard isRaise ? !type.isEmpty : raised != nil || !type.isEmpty else { return }
        let outcome = book.take(signal, now: now, into: &output.alarms)
        guard outcome.slot >= 0 else { return }
        switch outcome.change {
        case .cleared: alarmEnded(outcome.slot, at: signal.at, eventID: signal.eventID)
        case .raised, .repeated, .changed:
            guard let number = site(named: device) else { return }
            takeForeign(signal, slot: outcome.slot, device: number, into: &output)
        case .clearHeld, .ignored, .historical: noteEvent(ofSlot: outcome.slot, signal.eventID, at: signal.at)
        }
    }

    mutating func takeForeign(_ signal: AlarmSignal, slot: Int32, device: Int32, into output: inout EngineOutput) {
        let raise = BurstGrouper.Raise(
            device: device, type: typeNames.intern(signal.alarmType), at: signal.at, eventID: signal.eventID, slot: slot,
            severity: signal.severity)
        learn(type: raise.type, device: device, at: signal.at)
        let placed = bursts.take(raise, neighbours: topology.neighbours(of: device), now: now)
        if let merged = placed.merged { mergeGroups(merged, into: placed.group, output: &output) }
        if caseOfGroup[placed.group].flatMap({ cases[$0] }) == nil {
            guard cases.count < configuration.maximumCases else { return }
            let number = nextCase
            nextCase += 1
            cases[number] = Case(number: number, anchor: .site(device), onset: signal.at, now: now)
            cases[number]!.group = placed.group
            caseOfGroup[placed.group] = number
        }
        let owner = caseOfGroup[placed.group]!
        cases[owner]!.note(signal.eventID, at: signal.at, most: configuration.maximumEventsPerIncident)
        cases[owner]!.onset = min(cases[owner]!.onset, signal.at)
        cases[owner]!.lastActivity = now
        adopt(slot, into: owner)
        scheduleJudgement(owner)
    }

    private mutating func mergeGroups(_ source: Int32, into target: Int32, output: inout EngineOutput) {
        guard let from = caseOfGroup.removeValue(forKey: source), let gone = cases[from] else { return }
        guard let to = caseOfGroup[target], cases[to] != nil else {
            cases[from]!.group = target
            caseOfGroup[target] = from
            return
        }
        // The older group survives; if only the younger is known to people, its name does.
        if gone.incidentID != nil, cases[to]!.incidentID == nil {
            cases[to]!.incidentID = gone.incidentID
            cases[to]!.revision = gone.revision
            cases[to]!.openedAt = gone.openedAt
            cases[to]!.stage = gone.stage
            cases[to]!.lastTold = gone.lastTold
            caseOfIncident[gone.incidentID!] = to
        } else if gone.incidentID != nil, gone.stage == .open {
            tellMerged(from, into: to, reason: "alarms of linked devices in one burst", into: &output)
        }
        for slot in gone.slots { adopt(slot, into: to) }
        for event in gone.events { cases[to]!.note(event.id, at: event.at, most: configuration.maximumEventsPerIncident) }
        cases[to]!.onset = min(cases[to]!.onset, gone.onset)
        cases[to]!.anchor = cases[to]!.onset <= gone.onset ? cases[to]!.anchor : gone.anchor
        cases[from] = nil
    }

    /// A group becomes an incident with its second kind of alarm, its second device, or one alarm that is major by itself.
    mutating func judgeGroup(_ number: Int32, into output: inout EngineOutput) {
        guard let entry = cases[number], entry.group >= 0 else { return }
        cases[number]!.isJudgementDue = false
        guard let group = bursts.group(entry.group), entry.stage != .resolved else { return }
        cases[number]!.lastJudgedAt = now
        if entry.stage == .watching {
            if group.members.count >= 2 || group.severity >= .major { openIncident(number, into: &output) }
        } else {
            tell(number, into: &output)
        }
    }

    /// A group has been quiet for long enough: its incident is over.
    mutating func groupEnded(_ group: Int32, into output: inout EngineOutput) {
        defer { bursts.remove(group) }
        guard let number = caseOfGroup.removeValue(forKey: group), let entry = cases[number] else { return }
        if entry.stage == .open {
            cases[number]!.resolvedAt = bursts.group(group)?.last ?? now
            cases[number]!.reasons = ["quiet"]
            emit(number, kind: .resolved, status: .resolved, into: &output)
        }
        dispose(number)
    }
}
