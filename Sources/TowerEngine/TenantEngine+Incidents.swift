import TowerCausality
import TowerModel

extension TenantEngine {
    // MARK: Opening

    mutating func openIncident(_ number: Int32, into output: inout EngineOutput) {
        if let first = firstSign(of: number) { cases[number]!.anchor = first }
        let entry = cases[number]!
        // Forerunners may have been told before, with another incident of the same place.
        let own = entry.events.filter { $0.at >= entry.onset }
        let first = (own.isEmpty ? entry.events : own).min { ($0.at, $0.id) < ($1.at, $1.id) }
        let scope = "incident|\(tenantID)|\(title(of: entry.anchor))|\(entry.group >= 0 ? "group" : "case")"
        let namespace = first?.id ?? .derived(from: .platformNamespace, "\(entry.onset)")
        let id = EventID.derived(from: namespace, scope)
        cases[number]!.incidentID = id
        cases[number]!.openedAt = now
        cases[number]!.stage = .open
        caseOfIncident[id] = number
        if cases[number]!.reasons.isEmpty {
            let version = configuration.templates.version
            cases[number]!.reasons = [version.isEmpty ? "opened" : "opened with stories \(version)"]
        }
        emit(number, kind: .opened, into: &output)
    }

    /// Where the case began by the events' own time, so that an incident's name does not hang on which of them came first.
    private func firstSign(of number: Int32) -> Component? {
        guard let entry = cases[number], entry.feeder == nil, entry.group < 0 else { return nil }
        return entry.facts.compactMap { facts.facts[Int($0)] }.filter { $0.caseNumber == number && !$0.condition.isHealthy }
            .min { ($0.onset, title(of: $0.component)) < ($1.onset, title(of: $1.component)) }?.component
    }

    mutating func reopen(_ number: Int32, into output: inout EngineOutput) {
        if cases[number]!.closedByPerson, !isServiceHit(number) { return }
        cases[number]!.closedByPerson = false
        guard cases[number]!.incidentID != nil else {
            cases[number]!.stage = .watching
            return
        }
        cases[number]!.stage = .open
        cases[number]!.resolvedAt = nil
        cases[number]!.reasons = ["returned"]
        emit(number, kind: .reopened, into: &output)
    }

    private func isServiceHit(_ number: Int32) -> Bool {
        cases[number]!.facts.contains { facts[$0].isActive && facts[$0].condition.isOutage }
    }

    // MARK: Telling

    /// Tells a new revision when something worth telling has changed.
    mutating func tell(_ number: Int32, into output: inout EngineOutput) {
        guard cases[number]!.stage == .open else { return }
        for slot in cases[number]!.slots { book.assign(slot, to: cases[number]!.incidentID, now: now, into: &output.alarms) }
        let (told, minutesLeft) = told(number)
        guard let before = cases[number]!.lastTold else { return }
        guard
            let reason = difference(from: before, to: told, minutesLeft: minutesLeft) ?? cases[number]!.reasons.first
                ?? lateMembers(number, before, told)
        else { return }
        if cases[number]!.reasons.isEmpty { cases[number]!.reasons = [reason] }
        emit(number, kind: .updated, into: &output)
    }

    /// What came after the last telling and changed nothing is told once nothing more comes: every alarm ends up in what people see.
    private mutating func lateMembers(_ number: Int32, _ before: Case.Told, _ after: Case.Told) -> String? {
        guard after.memberCount != before.memberCount else { return nil }
        guard now.seconds(since: cases[number]!.lastActivity) < configuration.judgementPeriod else { return "more alarms of the same" }
        scheduleJudgement(number)
        return nil
    }

    private func difference(from before: Case.Told, to after: Case.Told, minutesLeft: Double) -> String? {
        if before.candidates != after.candidates { return "root cause candidates changed order" }
        if abs(before.probability - after.probability) >= 0.05 { return "probability changed" }
        if before.affected != after.affected { return "affected sites changed" }
        if before.severity != after.severity { return "severity changed" }
        if before.needsPerson != after.needsPerson {
            return after.needsPerson ? "a person is needed" : "expected to end by itself"
        }
        if after.memberCount >= 2 * max(1, before.memberCount) { return "new evidence" }
        // Of what is left, not of the whole discharge: at the end minutes matter, and the fleet's screen has the newest forecast.
        if abs(before.autonomyMinutes - after.autonomyMinutes) > 0.1 * max(30, minutesLeft) { return "forecast moved" }
        return nil
    }

