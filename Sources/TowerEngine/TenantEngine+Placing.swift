import TowerCausality
import TowerModel

// Where a fact belongs: the inverse scopes of the templates. A fact looks up its own component and what may have caused
// it from there: the power chain of its site, the sites of its feeder, the way to the core, the links in the same storm.
// The cost does not depend on how much is open elsewhere.
extension TenantEngine {
    /// Finds or makes the case of a fact, over the network of its time.
    mutating func place(_ number: Int32, into output: inout EngineOutput) {
        let fact = facts[number]
        guard fact.onset < topology.history.lastChange else { return placeNow(number, fact, into: &output) }
        inNetwork(asOf: fact.onset) { $0.placeNow(number, fact, into: &output) }
    }

    private mutating func placeNow(_ number: Int32, _ fact: Fact, into output: inout EngineOutput) {
        if let thread = fact.condition.thread {
            placeThread(number, thread, into: &output)
            return
        }
        switch fact.component.kind {
        case .site:
            if fact.condition.isPower { placePower(number, site: fact.component.number, into: &output) }
            if fact.condition.isReach || fact.condition.isLink { placeReach(number, site: fact.component.number, into: &output) }
        case .link: placeLink(number, link: fact.component.number, into: &output)
        case .feeder: break
        }
    }

    /// Whether a fact of that kind may begin a case, or only joins one.
    private func opens(_ fact: Fact) -> Bool {
        switch fact.condition {
        case .generatorRunning, .starterBatteryLow, .batterySustained, .generatorStoppedOnLoad: false
        case .fuelLow: fact.isReported && fact.severity >= .major
        case .fuelExhausted: fact.wasMeasured
        case .batteryShort: false
        case .batteryDischarging: topology.sites[Int(fact.component.number)]?.gridClass != "off"
        default: true
        }
    }

    // MARK: Power

    private mutating func placePower(_ number: Int32, site: Int32, into output: inout EngineOutput) {
        let fact = facts[number]
        if let owner = powerCase[site], cases[owner] != nil, !isBehind(owner, fact.component, onset: fact.onset) {
            add(number, to: owner)
            joinFeeder(number, site: site, into: &output)
            if fact.condition == .lvd2Open { gatherBelow(.site(site), onset: fact.onset, into: owner, output: &output) }
            return
        }
        guard opens(fact),
            let owner = feederCase(of: fact, site: site) ?? relatedCase(fact) ?? openCase(at: fact.component, onset: fact.onset)
        else { return }
        powerCase[site] = owner
        add(number, to: owner)
        adoptWaiting(site, into: owner, onset: fact.onset)
        joinFeeder(number, site: site, into: &output)
    }

    /// Facts that could not begin a case join the one that has begun.
    private mutating func adoptWaiting(_ site: Int32, into owner: Int32, onset: Timestamp) {
        for condition in [Condition.generatorRunning, .starterBatteryLow, .fuelLow, .fuelExhausted] {
            guard let number = facts.newest(.site(site), condition) else { continue }
            let fact = facts[number]
            guard fact.caseNumber < 0 || cases[fact.caseNumber] == nil else { continue }
            let isRecent = onset.seconds(since: fact.lastAt) < 600
            guard fact.isActive || isRecent else { continue }
            facts[number].caseNumber = -1
            add(number, to: owner)
        }
    }

