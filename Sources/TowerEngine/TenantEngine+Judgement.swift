import TowerCausality
import TowerModel

extension TenantEngine {
    /// A case has news: it is judged soon, and not more often than the configured period.
    mutating func scheduleJudgement(_ number: Int32) {
        guard cases[number]?.isJudgementDue == false, let entry = cases[number] else { return }
        cases[number]!.isJudgementDue = true
        let soon = now.adding(seconds: configuration.judgementDelay)
        let after = entry.lastJudgedAt == .distantPast ? soon : entry.lastJudgedAt.adding(seconds: configuration.judgementPeriod)
        timers.schedule(entry.group >= 0 ? .judgeGroup(number) : .judge(number), at: max(soon, after))
    }

    /// Weighs every story that may explain a case over the network of its time, and tells what has changed.
    mutating func judge(_ number: Int32, into output: inout EngineOutput, isLast: Bool = false) {
        guard let entry = cases[number] else { return }
        guard entry.onset < topology.history.lastChange else { return judgeNow(number, into: &output, isLast: isLast) }
        let time = networkTime(of: entry)
        inNetwork(asOf: time.at, homes: time.homes) { $0.judgeNow(number, into: &output, isLast: isLast) }
    }

    private mutating func judgeNow(_ number: Int32, into output: inout EngineOutput, isLast: Bool) {
        guard cases[number] != nil else { return }
        cases[number]!.isJudgementDue = false
        guard cases[number]!.stage != .resolved || hasActiveFacts(number) else { return }
        cases[number]!.lastJudgedAt = now
        if let above = laterCause(number), !areApart(number, above) {
            merge(number, into: above, reason: "\(title(of: cases[above]!.anchor)) lies above and has failed", into: &output)
            return
        }
        weigh(number)
        let parts = splitOff(number)
        if !parts.isEmpty {
            weigh(number)
            for part in parts { scheduleJudgement(part) }
        }
        noteForerunners(number)
        if isOver(number) {
            scheduleClose(number)
            if cases[number]!.stage == .open { tell(number, into: &output) }
        } else {
            if cases[number]!.stage == .resolved { reopen(number, into: &output) }
            if cases[number]!.stage == .watching, shouldOpen(number, isLast: isLast) { openIncident(number, into: &output) }
            if cases[number]?.stage == .open { tell(number, into: &output) }
        }
        scheduleRoutine(number)
    }

    /// What came before and belongs to no case is part of the story that it supports: the wind before the antenna turned.
    private mutating func noteForerunners(_ number: Int32) {
        guard let best = cases[number]?.top, best.probability >= 0.5 else { return }
        for term in best.terms where term.fact >= 0 && term.logRatio > 0.3 {
            guard let fact = facts.facts[Int(term.fact)], fact.caseNumber != number else { continue }
            for id in fact.eventIDs { cases[number]!.note(id, at: fact.onset, most: configuration.maximumEventsPerIncident) }
        }
    }

    /// Silence and age change a judgement without any event.
    private mutating func scheduleRoutine(_ number: Int32) {
        guard let entry = cases[number], entry.stage != .resolved, entry.routineAt <= now else { return }
        let age = now.seconds(since: entry.createdAt)
        let next = now.adding(seconds: age < 300 ? 30 : age < 1_200 ? 120 : age < 7_200 ? 600 : 1_800)
        cases[number]!.routineAt = next
        timers.schedule(.judge(number), at: next)
    }

    func hasActiveFacts(_ number: Int32) -> Bool {
        cases[number]!.facts.contains { fact in
            guard let found = facts.facts[Int(fact)] else { return false }
            return found.isActive && !found.condition.isHealthy && found.caseNumber == number
        }
    }

    // MARK: Weighing

