import TowerCausality
import TowerModel

/// A part of a site, or of a link, that has stories of its own.
struct ThreadKey: Hashable, Sendable, Comparable {
    var component: Component
    var thread: Condition.Thread
    static func < (left: Self, right: Self) -> Bool {
        left.component != right.component ? left.component < right.component : left.thread.rawValue < right.thread.rawValue
    }
}

// Facts beside the power chain and the reach of a site: cooling, doors, fuel, antennas, timing, lights, structure, sensors.
// Where they belong follows from the stories themselves, by inverse scopes and lags.
extension TenantEngine {
    /// Finds or makes the case of a fact that has a thread of its own.
    mutating func placeThread(_ number: Int32, _ thread: Condition.Thread, into output: inout EngineOutput) {
        let fact = facts[number]
        let key = ThreadKey(component: fact.component, thread: thread)
        if let owner = threadCase[key], cases[owner] != nil {
            add(number, to: owner)
        } else if thread == .converter, facts.active(fact.component, .rectifierFailed) != nil,
            let owner = powerCase[fact.component.number], cases[owner] != nil
        {
            // Modules of a rectifier that has failed as a whole.
            add(number, to: owner)
        } else if let owner = relatedCase(fact) {
            add(number, to: owner)
        } else {
            guard !fact.condition.isOnlyEffect, let owner = openCase(at: fact.component, onset: fact.onset) else { return }
            add(number, to: owner)
        }
        gatherRelated(number, into: &output)
        if fact.condition == .siteCollapsed, let owner = facts.facts[Int(number)]?.caseNumber, cases[owner] != nil {
            gatherBelow(fact.component, onset: fact.onset, into: owner, output: &output)
        }
    }

    /// The case that a story ties this fact to: nearest in time.
    func relatedCase(_ fact: Fact) -> Int32? {
        var best: (owner: Int32, distance: Double)?
        forEachRelated(to: fact) { other, isStrong in
            guard isStrong, let entry = cases[other.caseNumber], entry.feeder == nil, entry.group < 0 else { return }
            let distance = abs(fact.onset.seconds(since: other.onset))
            if best.map({ distance < $0.distance || (distance == $0.distance && other.caseNumber < $0.owner) }) ?? true {
                best = (other.caseNumber, distance)
            }
        }
        return best?.owner
    }

    /// Cases that began as something else and that the story of this fact explains whole are part of it.
    private mutating func gatherRelated(_ number: Int32, into output: inout EngineOutput) {
        let fact = facts[number]
        guard fact.caseNumber >= 0 else { return }
        var found: Set<Int32> = []
        forEachRelated(to: fact) { other, isStrong in
            guard isStrong, other.caseNumber != fact.caseNumber, let entry = cases[other.caseNumber], entry.feeder == nil,
                entry.group < 0, entry.stage == .watching || now.seconds(since: entry.createdAt) < 900
            else { return }
            found.insert(other.caseNumber)
        }
        for other in found.sorted() {
            guard isTold(whole: other, with: fact), cases[facts[number].caseNumber] != nil else { continue }
            merge(other, into: facts[number].caseNumber, reason: "\(ConditionWording.name(fact.condition).lowercased()) explains it", into: &output)
        }
    }

    /// Whether one story that tells of the fact has a place for everything that the case holds.
    private func isTold(whole number: Int32, with fact: Fact) -> Bool {
        let held = cases[number]!.facts.compactMap { facts.facts[Int($0)] }.filter { $0.caseNumber == number && !$0.condition.isHealthy }
        return stories.places(of: fact.condition).contains { place in
            let template = configuration.templates.templates[place.template]
            return held.allSatisfy { other in template.nodes.contains { $0.condition == other.condition && Self.ties($0, in: template) } }
        }
    }

    /// Facts that share a story with this one at a fitting place and time. `isStrong`: one of the two names the story.
    private func forEachRelated(to fact: Fact, _ body: (Fact, _ isStrong: Bool) -> Void) {
        for place in stories.places(of: fact.condition) {
            let template = configuration.templates.templates[place.template]
            let node = template.nodes[place.node]
            guard Self.ties(node, in: template) else { continue }
            for anchor in anchors(of: node.scope, of: fact.component, template) {
                for (number, other) in template.nodes.enumerated() where number != place.node && Self.ties(other, in: template) {
                    let isStrong = isNaming(template, node) || isNaming(template, other)
                    for component in components(of: other.scope, at: anchor) {
                        guard facts.owner(component, other.condition) ?? -1 >= 0, let found = facts.fact(component, other.condition), cases[found.caseNumber] != nil,
                            found.isActive || now.seconds(since: found.lastAt) < (other.isPrecursor ? configuration.lossWindow : 1_800),
                            component != fact.component || other.condition != fact.condition,
                            stories.fits(
                                place.template, place.node, after: number, by: fact.onset.seconds(since: found.onset),
                                tolerance: configuration.clockSkew + 60 + lateness(of: fact) + lateness(of: found))
                        else { continue }
                        body(found, isStrong)
                    }
                }
            }
        }
    }

