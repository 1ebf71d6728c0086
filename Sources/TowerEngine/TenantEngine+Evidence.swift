import Glibc
import TowerCausality
import TowerModel

extension TenantEngine {
    /// The rivals with what speaks for and against each; at most eight and "unknown".
    ///
    /// - Parameter isExplained: with what speaks for and against them.
    func candidates(_ entry: Case, _ held: [Fact], isExplained: Bool = true) -> [IncidentSnapshot.RootCauseCandidate] {
        var merged: [(candidate: IncidentSnapshot.RootCauseCandidate, hypothesis: Hypothesis)] = []
        for hypothesis in entry.hypotheses {
            let identity = identity(of: hypothesis)
            // Two stories with one root (a feeder's and a site's grid, say) are one candidate.
            if let known = merged.firstIndex(where: {
                $0.candidate.siteID == identity.siteID && $0.candidate.managedObject == identity.managedObject
                    && $0.candidate.condition == identity.condition
            }) {
                merged[known].candidate.probability += hypothesis.probability
                continue
            }
            merged.append((identity, hypothesis))
        }
        merged.sort {
            $0.candidate.probability != $1.candidate.probability ? $0.candidate.probability > $1.candidate.probability : false
        }
        var kept = merged.prefix(8).filter { $0.candidate.probability >= 0.005 }
        for index in kept.indices where isExplained && index < 4 { fill(&kept[index].candidate, kept[index].hypothesis, entry) }
        var result = kept.map(\.candidate)
        let unknown = IncidentSnapshot.RootCauseCandidate(
            siteID: "", managedObject: "", condition: Condition.unknown.rawValue, eventType: "", label: "Unknown", probability: 0)
        result.append(unknown)
        // Round so that the parts still sum to one; "unknown" takes what is left over.
        for index in result.indices.dropLast() {
            result[index].probability = min(0.99, (result[index].probability * 10_000).rounded() / 10_000)
        }
        let rest = 1 - result.dropLast().reduce(0) { $0 + $1.probability }
        result[result.count - 1].probability = max(0, (rest * 10_000).rounded() / 10_000)
        return result.enumerated().sorted {
            $0.element.probability != $1.element.probability
                ? $0.element.probability > $1.element.probability : $0.offset < $1.offset
        }.map(\.element)
    }

    private func identity(of hypothesis: Hypothesis) -> IncidentSnapshot.RootCauseCandidate {
        let template = configuration.templates.templates[hypothesis.template]
        var site = ""
        var object = template.rootObject
        switch hypothesis.anchor.kind {
        case .site:
            site = topology.name(hypothesis.anchor.number)
            if template.root == .cellDown, let fact = facts.fact(hypothesis.anchor, .cellDown), fact.count == 1 {
                object = fact.managedObject
            }
            // A slot, a string, a door or a sector names itself.
            if template.root.thread != nil,
                let fact = hypothesis.terms.lazy.filter({ $0.fact >= 0 && $0.component == hypothesis.anchor }).compactMap({
                    facts.facts[Int($0.fact)]
                }).first(where: { $0.managedObject == template.rootObject || $0.managedObject.hasPrefix(template.rootObject + ":") })
            {
                object = fact.managedObject
            }
        case .link: object = topology.links[Int(hypothesis.anchor.number)].name
        case .feeder: object = "feeder:" + topology.feederName(hypothesis.anchor.number)
        }
        let label = hypothesis.anchor.kind == .site ? template.label : "\(template.label): \(title(of: hypothesis.anchor))"
        return IncidentSnapshot.RootCauseCandidate(
            siteID: site, managedObject: object, condition: template.root.rawValue, eventType: template.eventType, label: label,
            probability: hypothesis.probability)
    }

