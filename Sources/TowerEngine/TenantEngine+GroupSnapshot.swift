import TowerCausality
import TowerLearning
import TowerModel

extension TenantEngine {
    /// An incident of alarms that no template knows.
    func groupSnapshot(_ entry: Case, status: IncidentSnapshot.Status) -> IncidentSnapshot {
        let group = bursts.group(entry.group)
        let members = (group?.members ?? []).sorted {
            if $0.first != $1.first { return $0.first < $1.first }
            if $0.device != $1.device { return topology.name($0.device) < topology.name($1.device) }
            return typeNames[$0.type] < typeNames[$1.type]
        }
        let candidates = groupCandidates(members)
        let devices = Set(members.map(\.device)).sorted { topology.name($0) < topology.name($1) }
        let best = candidates.first { $0.condition != Condition.unknown.rawValue }
        let lead = best.flatMap { topology.find($0.managedObject) ?? topology.find($0.siteID) } ?? devices.first
        let events = entry.events.sorted { ($0.at, $0.id) < ($1.at, $1.id) }
        let total = group?.eventCount ?? events.count
        let name = lead.map { topology.title($0) } ?? ""
        let what = best?.eventType ?? "alarms"
        let title = devices.count > 1 ? "\(what) on \(name) and \(devices.count - 1) linked" : "\(what) on \(name)"
        let sure = best.map { $0.probability >= 0.4 } ?? false
        let sentence =
            "\(total) alarms of \(Set(members.map(\.type)).count) types on \(devices.count == 1 ? "one device" : "\(ConditionWording.count(devices.count)) linked devices") since \(ConditionWording.clock(entry.onset)) UTC; "
            + (sure
                ? "\(what) on \(name) most often opens such bursts and is the likely cause."
                : "which of them is the cause is not known.")
        return IncidentSnapshot(
            incidentID: entry.incidentID ?? EventID(high: 0, low: 0), tenantID: tenantID, revision: entry.revision,
            status: status,
            severity: max(.warning, group?.severity ?? .warning), openedAt: entry.openedAt, onsetAt: entry.onset, updatedAt: now,
            resolvedAt: entry.resolvedAt, needsPerson: status == .open, title: title, explanation: sentence,
            reason: entry.reasons.isEmpty ? "new evidence" : entry.reasons.joined(separator: "; "),
            siteID: SiteID(lead.map { topology.name($0) } ?? ""),
            affectedSites: devices.prefix(256).map {
                .init(
                    siteID: SiteID(topology.name($0)), impact: $0 == lead ? .root : .degraded, since: entry.onset,
                    operators: topology.sites[Int($0)]?.operators ?? [])
            }, affectedOperators: Set(devices.flatMap { topology.sites[Int($0)]?.operators ?? [] }).sorted(),
            rootCauseCandidates: candidates, timeline: groupTimeline(members, root: best),
            actions: groupActions(best, status: status),
            eventIDs: events.map(\.id), alarmIDs: entry.slots.map { book.alarm($0).alarmID }.sorted(), alarmCount: total)
    }