    /// Seconds by which something that only a reading tells of may have happened before it was read.
    private func lateness(of fact: Fact) -> Double { fact.isReported ? 0 : max(0, fact.onset.seconds(since: fact.earliest)) }

    /// Nodes that hardly ever happen are there to speak against a story, not to draw facts into it.
    ///
    /// Nor does what follows at a neighbour from something there: it comes with that.
    private static func ties(_ node: CausalTemplate.Node, in template: CausalTemplate) -> Bool {
        guard node.probability >= 0.06, !node.condition.isHealthy else { return false }
        return node.scope != .nearbySites || node.after.map { template.nodes[$0].scope != .nearbySites } ?? true
    }

    func isNaming(_ template: CausalTemplate, _ node: CausalTemplate.Node) -> Bool {
        node.isTelling || node.condition == template.root
    }

    /// Where a story may start of which this component is a part: the inverse of its scope. At most 64.
    private func anchors(of scope: CausalTemplate.Scope, of component: Component, _ template: CausalTemplate) -> [Component] {
        switch (scope, component.kind, template.anchor) {
        case (.anchor, .site, .site), (.anchor, .link, .link): [component]
        case (.dependents, .site, .site): Array(topology.path(of: component.number).filter { $0.kind == .site }.prefix(8))
        case (.dependents, .site, .link): Array(topology.path(of: component.number).filter { $0.kind == .link }.prefix(8))
        case (.anchorAndDependents, .site, .site):
            [component] + topology.path(of: component.number).filter { $0.kind == .site }.prefix(8)
        case (.touchingLinks, .link, .site):
            [.site(topology.links[Int(component.number)].a), .site(topology.links[Int(component.number)].b)]
        case (.ends, .site, .link): topology.linksOfSite[Int(component.number)].prefix(64).map { .link($0) }
        case (.nearbySites, .site, .site):
            // Few sites have such a story at a time: they are asked how far they are.
            origins(of: template.root.thread).filter {
                $0 != component.number
                    && (topology.distance($0, component.number) ?? .infinity)
                        <= (template.root.thread == .flood ? configuration.floodKilometres : configuration.airKilometres)
            }.prefix(64).map { .site($0) }
        default: []
        }
    }

    /// Sites where such a story may have begun: those that tell of it, and for water those that lost their bus at once, whose flood
    /// sensor need not be wired.
    private func origins(of thread: Condition.Thread?) -> [Int32] {
        let told = sites(with: thread)
        guard thread == .flood else { return told }
        return told + sites(with: .battery).filter { facts.fact(.site($0), .siteCollapsed) != nil && !told.contains($0) }
    }

    private func sites(with thread: Condition.Thread?) -> [Int32] {
        threadCase.keys.filter { $0.thread == thread && $0.component.kind == .site }.sorted().map(\.component.number)
    }

    /// Where the nodes of a story are, as far as they can be named without asking everybody.
    private func components(of scope: CausalTemplate.Scope, at anchor: Component) -> [Component] {
        switch (scope, anchor.kind) {
        case (.anchor, _), (.anchorAndDependents, .site): [anchor]
        case (.touchingLinks, .site): topology.linksOfSite[Int(anchor.number)].prefix(64).map { .link($0) }
        case (.ends, .link): [.site(topology.links[Int(anchor.number)].a), .site(topology.links[Int(anchor.number)].b)]
        default: []
        }
    }

    // MARK: Candidates

    /// Stories beside power and reach whose root or telling sign the case holds, by component.
    func besideCandidates(
        of entry: Case, sites: [Int32], shown: [Component: ConditionSet]
    ) -> [(template: Int, anchor: Component)] {
        var found: [(Int, Component)] = []
        let templates = configuration.templates.templates
        for site in sites.prefix(24) {
            let conditions = shown[.site(site)] ?? ConditionSet()
            for index in stories.ofSiteBeside {
                guard stories.isNamed(index, by: conditions) ?? isTold(templates[index], at: .site(site), in: entry.number),
                    fits(templates[index], site: site)
                else { continue }
                found.append((index, .site(site)))
            }
        }
        return found
    }

    func isTold(_ template: CausalTemplate, at anchor: Component, in number: Int32) -> Bool {
        template.nodes.contains { node in
            isNaming(template, node)
                && components(of: node.scope, at: anchor).contains { facts.owner($0, node.condition) == number }
        }
    }
}