    /// Sites of one feeder that lose the grid together lost it for one reason.
    private mutating func joinFeeder(_ number: Int32, site: Int32, into output: inout EngineOutput) {
        let fact = facts[number]
        guard fact.condition == .gridLost || fact.condition == .batteryDischarging, let feeder = topology.feeder(of: site),
            let own = powerCase[site]
        else { return }
        // A story that people already follow here goes on by itself: the feeder is not its cause.
        guard !hasOwnStory(own, before: fact.onset) else { return }
        if let shared = feederCase[feeder], cases[shared] != nil {
            if shared != own, isTogether(fact, onset: cases[shared]!.feederOnset) {
                merge(own, into: shared, reason: "shared feeder \(topology.feederName(feeder))", into: &output)
            }
            return
        }
        let members = topology.members(ofFeeder: feeder)
        var together: [Int32] = []
        var first = fact.onset
        var isTold = false
        for other in members {
            guard let sign = lossOfGrid(other, onset: fact.onset), let theirs = powerCase[other], !hasOwnStory(theirs, before: fact.onset)
            else { continue }
            together.append(other)
            first = min(first, facts[sign].onset)
            isTold = isTold || facts[sign].condition == .gridLost
        }
        // Two of two would be chance as often as cause; silence of the many others speaks against.
        guard isTold, together.count >= 3, Double(together.count) >= 0.25 * Double(min(members.count, 40)) else { return }
        let oldest = together.compactMap { powerCase[$0] }.min { cases[$0]!.number < cases[$1]!.number }!
        feederCase[feeder] = oldest
        cases[oldest]!.feeder = feeder
        cases[oldest]!.feederOnset = first
        cases[oldest]!.anchor = .feeder(feeder)
        for other in together.sorted(by: { topology.name($0) < topology.name($1) }) {
            guard let theirs = powerCase[other], theirs != oldest else { continue }
            merge(theirs, into: oldest, reason: "shared feeder \(topology.feederName(feeder))", into: &output)
        }
    }

    /// What shows that a member of a feeder lost its grid at that time: its own alarm, or its battery, which began to work then with
    /// a sound rectifier; the alarm may be lost or not wired.
    private func lossOfGrid(_ site: Int32, onset: Timestamp) -> Int32? {
        let place = Component.site(site)
        for condition in [Condition.gridLost, .batteryDischarging] {
            guard facts.holds(place, condition), let number = facts.newest(place, condition), isTogether(facts[number], onset: onset)
            else { continue }
            if condition == .batteryDischarging, facts.holds(place, .rectifierFailed) { continue }
            return number
        }
        return nil
    }

    /// A battery that began to discharge when its feeder went lost its grid with it, whatever its own grid sensor says.
    private func feederCase(of fact: Fact, site: Int32) -> Int32? {
        guard fact.condition == .batteryDischarging, let feeder = topology.feeder(of: site), let shared = feederCase[feeder],
            let entry = cases[shared], isTogether(fact, onset: entry.feederOnset)
        else { return nil }
        return shared
    }

    private func hasOwnStory(_ number: Int32, before onset: Timestamp) -> Bool {
        guard let entry = cases[number] else { return false }
        return entry.stage == .open && onset.seconds(since: entry.onset) > 900
    }

    private func isTogether(_ fact: Fact, onset: Timestamp) -> Bool {
        let slack = configuration.feederWindow + 2 * configuration.clockSkew
        return fact.earliest <= onset.adding(seconds: slack) && fact.onset >= onset.adding(seconds: -slack)
    }

    // MARK: Reach

    private mutating func placeReach(_ number: Int32, site: Int32, into output: inout EngineOutput) {
        let fact = facts[number]
        if let owner = reachCase[site], cases[owner] != nil, !isBehind(owner, fact.component, onset: fact.onset) {
            add(number, to: owner)
            if fact.condition.isOutage { gatherBelow(fact.component, onset: fact.onset, into: owner, output: &output) }
            return
        }
        var above = causeAbove(site, onset: fact.onset)
        if above == nil { above = sibling(of: site, onset: fact.onset) }
        if let owner = above {
            reachCase[site] = owner
            add(number, to: owner)
            if fact.condition.isOutage { gatherBelow(fact.component, onset: fact.onset, into: owner, output: &output) }
            return
        }
        guard opens(fact), let owner = relatedCase(fact) ?? openCase(at: fact.component, onset: fact.onset) else { return }
        reachCase[site] = owner
        add(number, to: owner)
        gatherBelow(fact.component, onset: fact.onset, into: owner, output: &output)
    }