    /// What is to be told, and the minutes that the first battery has left.
    private func told(_ number: Int32) -> (Case.Told, minutesLeft: Double) {
        let entry = cases[number]!
        guard entry.group < 0 else {
            let snapshot = snapshot(number, status: .open)
            return (summary(of: snapshot), snapshot.autonomy.first?.minutesP50 ?? 0)
        }
        // As `summary` of a snapshot, without what it would leave out: this is asked at every judgement.
        let held = heldFacts(entry)
        let affected = affectedSites(entry, held)
        let forecasts = forecasts(entry)
        let candidates = candidates(entry, held, isExplained: false)
        let told = Case.Told(
            candidates: candidates.prefix(3).map { "\($0.siteID)|\($0.managedObject)|\($0.condition)" },
            probability: candidates.first?.probability ?? 0, affected: affected.map { "\($0.siteID)|\($0.impact.rawValue)" },
            severity: severity(entry, held, affected, forecasts), memberCount: entry.slots.count,
            autonomyMinutes: forecasts.first.map { $0.at.seconds(since: entry.onset) / 60 + $0.minutesP50 } ?? 0,
            needsPerson: !isExpectedToEnd(entry, held, forecasts))
        return (told, forecasts.first?.minutesP50 ?? 0)
    }

    func summary(of snapshot: IncidentSnapshot) -> Case.Told {
        Case.Told(
            candidates: snapshot.rootCauseCandidates.prefix(3).map { "\($0.siteID)|\($0.managedObject)|\($0.condition)" },
            probability: snapshot.rootCauseCandidates.first?.probability ?? 0,
            affected: snapshot.affectedSites.map { "\($0.siteID)|\($0.impact.rawValue)" }, severity: snapshot.severity,
            memberCount: snapshot.alarmCount, autonomyMinutes: expectedMinutes(snapshot), needsPerson: snapshot.needsPerson)
    }

    /// Minutes from onset to the forecast end: stays put while a forecast comes true.
    private func expectedMinutes(_ snapshot: IncidentSnapshot) -> Double {
        guard let first = snapshot.autonomy.first else { return 0 }
        return first.at.seconds(since: snapshot.onsetAt) / 60 + first.minutesP50
    }

    mutating func emit(
        _ number: Int32, kind: IncidentChange.Kind, status: IncidentSnapshot.Status = .open, mergedInto: EventID? = nil,
        into output: inout EngineOutput
    ) {
        cases[number]!.revision += 1
        for slot in cases[number]!.slots {
            book.assign(slot, to: mergedInto ?? cases[number]!.incidentID, now: now, into: &output.alarms)
        }
        var snapshot = snapshot(number, status: status)
        snapshot.mergedInto = mergedInto
        cases[number]!.lastTold = summary(of: snapshot)
        cases[number]!.reasons = []
        output.incidents.append(IncidentChange(kind: kind, snapshot: snapshot))
        keepProposalsNear(into: &output)
    }

    mutating func tellMerged(_ source: Int32, into target: Int32, reason: String, into output: inout EngineOutput) {
        cases[source]!.reasons = ["merged: \(reason)"]
        let survivor = cases[target]!.incidentID
        cases[source]!.revision += 1
        var snapshot = snapshot(source, status: .merged)
        snapshot.mergedInto = survivor
        snapshot.resolvedAt = now
        output.incidents.append(IncidentChange(kind: .merged, snapshot: snapshot))
        keepProposalsNear(into: &output)
        if let id = cases[source]!.incidentID { caseOfIncident[id] = target }
        cases[target]!.reasons.append("took in another incident: \(reason)")
    }

    // MARK: Ending

    mutating func scheduleClose(_ number: Int32) {
        guard !cases[number]!.isCloseDue else { return }
        cases[number]!.isCloseDue = true
        timers.schedule(.close(number), at: closeTime(number))
    }

    private func closeTime(_ number: Int32) -> Timestamp {
        let entry = cases[number]!
        let hold = entry.links.isEmpty ? configuration.quietHold : configuration.linkQuietHold
        return entry.lastActivity.adding(seconds: hold)
    }