    private func fill(_ candidate: inout IncidentSnapshot.RootCauseCandidate, _ hypothesis: Hypothesis, _ entry: Case) {
        let rivals = entry.hypotheses.filter { $0.anchor != hypothesis.anchor || $0.template != hypothesis.template }.prefix(8)
        for term in hypothesis.terms {
            let theirs = rivals.map { rival in
                rival.terms.first { $0.component == term.component && $0.condition == term.condition }?.logRatio ?? 0
            }
            let others = theirs.isEmpty ? 0 : log(theirs.reduce(0) { $0 + exp($1) } / Double(theirs.count))
            let ratio = (min(100, max(0.01, exp(term.logRatio - others))) * 100).rounded() / 100
            let evidence = IncidentSnapshot.Evidence(
                text: wording(of: term), at: term.at, likelihoodRatio: ratio, eventIDs: eventIDs(of: term))
            switch term.status {
            case .reported, .measured, .inferred:
                if ratio >= 0.95 { candidate.evidenceFor.append(evidence) } else { candidate.evidenceAgainst.append(evidence) }
            case .denied:
                let node = configuration.templates.templates[hypothesis.template].nodes[term.node]
                if node.probability >= 0.3 {
                    candidate.evidenceAgainst.append(evidence)
                } else if ratio > 1.05 {
                    candidate.evidenceFor.append(evidence)
                }
            case .silent:
                let node = configuration.templates.templates[hypothesis.template].nodes[term.node]
                if node.probability >= 0.5, node.reported > 0 { candidate.missing.append(evidence) }
            case .pending: break
            }
        }
        // What is told elsewhere and has no place in this story speaks against it.
        let known = Set(hypothesis.terms.map { FactBook.Key($0.component, $0.condition) })
        for rival in entry.hypotheses.prefix(3) where rival.anchor != hypothesis.anchor || rival.template != hypothesis.template {
            for term in rival.terms
            where term.fact >= 0 && !known.contains(FactBook.Key(term.component, term.condition)) && term.logRatio > 1 {
                let text = wording(of: term)
                guard !candidate.evidenceAgainst.contains(where: { $0.text == text }) else { continue }
                candidate.evidenceAgainst.append(
                    IncidentSnapshot.Evidence(
                        text: text, at: term.at, likelihoodRatio: (max(0.01, exp(-term.logRatio)) * 100).rounded() / 100,
                        eventIDs: eventIDs(of: term)))
            }
        }
        candidate.evidenceFor = strongest(candidate.evidenceFor) { $0.likelihoodRatio > $1.likelihoodRatio }
        candidate.evidenceAgainst = strongest(candidate.evidenceAgainst) { $0.likelihoodRatio < $1.likelihoodRatio }
        candidate.missing = strongest(candidate.missing) { $0.likelihoodRatio < $1.likelihoodRatio }
    }

    private func strongest(
        _ list: [IncidentSnapshot.Evidence], by order: (IncidentSnapshot.Evidence, IncidentSnapshot.Evidence) -> Bool
    ) -> [IncidentSnapshot.Evidence] {
        let sorted = list.enumerated().sorted {
            if order($0.element, $1.element) { return true }
            if order($1.element, $0.element) { return false }
            return $0.offset < $1.offset
        }
        return sorted.prefix(12).map(\.element)
    }

    private func eventIDs(of term: Hypothesis.Term) -> [EventID] {
        if term.fact >= 0, let fact = facts.facts[Int(term.fact)] {
            if fact.eventIDs.isEmpty, fact.condition == .rmsSilent { return [senses[Int(fact.component.number)].lastHeardEvent] }
            return Array(fact.eventIDs.prefix(8))
        }
        if term.status == .denied, let reading = facts.reading(term.component, term.condition) { return [reading.eventID] }
        return []
    }

    private func wording(of term: Hypothesis.Term) -> String {
        let place = term.component.kind == .site ? topology.title(term.component.number) : title(of: term.component)
        let name = ConditionWording.name(term.condition)
        switch term.status {
        case .reported: return "\(name), \(place)"
        case .measured:
            let watch = term.component.kind == .site ? watches[Int(term.component.number)] : nil
            let quoted = term.condition == .batteryShort ? watch?.discharge.words : watch?.losses.words(term.condition)
            return "\(name), \(place): \(quoted ?? "telemetry shows it")"
        case .inferred: return "\(name), \(place)"
        case .denied: return "\(ConditionWording.denial(term.condition)), \(place)"
        case .silent, .pending:
            return "\(name), \(place): nothing heard, \(Int((term.reported * 100).rounded())) % of sites report it"
        }
    }
}