    /// The case of what has failed at the site or on its way to the core, nearest first.
    private func causeAbove(_ site: Int32, onset: Timestamp) -> Int32? {
        if let owner = darkCase(site) { return owner }
        for step in topology.path(of: site) {
            switch step.kind {
            case .link:
                if let owner = linkCase[step.number], cases[owner] != nil, blocks(step, onset: onset) { return owner }
                // The hop itself has said nothing, but the hops it meets fade now.
                if isRadio(step.number), let owner = storm(near: step.number, onset: onset, onlyAdjacent: true) { return owner }
            case .site:
                if let owner = darkCase(step.number) { return owner }
                if let owner = reachCase[step.number], cases[owner] != nil, blocks(step, onset: onset) { return owner }
            case .feeder: break
            }
        }
        return nil
    }

    /// What lies above a case of lost sites has failed since: the case belongs to it after all.
    mutating func laterCause(_ number: Int32) -> Int32? {
        guard let entry = cases[number], entry.feeder == nil, now.seconds(since: entry.createdAt) < 3_600,
            !entry.sites.contains(where: { powerCase[$0] == number })
        else { return nil }
        if !entry.links.isEmpty { return laterDarkness(entry) }
        for site in entry.sites.sorted(by: { topology.name($0) < topology.name($1) }).prefix(8) {
            guard
                let fact = [Condition.cellDown, .backhaulLost, .rmsOffline, .rmsSilent].lazy.compactMap({ [facts] in
                    facts.active(.site(site), $0)
                })
                .first(where: { $0.caseNumber == number })
            else { continue }
            if let owner = causeAbove(site, onset: fact.onset), owner != number { return owner }
            // Most of what lies behind something silent may have gone since.
            if entry.stage == .watching, let owner = sibling(of: site, onset: fact.onset, than: number) { return owner }
        }
        return nil
    }

    private func blocks(_ step: Component, onset: Timestamp) -> Bool {
        let conditions: [Condition] =
            step.kind == .link
            ? [.fibreCut, .hopDown, .rainFade] : [.backhaulLost, .cellDown, .siteDark, .dyingGasp, .rmsSilent, .rmsOffline]
        return conditions.contains { condition in
            guard let fact = facts.active(step, condition) else { return false }
            let slack = condition == .rmsSilent || condition == .rmsOffline ? 2_400 : condition == .rainFade ? 3_600 : 420.0
            return abs(onset.seconds(since: fact.onset)) <= slack || (condition != .cellDown && fact.onset <= onset)
        }
    }

    /// A case of sites that went at about the same time behind a part of the way to the core that has said nothing, if most of
    /// what lies behind it went: two branches of many that fell in one minute fell for two reasons.
    private mutating func sibling(of site: Int32, onset: Timestamp, than own: Int32 = -1) -> Int32? {
        var child = site
        for step in topology.path(of: site).prefix(8) where step.kind == .site {
            let ways = topology.downlinks(of: step.number).prefix(64)
            var (lost, found) = (0, Int32?.none)
            for link in ways {
                let other = topology.links[Int(link)].other(step.number)
                if other == child {
                    lost += 1
                } else if let owner = lostBranch(other, onset: onset, site: site) {
                    lost += 1
                    if found == nil, owner != own { found = owner }
                }
            }
            if let found, 3 * lost >= 2 * ways.count { return found }
            child = step.number
        }
        return nil
    }

    /// The case of the first site of a branch that went at about that time, for no reason of its own power.
    private mutating func lostBranch(_ branch: Int32, onset: Timestamp, site: Int32) -> Int32? {
        for candidate in [branch] + reach.below(.site(branch), in: topology).prefix(16) where candidate != site {
            guard let owner = reachCase[candidate], let found = cases[owner], found.feeder == nil, powerCase[candidate] != owner
            else { continue }
            let isTogether = [Condition.cellDown, .backhaulLost, .rmsSilent].contains { condition in
                guard facts.holds(.site(candidate), condition), let number = facts.newest(.site(candidate), condition) else { return false }
                return abs(facts[number].onset.seconds(since: onset)) <= 240
            }
            if isTogether { return owner }
        }
        return nil
    }

    /// What fell below a component that has now failed too belongs to it.
    mutating func gatherBelow(_ component: Component, onset: Timestamp, into owner: Int32, output: inout EngineOutput) {
        for site in reach.below(component, in: topology).prefix(256) {
            guard let theirs = reachCase[site], theirs != owner, let found = cases[theirs], powerCase[site] != theirs,
                abs(found.onset.seconds(since: onset)) <= 900
            else { continue }
            merge(theirs, into: owner, reason: "\(title(of: component)) lies above \(topology.title(site))", into: &output)
        }
    }

