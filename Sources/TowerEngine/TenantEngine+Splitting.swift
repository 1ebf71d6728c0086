import TowerCausality
import TowerModel

// More than one root in a case: a bounded beam of sets of stories, each set scored as one explanation.
extension TenantEngine {
    /// Stories looked at, sets kept, and roots in one set at most.
    private static let beamStories = 16
    private static let beamWidth = 8
    private static let beamRoots = 4
    /// Log Bayes factor by which two roots must beat one.
    private static let splitMargin = 3.0

    /// Facts that the best story leaves alone and another explains are another matter: they get a case of their own.
    /// - Returns: the cases that were made.
    mutating func splitOff(_ number: Int32) -> [Int32] {
        guard let entry = cases[number], entry.hypotheses.count > 1, entry.facts.count > 1, let best = entry.top else { return [] }
        let left = Set(unexplained(entry, by: best))
        guard !left.isEmpty else { return [] }
        // The best story keeps its place; only what tells of the rest is set beside it.
        let stories =
            [best] + entry.hypotheses.dropFirst().filter { hasOwnBeginning($0, in: left) }.prefix(Self.beamStories)
        let set = bestSet(stories)
        guard set.count > 1 else { return [] }
        // The set's own best story keeps the case, and with it the name that people know.
        let keeper = stories[set[0]]
        var made: [Int32] = []
        for index in set.dropFirst() {
            if let part = split(number, keeper: keeper, rival: stories[index]) { made.append(part) }
        }
        return made
    }

    /// Whether its root, or a sign that names it, is among those facts: what follows from a root belongs to many stories.
    private func hasOwnBeginning(_ story: Hypothesis, in left: Set<Int32>) -> Bool {
        let template = configuration.templates.templates[story.template]
        // Cells and controllers that are not reached are what other roots end in.
        guard template.root != .cellDown, template.root != .rmsOffline else { return false }
        return story.terms.contains { term in
            left.contains(term.fact) && term.logRatio > 0.5 && isNaming(template, template.nodes[term.node])
        }
    }

    private func unexplained(_ entry: Case, by story: Hypothesis) -> [Int32] {
        let explained = Set(story.terms.filter { $0.fact >= 0 && $0.logRatio > 0 }.map(\.fact))
        return entry.facts.filter { fact in
            guard let found = facts.facts[Int(fact)] else { return false }
            // What falls behind the members of a feeder falls with them.
            if story.anchor.kind == .feeder, found.condition.isReach || found.condition.isLink { return false }
            // The hops of a dark site fall with it, whatever their far ends hear.
            if found.component.kind == .link, found.condition == .hopDown || found.condition == .fibreCut,
                darkEnd(found.component.number) == entry.number
            {
                return false
            }
            return !explained.contains(fact) && found.isActive && !found.condition.isHealthy && found.caseNumber == entry.number
        }
    }

    /// Indices of the stories that together explain most, strongest first. What two of them explain counts once.
    private func bestSet(_ stories: [Hypothesis]) -> [Int] {
        typealias Explanation = (members: [Int], score: Double)
        let weights = stories.map { story in
            Dictionary(story.terms.filter { $0.fact >= 0 }.map { ($0.fact, max(0, $0.logRatio)) }) { max($0, $1) }
        }
        var best: Explanation = ([0], stories[0].logOdds)
        var beam = [best]
        for _ in 1..<Self.beamRoots {
            var next: [Explanation] = []
            for explanation in beam {
                for index in stories.indices where !explanation.members.contains(index) {
                    guard explanation.members.allSatisfy({ areIndependent(stories[$0], stories[index]) }) else { continue }
                    // The smaller of two weights was counted twice.
                    var gain = stories[index].logOdds
                    for (fact, weight) in weights[index] {
                        gain -= min(weight, explanation.members.map { weights[$0][fact] ?? 0 }.max() ?? 0)
                    }
                    if gain > Self.splitMargin { next.append((explanation.members + [index], explanation.score + gain)) }
                }
            }
            guard !next.isEmpty else { break }
            next.sort { $0.score != $1.score ? $0.score > $1.score : $0.members.lexicographicallyPrecedes($1.members) }
            beam = Array(next.prefix(Self.beamWidth))
            if beam[0].score > best.score { best = beam[0] }
        }
        return best.members
    }

    /// Two stories of one root, or of which one begins what the other ends in, are one matter.
    private func areIndependent(_ left: Hypothesis, _ right: Hypothesis) -> Bool {
        let templates = configuration.templates.templates
        let (a, b) = (templates[left.template], templates[right.template])
        if left.anchor == right.anchor, a.root == b.root || a.root.thread == nil && b.root.thread == nil { return false }
        // Rain on several hops is one storm.
        if a.root == .rainFade, b.root == .rainFade { return false }
        return !begins(left, right, b) && !begins(right, left, a)
    }

    /// Whether what sets the second story off is explained by the first.
    private func begins(_ first: Hypothesis, _ second: Hypothesis, _ template: CausalTemplate) -> Bool {
        let roots = second.terms.filter {
            $0.fact >= 0 && $0.component == second.anchor && ($0.condition == template.root || $0.condition == template.trigger)
        }
        let known = Set(first.terms.filter { $0.fact >= 0 && $0.logRatio > 1 }.map(\.fact))
        return roots.contains { known.contains($0.fact) }
    }