    mutating func weigh(_ number: Int32) {
        guard let entry = cases[number] else { return }
        let candidates = candidates(of: entry)
        var hypotheses: [Hypothesis] = []
        let fading = entry.links.filter { link in
            [Condition.rainFade, .modulationDown, .hopDown].contains { facts.owner(.link(link), $0) == number }
        }
        var autonomy: [Int32: Lag] = [:]
        for site in entry.sites {
            guard let forecast = senses[Int(site)].lastForecast, let begun = facts.fact(.site(site), .batteryDischarging)?.onset,
                forecast.at >= begun
            else { continue }
            let elapsed = forecast.at.seconds(since: begun)
            autonomy[site] = .logNormal(
                median: max(60, elapsed + forecast.minutesP50 * 60), p90: max(120, elapsed + forecast.minutesP90 * 60))
        }
        var scene = HypothesisScorer.Scene(
            facts: facts, topology: topology, onset: entry.onset, now: now, nearbyLinks: fading, autonomy: autonomy,
            caseNumber: number)
        scene.nearbySites = entry.sites
        for (_, anchor) in candidates.prefix(configuration.maximumHypotheses) where anchor.kind != .feeder { _ = reach.below(anchor, in: topology) }
        scene.reach = reach.dependents
        for (template, anchor) in candidates.prefix(configuration.maximumHypotheses) {
            scene.onset = anchor.kind == .feeder ? entry.feederOnset : entry.onset
            hypotheses.append(
                scorer.score(configuration.templates.templates[template], index: template, anchor: anchor, in: scene))
        }
        let held = entry.facts.compactMap { facts.facts[Int($0)] }.filter { $0.caseNumber == number }
        let (ranked, unknown) = scorer.posterior(hypotheses, offered: scorer.offered(by: held))
        cases[number]!.hypotheses = oneSpread(oneStorm(ranked))
        cases[number]!.unknown = unknown
        cases[number]!.hitBound = candidates.count > configuration.maximumHypotheses
        if ranked.first.map({ configuration.templates.templates[$0.template].isBenign }) ?? false {
            cases[number]!.isRecordWorthy =
                cases[number]!.isRecordWorthy || held.contains { $0.condition == .gridLost || $0.condition.thread != nil }
        }
    }

    /// Rain on several hops is one cause: the hop that reported most stands for the storm with the probability of all of them.
    private func oneStorm(_ ranked: [Hypothesis]) -> [Hypothesis] {
        func isRain(_ hypothesis: Hypothesis) -> Bool { configuration.templates.templates[hypothesis.template].root == .rainFade }
        guard let first = ranked.firstIndex(where: isRain) else { return ranked }
        var result = ranked.enumerated().filter { $0.offset <= first || !isRain($0.element) }.map(\.element)
        let total = ranked.reduce(0) { $0 + (isRain($1) ? $1.probability : 0) }
        // A hop that reported its fade speaks for the storm before one on which only a level fell.
        func reports(_ hypothesis: Hypothesis) -> Int {
            hypothesis.terms.filter { $0.component == hypothesis.anchor && $0.status == .reported }.count
        }
        let rain = ranked.filter(isRain)
        let most = rain.map(reports).max() ?? 0
        if let spokesman = rain.first(where: { reports($0) == most }) { result[first] = spokesman }
        result[first].probability = min(configuration.scorer.highestProbability, total)
        let order = result.indices.sorted {
            result[$0].probability != result[$1].probability ? result[$0].probability > result[$1].probability : $0 < $1
        }
        return order.map { result[$0] }
    }