    // MARK: Links

    private mutating func placeLink(_ number: Int32, link: Int32, into output: inout EngineOutput) {
        let fact = facts[number]
        if let owner = linkCase[link], cases[owner] != nil, !isBehind(owner, .link(link), onset: fact.onset) {
            add(number, to: owner)
            return
        }
        let ends = [topology.links[Int(link)].a, topology.links[Int(link)].b]
        var owner: Int32?
        if fact.condition == .hopDown || fact.condition == .fibreCut {
            // A dark end takes its links along.
            owner =
                ends.lazy.compactMap { [self] end in darkCase(end) }.first
            if owner == nil, let parent = topology.links[Int(link)].parent { owner = causeAbove(parent, onset: fact.onset) }
        }
        if owner == nil, isRadio(link) { owner = storm(near: link, onset: fact.onset) }
        if let owner {
            linkCase[link] = owner
            add(number, to: owner)
        } else {
            guard opens(fact), let opened = relatedCase(fact) ?? openCase(at: fact.component, onset: fact.onset) else { return }
            linkCase[link] = opened
            add(number, to: opened)
        }
        gatherBelow(.link(link), onset: fact.onset, into: linkCase[link]!, output: &output)
    }

    func isRadio(_ link: Int32) -> Bool {
        let kind = topology.links[Int(link)].kind
        return kind != .fibre && (kind != .ring || topology.links[Int(link)].frequencyGHz != nil)
    }

    /// A case of links that began to fade at about the same time not far away.
    private func storm(near link: Int32, onset: Timestamp, onlyAdjacent: Bool = false) -> Int32? {
        // First by name, without sorting what is open elsewhere. Only links that have faded can be in a storm with one that has not.
        let others: [Int32]
        if onlyAdjacent {
            let ends = topology.links[Int(link)]
            others = topology.linksOfSite[Int(ends.a)] + topology.linksOfSite[Int(ends.b)]
        } else {
            guard !facts.fadingLinks.isEmpty else { return nil }
            others = facts.holds(.link(link), .rainFade) ? Array(linkCase.keys) : Array(facts.fadingLinks)
        }
        var found: (link: Int32, owner: Int32)?
        for other in others {
            guard let owner = linkCase[other] else { continue }
            if let found, topology.links[Int(found.link)].name < topology.links[Int(other)].name { continue }
            // What fell with a dark end is no weather.
            guard other != link, cases[owner] != nil, isRadio(other), darkEnd(other) == nil else { continue }
            let fades = [Condition.rainFade, .modulationDown, .hopDown].compactMap { facts.fact(.link(other), $0) }
            guard
                fades.contains(where: {
                    $0.caseNumber == owner && abs($0.onset.seconds(since: onset)) <= configuration.stormWindow
                })
            else { continue }
            // A hop that fell without a fade is no sign of rain.
            guard
                facts.fact(.link(other), .rainFade) != nil || facts.fact(.link(other), .modulationDown) != nil
                    || facts.active(.link(link), .rainFade) != nil
            else { continue }
            if onlyAdjacent ? meets(link, other) && facts.active(.link(other), .rainFade) != nil : isNear(link, other) {
                found = (other, owner)
            }
        }
        return found?.owner
    }

    private func meets(_ link: Int32, _ other: Int32) -> Bool {
        let (left, right) = (topology.links[Int(link)], topology.links[Int(other)])
        return left.a == right.a || left.a == right.b || left.b == right.a || left.b == right.b
    }

    private func isNear(_ link: Int32, _ other: Int32) -> Bool {
        let (left, right) = (topology.links[Int(link)], topology.links[Int(other)])
        if meets(link, other) { return true }
        if let distance = topology.distance(left.a, right.a) { return distance <= configuration.stormKilometres }
        let regions = (topology.sites[Int(left.a)]?.region, topology.sites[Int(right.a)]?.region)
        return regions.0 != nil && regions.0 == regions.1
    }
}
