import TowerCausality
import TowerModel

// Cases: how one begins, takes facts in and lets go of them, and how two become one.
extension TenantEngine {
    /// Whether everything that the case holds of the component ended long before: what comes now is another matter, unless the
    /// case began there.
    func isBehind(_ owner: Int32, _ component: Component, onset: Timestamp) -> Bool {
        guard let entry = cases[owner], entry.anchor != component, entry.top?.anchor != component else { return false }
        var ended = Timestamp.distantPast
        for number in entry.facts {
            guard let held = facts.facts[Int(number)], held.component == component, held.caseNumber == owner, !held.condition.isHealthy,
                held.condition != .fuelLow, held.condition != .starterBatteryLow
            else { continue }
            guard let end = held.endedAt ?? denied(held) else { return false }
            ended = max(ended, end)
        }
        return ended > .distantPast && onset.seconds(since: ended) > configuration.reopenWindow
    }

    /// Since when telemetry says that an alarm is over whose clear was lost.
    private func denied(_ fact: Fact) -> Timestamp? {
        guard let reading = facts.reading(fact.component, fact.condition), !reading.holds,
            reading.at > fact.lastAt.adding(seconds: configuration.clockSkew)
        else { return nil }
        return max(reading.since, fact.onset)
    }

    mutating func openCase(at component: Component, onset: Timestamp) -> Int32? {
        if let known = returning(at: component, onset: onset) { return known }
        guard cases.count < configuration.maximumCases else { return nil }
        let number = nextCase
        nextCase += 1
        cases[number] = Case(number: number, anchor: component, onset: onset, now: now)
        return number
    }

    /// The case of an incident of that component that ended a short while ago and is still kept.
    private func returning(at component: Component, onset: Timestamp) -> Int32? {
        guard let owner = endedCase[component], let ended = cases[owner], ended.stage == .resolved,
            let resolvedAt = ended.resolvedAt, onset.seconds(since: resolvedAt) <= configuration.reopenWindow
        else { return nil }
        return owner
    }

    mutating func add(_ number: Int32, to owner: Int32) {
        facts[number].caseNumber = owner
        cases[owner]!.facts.append(number)
        let fact = facts[number]
        switch fact.component.kind {
        case .site:
            if !cases[owner]!.sites.contains(fact.component.number) { cases[owner]!.sites.append(fact.component.number) }
        case .link:
            if !cases[owner]!.links.contains(fact.component.number) { cases[owner]!.links.append(fact.component.number) }
        case .feeder: break
        }
        claim(fact, for: owner)
        for slot in fact.allSlots { adopt(slot, into: owner) }
        for id in fact.eventIDs { cases[owner]!.note(id, at: fact.onset, most: configuration.maximumEventsPerIncident) }
        if !fact.condition.isHealthy { cases[owner]!.onset = min(cases[owner]!.onset, fact.onset) }
    }

    /// Further signs of that part of the component go to the case.
    mutating func claim(_ fact: Fact, for owner: Int32) {
        if let thread = fact.condition.thread {
            threadCase[ThreadKey(component: fact.component, thread: thread)] = owner
            return
        }
        switch fact.component.kind {
        case .site:
            if fact.condition.isPower { powerCase[fact.component.number] = owner } else { reachCase[fact.component.number] = owner }
        case .link: linkCase[fact.component.number] = owner
        case .feeder: break
        }
    }

    /// Moves everything of one case into another. The incident that people know survives.
    mutating func merge(_ source: Int32, into target: Int32, reason: String, into output: inout EngineOutput) {
        guard source != target, let gone = cases[source], cases[target] != nil, !areApart(source, target) else { return }
        if gone.incidentID != nil, gone.stage == .open {
            if cases[target]!.incidentID == nil {
                cases[target]!.incidentID = gone.incidentID
                cases[target]!.revision = gone.revision
                cases[target]!.openedAt = gone.openedAt
                cases[target]!.stage = .open
                cases[target]!.lastTold = gone.lastTold
                caseOfIncident[gone.incidentID!] = target
                cases[target]!.reasons.append(reason)
            } else {
                tellMerged(source, into: target, reason: reason, into: &output)
            }
        }
        for number in gone.facts where facts.facts[Int(number)] != nil { add(number, to: target) }
        for slot in gone.slots { adopt(slot, into: target) }
        for event in gone.events { cases[target]!.note(event.id, at: event.at, most: configuration.maximumEventsPerIncident) }
        cases[target]!.createdAt = min(cases[target]!.createdAt, gone.createdAt)
        cases[target]!.isRecordWorthy = cases[target]!.isRecordWorthy || gone.isRecordWorthy
        cases[target]!.apart += gone.apart.filter { !cases[target]!.apart.contains($0) }
        if let feeder = gone.feeder {
            feederCase[feeder] = target
            if cases[target]!.feeder == nil {
                cases[target]!.feeder = feeder
                cases[target]!.feederOnset = gone.feederOnset
                cases[target]!.anchor = .feeder(feeder)
            }
        }
        cases[source] = nil
        scheduleJudgement(target)
    }

    func title(of component: Component) -> String {
        switch component.kind {
        case .site: topology.title(component.number)
        case .link: linkTitle(component.number)
        case .feeder: "feeder \(topology.feederName(component.number))"
        }
    }

    func linkTitle(_ link: Int32) -> String {
        let entry = topology.links[Int(link)]
        let far = entry.parent == entry.a ? entry.b : entry.parent == entry.b ? entry.a : max(entry.a, entry.b)
        return "\(topology.title(entry.other(far))) to \(topology.title(far))"
    }
}