    /// Stories that may be told of a case: what can start at its components and at what lies above them.
    private func candidates(of entry: Case) -> [(template: Int, anchor: Component)] {
        var found: [(Int, Component)] = []
        let templates = configuration.templates.templates
        let shown = shownConditions(entry)
        let byName = sortedByName(entry.sites)
        let powerSites = byName.filter { shown[.site($0)]?.intersects(Self.powerConditions) ?? false }
        if let feeder = entry.feeder { for index in stories.ofFeeder { found.append((index, .feeder(feeder))) } }
        for site in powerSites.lazy.filter({ entry.feeder == nil || isFailing($0) }).prefix(24) {
            for index in stories.ofPower where fits(templates[index], site: site) { found.append((index, .site(site))) }
        }
        let reachSites = byName.filter { shown[.site($0)]?.intersects(Self.reachConditions) ?? false }
        for site in reachSites.prefix(16) {
            for index in stories.ofReach {
                let isTold =
                    templates[index].root == .rmsOffline
                    ? facts.newest(.site(site), .rmsSilent) != nil || facts.newest(.site(site), .rmsOffline) != nil
                    : facts.newest(.site(site), .cellDown) != nil
                if isTold { found.append((index, .site(site))) }
            }
        }
        found += besideCandidates(of: entry, sites: byName, shown: shown)
        var links = entry.links
        var known = Set(links)
        for site in reachSites.prefix(24) {
            for step in topology.path(of: site).prefix(8) where step.kind == .link && known.insert(step.number).inserted {
                links.append(step.number)
            }
        }
        for link in links.sorted(by: { topology.links[Int($0)].name < topology.links[Int($1)].name }).prefix(48) {
            for index in stories.ofLink {
                if stories.isBeside[index], !isTold(templates[index], at: .link(link), in: entry.number) { continue }
                if templates[index].requirement == .fibre
                    ? !isRadio(link) || facts.newest(.link(link), .fibreCut) != nil : isRadio(link)
                {
                    found.append((index, .link(link)))
                }
            }
        }
        return found
    }

    private static let powerConditions = ConditionSet(Condition.power)
    private static let reachConditions = ConditionSet([.cellDown, .rmsSilent, .rmsOffline, .backhaulLost, .dyingGasp])

    /// What the newest facts of each component show that the case holds.
    private func shownConditions(_ entry: Case) -> [Component: ConditionSet] {
        var shown: [Component: ConditionSet] = [:]
        for number in entry.facts {
            guard facts.facts[Int(number)]?.caseNumber == entry.number, let component = facts.facts[Int(number)]?.component,
                let condition = facts.facts[Int(number)]?.condition, facts.newest(component, condition) == number
            else { continue }
            shown[component, default: ConditionSet()].insert(condition)
        }
        return shown
    }

    private func sortedByName(_ sites: [Int32]) -> [Int32] {
        sites.map { ($0, topology.name($0)) }.sorted { $0.1 < $1.1 }.map(\.0)
    }

    func fits(_ template: CausalTemplate, site: Int32) -> Bool {
        guard let inventory = topology.sites[Int(site)] else { return true }
        switch template.requirement {
        case .generator: return inventory.generator != nil
        case .noGenerator: return inventory.generator == nil
        case .solar: return inventory.solarKilowattsPeak ?? 0 > 0
        case .offGrid: return inventory.gridClass == "off"
        default: return true
        }
    }

    private func isFailing(_ site: Int32) -> Bool {
        [
            Condition.generatorStartFailed, .generatorStoppedOnLoad, .batterySustained, .lvd1Open, .lvd2Open, .rectifierFailed,
            .fuelLow,
        ]
        .contains { facts.holds(.site(site), $0) }
    }

    // MARK: Deciding

    /// Whether a watched case needs to be seen.
    private func shouldOpen(_ number: Int32, isLast: Bool) -> Bool {
        guard let entry = cases[number],
            !entry.eventSet.isEmpty || entry.facts.contains(where: { facts[$0].condition == .rmsSilent })
        else {
            return false
        }
        let held = entry.facts.map { facts[$0] }.filter { $0.isActive && !$0.condition.isHealthy }
        guard !held.isEmpty else { return false }
        // At the end of the input nothing more will come, so waiting is over.
        let age = isLast ? .infinity : now.seconds(since: entry.createdAt)
        let isPower = held.contains { $0.condition.isPower }
        guard
            age >= (isPower ? configuration.settle : configuration.reachSettle)
                || held.contains(where: { $0.condition == .fibreCut && $0.isReported }) && age >= configuration.settle
        else { return false }
        if !isPower, held.allSatisfy({ $0.condition == .rmsSilent }) {
            return age >= configuration.silenceSettle - 300 && now.seconds(since: entry.onset) >= configuration.silenceSettle
        }
        // Doors open every day, and a warm shelter may be a warm reading: alone they are no incident.
        if held.allSatisfy({ $0.condition == .doorOpen || $0.condition == .shelterHeats }) { return false }
        if isFadeOnly(held) {
            // One hop that fades a little is weather; a hop down, a second hop or a quarter of an hour is a story.
            return held.contains { $0.condition == .hopDown } || Set(held.map(\.component)).count >= 2
                || (held.contains { $0.condition == .rainFade } && now.seconds(since: entry.onset) > 300)
        }
        // A critical alarm is somebody's, whatever harmless story would cover it, unless the work was announced.
        let isAnnounced = entry.top.map { configuration.templates.templates[$0.template].root == .workPermitted && $0.probability >= 0.8 }
        if held.contains(where: { $0.severity == .critical && $0.isReported }), isAnnounced != true { return true }
        guard let best = entry.top else { return held.contains { $0.severity >= .major } }
        let template = configuration.templates.templates[best.template]
        if template.isBenign || template.attention == .record, best.probability > entry.unknown { return hasGoneWrong(entry) }
        if best.probability < entry.unknown {
            // A critical alarm that no story explains is still somebody's; a major one may find its story within two minutes.
            return held.contains { $0.severity == .critical || ($0.severity >= .major || $0.condition.isOutage) && age >= 120 }
        }
        if held.allSatisfy({ $0.condition == .batteryDischarging || $0.condition == .lowVoltage }) && age < 420 { return false }
        // Between a fault and a carried outage the balance must have tipped.
        let benign = entry.hypotheses.filter { configuration.templates.templates[$0.template].isBenign }.reduce(0) {
            $0 + $1.probability
        }
        return benign < 0.5
    }