    private mutating func split(_ number: Int32, keeper: Hypothesis, rival: Hypothesis) -> Int32? {
        guard let entry = cases[number], cases.count < configuration.maximumCases else { return nil }
        var kept: [Int32: Double] = [:]
        for term in keeper.terms where term.fact >= 0 { kept[term.fact] = max(kept[term.fact] ?? 0, term.logRatio) }
        let theirs = entry.facts.filter { fact in
            rival.terms.contains { $0.fact == fact && $0.logRatio > max(0.5, kept[fact] ?? 0) }
        }
        guard let first = theirs.first, theirs.count < entry.facts.count else { return nil }
        let part = move(theirs, outOf: number, anchor: rival.anchor, onset: facts[first].onset)
        let label = configuration.templates.templates[rival.template].label
        cases[number]!.reasons.append("split: \(title(of: rival.anchor)) has its own cause (\(label))")
        cases[part]!.reasons.append("split from another incident: \(label) explains it alone")
        return part
    }

    /// A case of its own for some of the facts of another. Who asks has seen to it that there is room for one.
    private mutating func move(_ theirs: [Int32], outOf number: Int32, anchor: Component, onset: Timestamp) -> Int32 {
        let part = nextCase
        nextCase += 1
        cases[part] = Case(number: part, anchor: anchor, onset: onset, now: now)
        cases[number]!.facts.removeAll { theirs.contains($0) }
        let places = Set(cases[number]!.facts.compactMap { facts.facts[Int($0)]?.component })
        for fact in theirs { add(fact, to: part) }
        leaveTo(part, theirs, from: number)
        cases[number]!.sites.removeAll { !places.contains(.site($0)) }
        cases[number]!.links.removeAll { !places.contains(.link($0)) }
        // What stays goes on belonging to the case that people know.
        for fact in cases[number]!.facts where facts.facts[Int(fact)]?.caseNumber == number { claim(facts[fact], for: number) }
        return part
    }

    // MARK: People

    /// What a person split off goes on as a case of its own under the incident that was opened for it.
    ///
    /// Alarms that no story knows, and single ones of a fact that stays, have no case to go to: they are let go, and what people see
    /// is cut by the incident's own state.
    mutating func splitByPerson(_ number: Int32, _ cut: IncidentCut, into output: inout EngineOutput) {
        guard let entry = cases[number], entry.stage == .open, caseOfIncident[cut.into] == nil else { return }
        let sites = Set(cut.siteIDs.compactMap { topology.find($0.rawValue) })
        let alarms = Set(cut.alarmIDs)
        let slots = entry.slots.filter { alarms.contains(book.alarm($0).alarmID) || sites.contains(topology.find(book.alarm($0).siteID.rawValue) ?? -1) }
        let gone = Set(slots)
        let theirs = entry.facts.filter { fact in
            guard let found = facts.facts[Int(fact)], found.caseNumber == number else { return false }
            if found.component.kind == .site, sites.contains(found.component.number) { return true }
            return !found.allSlots.isEmpty && found.allSlots.allSatisfy(gone.contains)
        }
        let signs = theirs.compactMap { facts.facts[Int($0)] }.filter { !$0.condition.isHealthy }
        guard entry.group < 0, cases.count < configuration.maximumCases, theirs.count < entry.facts.count,
            let first = signs.min(by: { ($0.onset, title(of: $0.component)) < ($1.onset, title(of: $1.component)) })
        else { return letGo(slots, of: number, to: cut.into, into: &output) }
        for slot in slots { caseOfSlot[slot] = nil }
        let part = move(theirs, outOf: number, anchor: first.component, onset: first.onset)
        for slot in slots { adopt(slot, into: part) }
        cases[part]!.incidentID = cut.into
        cases[part]!.openedAt = now
        cases[part]!.stage = .open
        // The first revision was told with the split itself.
        cases[part]!.revision = 1
        cases[part]!.apart = [number]
        caseOfIncident[cut.into] = part
        for (one, reason) in [(number, "a person split off another matter"), (part, "split off by a person")] {
            weigh(one)
            cases[one]!.reasons = [reason]
            emit(one, kind: .updated, into: &output)
            scheduleJudgement(one)
        }
    }

    private mutating func letGo(_ slots: [Int32], of number: Int32, to incident: EventID, into output: inout EngineOutput) {
        guard !slots.isEmpty else { return }
        cases[number]!.slots.removeAll { slots.contains($0) }
        for slot in slots {
            caseOfSlot[slot] = nil
            book.assign(slot, to: incident, now: now, into: &output.alarms)
        }
        cases[number]!.reasons = ["a person split off another matter"]
        emit(number, kind: .updated, into: &output)
    }

    func areApart(_ one: Int32, _ other: Int32) -> Bool {
        (cases[one]?.apart.contains(other) ?? false) || (cases[other]?.apart.contains(one) ?? false)
    }

    /// A person put them together again.
    mutating func rejoin(_ one: Int32, _ other: Int32) {
        cases[one]?.apart.removeAll { $0 == other }
        cases[other]?.apart.removeAll { $0 == one }
    }

    /// The events and alarms of facts that moved go with them; an alarm that two cases hold would change hands at every telling.
    private mutating func leaveTo(_ part: Int32, _ moved: [Int32], from number: Int32) {
        var gone = Set(moved.flatMap { facts[$0].eventIDs })
        for fact in cases[number]!.facts { gone.subtract(facts.facts[Int(fact)]?.eventIDs ?? []) }
        cases[number]!.events.removeAll { gone.contains($0.id) }
        cases[number]!.eventSet.subtract(gone)
        let slots = cases[number]!.slots.filter { caseOfSlot[$0] == number }
        cases[number]!.slots = slots
    }
}