    mutating func checkClose(_ number: Int32, into output: inout EngineOutput) {
        guard cases[number] != nil, cases[number]!.stage != .resolved else { return }
        cases[number]!.isCloseDue = false
        guard isOver(number) else { return }
        guard closeTime(number) <= now else {
            scheduleClose(number)
            return
        }
        let ended = cases[number]!.facts.compactMap { facts.facts[Int($0)]?.endedAt }.max() ?? now
        if cases[number]!.stage == .open {
            cases[number]!.resolvedAt = ended
            cases[number]!.reasons = ["all of it has cleared"]
            emit(number, kind: .resolved, status: .resolved, into: &output)
            cases[number]!.stage = .resolved
            detach(number)
            endedCase[cases[number]!.anchor] = number
            timers.schedule(.forget(number), at: now.adding(seconds: configuration.reopenWindow))
        } else {
            if cases[number]!.isRecordWorthy, !cases[number]!.events.isEmpty { record(number, endedAt: ended, into: &output) }
            detach(number)
            dispose(number)
        }
    }

    /// A carried outage leaves one line that nobody has to look at.
    private mutating func record(_ number: Int32, endedAt: Timestamp, into output: inout EngineOutput) {
        let entry = cases[number]!
        let first = entry.events.min { ($0.at, $0.id) < ($1.at, $1.id) }!
        cases[number]!.incidentID = .derived(from: first.id, "incident|\(tenantID)|\(title(of: entry.anchor))|record")
        cases[number]!.openedAt = entry.createdAt
        cases[number]!.resolvedAt = endedAt
        cases[number]!.reasons = ["ended as expected"]
        emit(number, kind: .resolved, status: .autoClosed, into: &output)
    }

    /// The components are free for new cases.
    private mutating func detach(_ number: Int32) {
        let entry = cases[number]!
        for site in entry.sites {
            if powerCase[site] == number { powerCase[site] = nil }
            if reachCase[site] == number { reachCase[site] = nil }
        }
        for link in entry.links where linkCase[link] == number { linkCase[link] = nil }
        for fact in entry.facts {
            guard let found = facts.facts[Int(fact)], let thread = found.condition.thread else { continue }
            let key = ThreadKey(component: found.component, thread: thread)
            if threadCase[key] == number { threadCase[key] = nil }
        }
        if let feeder = entry.feeder, feederCase[feeder] == number { feederCase[feeder] = nil }
        for fact in entry.facts where facts.facts[Int(fact)]?.caseNumber == number {
            // What was lost with its clear must not hold up the next story.
            if facts[fact].isActive, !facts[fact].condition.isHealthy { facts[fact].endedAt = now }
        }
    }

    mutating func forgetCase(_ number: Int32) {
        guard let entry = cases[number], entry.stage == .resolved else { return }
        if endedCase[entry.anchor] == number { endedCase[entry.anchor] = nil }
        dispose(number)
    }

    mutating func dispose(_ number: Int32) {
        guard let entry = cases.removeValue(forKey: number) else { return }
        if let id = entry.incidentID { caseOfIncident[id] = nil }
        for slot in entry.slots where caseOfSlot[slot] == number { caseOfSlot[slot] = nil }
        for fact in entry.facts where facts.facts[Int(fact)]?.caseNumber == number {
            facts[fact].caseNumber = -1
            if !facts[fact].isActive { retire(fact) }
        }
    }

    /// Precursors stay for three days; everything else is forgotten with its case.
    private mutating func retire(_ fact: Int32) {
        let found = facts[fact]
        if [.fuelLow, .starterBatteryLow, .highWind, .batteryAged].contains(found.condition) { return }
        for slot in found.allSlots where factOfSlot[slot] == fact { factOfSlot[slot] = nil }
        facts.remove(fact)
    }

    // MARK: People

    mutating func apply(_ action: OperatorAction, into output: inout EngineOutput) {
        guard let number = caseOfIncident[action.incidentID], let entry = cases[number] else { return }
        switch action.kind {
        case .resolve:
            guard entry.stage == .open else { return }
            cases[number]!.stage = .resolved
            cases[number]!.closedByPerson = true
            cases[number]!.resolvedAt = action.at
            cases[number]!.reasons = ["resolved by a person"]
            emit(number, kind: .resolved, status: .resolved, into: &output)
        case .reopen:
            guard entry.stage == .resolved else { return }
            cases[number]!.stage = .open
            cases[number]!.closedByPerson = false
            cases[number]!.resolvedAt = nil
            cases[number]!.reasons = ["reopened by a person"]
            emit(number, kind: .reopened, into: &output)
            scheduleJudgement(number)
        case .merge(let into):
            guard let target = caseOfIncident[into], target != number, entry.group < 0, cases[target]?.group ?? 0 < 0 else {
                return
            }
            rejoin(number, target)
            merge(number, into: target, reason: "merged by a person", into: &output)
        case .split(let cut):
            splitByPerson(number, cut, into: &output)
        }
    }
}