    private func isFadeOnly(_ held: [Fact]) -> Bool {
        held.allSatisfy {
            $0.component.kind == .link
                && ($0.condition == .rainFade || $0.condition == .modulationDown || $0.condition == .hopDown)
        }
            && held.contains { $0.condition != .hopDown }
    }

    /// A carried outage that is not carried any more.
    private func hasGoneWrong(_ entry: Case) -> Bool {
        entry.sites.contains { site in
            let place = Component.site(site)
            // What another case holds is that case's matter.
            if [Condition.batteryLow, .lowVoltage, .lvd1Open, .lvd2Open, .dyingGasp].contains(where: {
                facts.holds(place, $0) && facts.owner(place, $0) == entry.number
            }) {
                return true
            }
            guard let forecast = currentForecast(site), facts.active(place, .batteryDischarging)?.caseNumber == entry.number
            else { return false }
            return forecast.minutesP10 < configuration.shortAutonomyMinutes && senses[Int(site)].generator.state != 1
                && now.seconds(since: entry.createdAt) > 180
        }
    }

    /// Somebody was in whom nobody announced: what was taken shows in telemetry up to hours after the door has closed.
    private func awaitsLoss(_ entry: Case) -> Bool {
        guard entry.stage == .open else { return false }
        let held = entry.facts.compactMap { facts.facts[Int($0)] }.filter { $0.caseNumber == entry.number }
        guard !held.contains(where: { $0.condition == .workPermitted }) else { return false }
        return held.contains {
            ($0.condition == .intrusion || $0.condition == .doorOpen)
                && now.seconds(since: $0.endedAt ?? $0.lastAt) < configuration.lossWindow
        }
    }

    /// Nothing of it holds any more. What nobody has confirmed for hours after its root ended is a lost clear.
    func isOver(_ number: Int32) -> Bool {
        let entry = cases[number]!
        let held = entry.facts.compactMap { facts.facts[Int($0)] }.filter {
            $0.isActive && !$0.condition.isHealthy && $0.caseNumber == number
        }
        if held.isEmpty { return !awaitsLoss(entry) }
        let isRootOver =
            entry.top.map { best -> Bool in
                let template = configuration.templates.templates[best.template]
                let roots = best.terms.filter {
                    $0.fact >= 0 && ($0.condition == template.root || $0.condition == template.trigger)
                }
                let known = roots.compactMap { facts.facts[Int($0.fact)] }
                return !known.isEmpty && known.allSatisfy { !$0.isActive }
            } ?? false
        let newest = held.map(\.lastAt).max()!
        let quiet = min(now.seconds(since: newest), now.seconds(since: entry.lastActivity))
        return (isRootOver && quiet > 7_200) || quiet > 48 * 3_600
    }
}