    /// Types ranked by what opened earlier bursts; the device is that of the type's first alarm here.
    private func groupCandidates(_ members: [BurstGrouper.Member]) -> [IncidentSnapshot.RootCauseCandidate] {
        var first: [(type: Int32, first: Int64)] = []
        var owner: [Int32: BurstGrouper.Member] = [:]
        for member in members where owner[member.type] == nil {
            owner[member.type] = member
            first.append((member.type, member.first.microseconds / 1_000_000))
        }
        let types = first.map(\.type)
        let probabilities = obeyed(bursts.statistics.probabilities(first).types, types: types)
        let order = first.indices.sorted {
            probabilities[$0] != probabilities[$1]
                ? probabilities[$0] > probabilities[$1] : typeNames[first[$0].type] < typeNames[first[$1].type]
        }
        let start = first.map(\.first).min() ?? 0
        var result: [IncidentSnapshot.RootCauseCandidate] = []
        for index in order.prefix(8) where probabilities[index] >= 0.005 {
            let member = owner[first[index].type]!
            let type = typeNames[member.type]
            var evidence = [
                IncidentSnapshot.Evidence(
                    text: "\(type) on \(topology.title(member.device)), \(member.count) times", at: member.first,
                    likelihoodRatio: (max(0.01, min(100, probabilities[index] * Double(first.count))) * 100).rounded() / 100,
                    eventIDs: [member.eventID])
            ]
            var against: [IncidentSnapshot.Evidence] = []
            if first[index].first > start {
                against = evidence.map { fact in
                    var fact = fact
                    fact.text = "\(type) came \(first[index].first - start) s after the first alarm"
                    fact.likelihoodRatio = 0.78
                    return fact
                }
            } else {
                evidence[0].text += ", among the first"
            }
            for edge in learnedCauses(of: member.type, among: types).prefix(2) {
                against.append(learnedEvidence("\(typeNames[edge.cause]), which brings \(type), came too", edge, owner[edge.cause] ?? member, 1 / (1 + edge.score)))
            }
            for edge in learnedEffects(of: member.type, among: types).prefix(2) {
                evidence.append(learnedEvidence("\(type) brings \(typeNames[edge.effect]), which came", edge, owner[edge.effect] ?? member, 1 + edge.score))
            }
            let known = AlarmKnowledge.byType[type]
            result.append(
                IncidentSnapshot.RootCauseCandidate(
                    siteID: topology.name(member.device), managedObject: book.alarm(member.slot).managedObject,
                    condition: known?.condition?.rawValue ?? type, eventType: type, label: known?.text ?? type,
                    probability: min(0.99, (probabilities[index] * 10_000).rounded() / 10_000), evidenceFor: evidence,
                    evidenceAgainst: against))
        }
        let rest = max(0, 1 - result.reduce(0) { $0 + $1.probability })
        result.append(
            IncidentSnapshot.RootCauseCandidate(
                siteID: "", managedObject: "", condition: Condition.unknown.rawValue, eventType: "", label: "Unknown",
                probability: (rest * 10_000).rounded() / 10_000))
        return result.enumerated().sorted {
            $0.element.probability != $1.element.probability
                ? $0.element.probability > $1.element.probability : $0.offset < $1.offset
        }.map(\.element)
    }

    private func learnedEvidence(
        _ text: String, _ edge: CausalEdge, _ member: BurstGrouper.Member, _ ratio: Double
    ) -> IncidentSnapshot.Evidence {
        IncidentSnapshot.Evidence(
            text: text + (edge.origin == .confirmed ? " (confirmed)" : " (learned)"), at: member.first,
            likelihoodRatio: (ratio * 100).rounded() / 100, eventIDs: [member.eventID])
    }

    private func groupTimeline(
        _ members: [BurstGrouper.Member], root: IncidentSnapshot.RootCauseCandidate?
    ) -> [IncidentSnapshot.TimelineNode] {
        members.prefix(64).map { member in
            let type = typeNames[member.type]
            let device = topology.name(member.device)
            return IncidentSnapshot.TimelineNode(
                nodeID: "\(type)|\(device)", lane: .site, condition: type, label: AlarmKnowledge.byType[type]?.text ?? type,
                siteID: device,
                managedObject: book.alarm(member.slot).managedObject, knowledge: .reported, at: member.first,
                isRoot: root?.eventType == type && root?.siteID == device, count: member.count, eventIDs: [member.eventID])
        }
    }

    private func groupActions(
        _ best: IncidentSnapshot.RootCauseCandidate?, status: IncidentSnapshot.Status
    ) -> [IncidentSnapshot.ProposedAction] {
        guard status == .open, let best else { return [] }
        return [.init(text: "Check \(best.siteID) first", detail: "\(best.label): it most often opens such bursts", kind: .check)]
    }
}
