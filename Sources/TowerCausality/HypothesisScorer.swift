import Glibc
public import TowerModel

/// How well one story, told of one component, fits what is known and what is silent.
public struct Hypothesis: Sendable {
    public enum Status: Sendable, Hashable {
        /// An alarm or notice told of it.
        case reported
        /// Telemetry shows it.
        case measured
        /// Worked out.
        case inferred
        /// Telemetry shows the contrary.
        case denied
        /// Due, and nothing was heard.
        case silent
        /// Not due yet.
        case pending
    }

    /// What one node of the story adds.
    public struct Term: Sendable {
        public var node: Int
        public var component: Component
        public var condition: Condition
        public var status: Status
        /// Natural logarithm of how much likelier the story makes this finding than no story at all.
        public var logRatio: Double
        /// When it happened, or is expected to have.
        public var at: Timestamp
        /// Fact number, or -1.
        public var fact: Int32
        public var reported: Double
    }

    public var template: Int
    public var anchor: Component
    public var logOdds: Double
    public var terms: [Term]
    /// Posterior among the hypotheses of its case; filled in by `posterior`.
    public var probability = 0.0
}

/// Weighs stories against evidence: naive over findings, exact over lags and silences inside one story.
///
/// For each node the log odds of its finding under the story against the background are added:
/// `ln[(π P(finding | happened) + (1 - π) P(finding | not)) / P(finding | not)]`, with π the share of cases in which it
/// happens times the share of lags that are over. Silence of a node that is hardly ever reported costs nearly nothing,
/// and what is not due yet costs nothing at all.
public struct HypothesisScorer: Sendable {
    public struct Configuration: Sendable {
        /// Seconds inside which clocks of different devices cannot be told apart.
        public var clockTolerance = 120.0
        /// Seconds added before silence counts: poll period and delivery.
        public var grace = 60.0
        /// How far back precursors count, in seconds.
        public var precursorWindow = 3 * 86_400.0
        /// Chance that an alarm type is up by itself in the window of a case.
        public var falseAlarm = 0.004
        /// Chance that a reading says so when it is not so, and that it denies what is so.
        public var falseReading = 0.03
        /// Divides log odds before they become probabilities: naive evidence is not independent.
        public var temperature = 1.6
        public var highestProbability = 0.99
        public var unknownPrior = 0.02
        /// Share of the explainable evidence that "unknown" explains.
        public var unknownShare = 0.4
        /// Components looked at for one node; a storm is one root with many children.
        public var maximumComponents = 128
        public init() {}

        /// What a reading that says so adds, as a logarithm.
        func weight(ofReading condition: Condition) -> Double {
            let wrong = condition.isWatched ? falseReading / 5 : falseReading
            return log((1 - wrong) / wrong)
        }
    }

    public var configuration: Configuration
    public init(configuration: Configuration = .init()) { self.configuration = configuration }

    /// What a hypothesis may look at.
    public struct Scene {
        public var facts: FactBook
        public var topology: Topology
        /// First sign of the case and the instant of judgement (both event time).
        public var onset: Timestamp
        public var now: Timestamp
        /// Links that fade together with the case's.
        public var nearbyLinks: [Int32]
        /// Other sites of the case, for causes that reach their neighbours through the air.
        public var nearbySites: [Int32] = []
        /// Measured lag overrides: seconds from the start of discharge to the end of the battery, p10, p50, p90.
        public var autonomy: [Int32: Lag]
        /// Sites that fall with a component, as far as the caller has them at hand; the topology is asked for the others.
        public var reach: [Component: [Int32]] = [:]
        /// Facts of the case: others are none of its business.
        public var caseNumber: Int32
        public init(
            facts: FactBook, topology: Topology, onset: Timestamp, now: Timestamp, nearbyLinks: [Int32], autonomy: [Int32: Lag],
            caseNumber: Int32
        ) {
            self.facts = facts
            self.topology = topology
            self.onset = onset
            self.now = now
            self.nearbyLinks = nearbyLinks
            self.autonomy = autonomy
            self.caseNumber = caseNumber
        }
    }

    public func score(_ template: CausalTemplate, index: Int, anchor: Component, in scene: Scene) -> Hypothesis {
        var hypothesis = Hypothesis(template: index, anchor: anchor, logOdds: log(template.prior), terms: [])
        // Instant and belief of each node at the anchor, for what follows it.
        var instants = [Timestamp](repeating: scene.onset, count: template.nodes.count)
        var beliefs = [Double](repeating: 1, count: template.nodes.count)
        // How much earlier than its instant each of them may have happened: nothing follows before its cause.
        var slacks = [Double](repeating: .infinity, count: template.nodes.count)
        // The same for nodes that happen at several places, where another follows each of them at its own place.
        var placed: [Int: [Step]] = [:]
        for (number, node) in template.nodes.enumerated() {
            let parent = node.after.map { Step(at: instants[$0], belief: beliefs[$0], slack: slacks[$0]) } ?? Step(at: scene.onset)
            let lag = lag(of: node, anchor: anchor, in: scene)
            let places = components(of: node.scope, anchor: anchor, in: scene)
            let parents = node.after.flatMap { template.nodes[$0].scope == node.scope ? placed[$0] : nil }
            let isFollowed =
                node.scope != .anchor && template.nodes[(number + 1)...].contains { $0.after == number && $0.scope == node.scope }
            if isFollowed { placed[number] = places.map { _ in Step(at: parent.at, belief: parent.belief * node.probability) } }
            for (index, place) in places.enumerated() {
                // A neighbour that hangs on the anchor as well has been weighed as that.
                if node.scope == .nearbySites,
                    hypothesis.terms.contains(where: { $0.component == place && $0.condition == node.condition && $0.fact >= 0 })
                {
                    continue
                }
                let cause = parents?[index] ?? parent
                let term = weigh(
                    node, number: number, at: place, parentAt: cause.at, parentBelief: cause.belief, lag: lag, slack: cause.slack, in: scene)
                hypothesis.logOdds += term.term.logRatio
                hypothesis.terms.append(term.term)
                var step = Step(at: term.term.at, belief: term.belief)
                if term.term.fact >= 0 {
                    let fact = scene.facts[term.term.fact]
                    step.slack = fact.isInferred ? .infinity : fact.onset.seconds(since: fact.earliest)
                }
                if isFollowed { placed[number]?[index] = step }
                if place == anchor || places.count == 1 {
                    if term.term.fact < 0, node.after == nil, let earlier = unseen(number, of: template, at: anchor, in: scene) { step.at = earlier }
                    (instants[number], beliefs[number], slacks[number]) = (step.at, step.belief, step.slack)
                }
            }
            if !places.contains(anchor), places.count != 1 {
                instants[number] = parent.at.adding(seconds: lag.quantile(0.5))
                beliefs[number] = parent.belief * node.probability
            }
        }
        return hypothesis
    }

    /// When a node happened or is thought to have, how likely it did, and by how much earlier it may have been.
    private struct Step {
        var at: Timestamp
        var belief = 1.0
        var slack = Double.infinity
    }

    /// When something that nobody told of must have begun, by what has followed from it: what follows soonest, where the root is one
    /// that nobody ever tells of and a forerunner opened the case, else the first thing that follows only after a while. `nil` where nothing of the kind has followed.
    private func unseen(_ number: Int, of template: CausalTemplate, at anchor: Component, in scene: Scene) -> Timestamp? {
        var soon: (at: Timestamp, spread: Double)?
        var late: Timestamp?
        for node in template.nodes where node.after == number && node.scope == .anchor {
            guard let fact = scene.facts.fact(anchor, node.condition), fact.caseNumber == scene.caseNumber else { continue }
            let (least, middle, most) = (node.lag.quantile(0.05), node.lag.quantile(0.5), node.lag.quantile(0.95))
            let begun = fact.onset.adding(seconds: -middle)
            if least > 2 * configuration.clockTolerance {
                late = late ?? begun
            } else if most - least < soon?.spread ?? .infinity {
                soon = (begun, most - least)
            }
        }
        guard let soon else { return late }
        guard template.nodes[number].reported == 0 else { return nil }
        // The case began with a sign that comes before such a root; what other stories begin with moves nothing.
        let isForerun = template.nodes.contains { node in
            guard node.isPrecursor, node.scope == .anchor, let fact = scene.facts.fact(anchor, node.condition) else { return false }
            return fact.caseNumber == scene.caseNumber && abs(fact.onset.seconds(since: scene.onset)) <= configuration.clockTolerance
        }
        return isForerun ? soon.at : nil
    }

    private func lag(of node: CausalTemplate.Node, anchor: Component, in scene: Scene) -> Lag {
        guard node.condition == .lvd1Open || node.condition == .lowVoltage, anchor.kind == .site else { return node.lag }
        return scene.autonomy[anchor.number] ?? node.lag
    }

    func components(of scope: CausalTemplate.Scope, anchor: Component, in scene: Scene) -> [Component] {
        let most = configuration.maximumComponents
        switch (scope, anchor.kind) {
        case (.anchor, _): return [anchor]
        case (.dependents, .site), (.dependents, .link): return below(anchor, in: scene).prefix(most).map { .site($0) }
        case (.anchorAndDependents, .site): return [anchor] + below(anchor, in: scene).prefix(most).map { .site($0) }
        case (.touchingLinks, .site): return scene.topology.linksOfSite[Int(anchor.number)].prefix(most).map { .link($0) }
        case (.ends, .link):
            let link = scene.topology.links[Int(anchor.number)]
            return [.site(link.a), .site(link.b)]
        case (.nearbySites, .site): return scene.nearbySites.lazy.filter { $0 != anchor.number }.prefix(most).map { .site($0) }
        case (.members, .feeder): return scene.topology.members(ofFeeder: anchor.number).prefix(most).map { .site($0) }
        case (.nearbyLinks, .link): return scene.nearbyLinks.lazy.filter { $0 != anchor.number }.prefix(most).map { .link($0) }
        default: return []
        }
    }

    private func below(_ anchor: Component, in scene: Scene) -> [Int32] {
        if let known = scene.reach[anchor] { return known }
        return anchor.kind == .link ? scene.topology.dependents(ofLink: anchor.number) : scene.topology.dependents(of: anchor.number)
    }

    private func weigh(
        _ node: CausalTemplate.Node, number: Int, at place: Component, parentAt: Timestamp, parentBelief: Double, lag: Lag,
        slack: Double, in scene: Scene
    ) -> (term: Hypothesis.Term, belief: Double) {
        let settings = configuration
        let found = finding(node, at: place, in: scene)
        let waited = scene.now.seconds(since: parentAt) - settings.grace
        let due = node.isPrecursor ? 1 : lag.cumulative(waited)
        // Log likelihood ratio of the finding: it happened against it did not.
        var ratio = 0.0
        var status = Hypothesis.Status.pending
        var at = parentAt.adding(seconds: node.isPrecursor ? 0 : lag.quantile(0.5))
        var factNumber: Int32 = -1
        if let fact = found.fact, node.isPrecursor || fact.onset.seconds(since: parentAt) >= -(2 * settings.clockTolerance + slack) {
            factNumber = found.number
            at = fact.onset
            if fact.isReported { ratio += log(max(node.reported, 0.3) / settings.falseAlarm) }
            if fact.wasMeasured { ratio += settings.weight(ofReading: fact.condition) }
            if fact.isInferred, !fact.isReported, !fact.wasMeasured { ratio += log(0.9 / 0.05) }
            status = fact.isReported ? .reported : fact.wasMeasured ? .measured : .inferred
            if !node.isPrecursor, node.after != nil {
                // What only a reading tells of happened somewhere between two of them: where the story has it, if it may.
                let late = fact.onset.seconds(since: parentAt)
                let early = fact.isReported ? late : fact.earliest.seconds(since: parentAt)
                let seconds = min(late, max(early, lag.quantile(0.5)))
                ratio += min(2, max(-3, 0.5 * lag.logRatio(seconds, tolerance: settings.clockTolerance)))
            }
            let happens = min(0.999, max(node.probability * max(parentBelief, 0.05), 1e-4))
            let belief = posterior(prior: happens, logRatio: ratio)
            return (
                Hypothesis.Term(
                    node: number, component: place, condition: node.condition, status: status, logRatio: mix(happens, ratio),
                    at: at,
                    fact: factNumber, reported: node.reported), belief
            )
        }
        if due > 0.02 {
            if node.reported > 0 { ratio += log(max(1e-3, 1 - node.reported)) }
            status = .silent
        }
        if let denial = found.denial, !node.isPrecursor, denial.at > at {
            ratio += log(settings.falseReading / (1 - settings.falseReading))
            status = due > 0.02 ? .denied : .pending
        } else if node.isOptional {
            ratio *= 0.15
        }
        let happens = min(0.999, max(node.probability * parentBelief * due, 0))
        let belief = due > 0.02 ? posterior(prior: happens, logRatio: ratio) : node.probability * parentBelief
        return (
            Hypothesis.Term(
                node: number, component: place, condition: node.condition, status: status, logRatio: mix(happens, ratio), at: at,
                fact: -1, reported: node.reported), belief
        )
    }

    private func finding(
        _ node: CausalTemplate.Node, at place: Component, in scene: Scene
    ) -> (fact: Fact?, number: Int32, denial: Reading?) {
        if let number = scene.facts.newest(place, node.condition) {
            // Most findings are of other cases: nothing is copied for them.
            guard node.isPrecursor || scene.facts.facts[Int(number)]?.caseNumber == scene.caseNumber else {
                return (nil, -1, denial(node, at: place, in: scene))
            }
            let fact = scene.facts[number]
            let isOurs = fact.caseNumber == scene.caseNumber
            // A store that was filled before is no reason any more.
            let isFull = fact.condition.isStore && (fact.endedAt.map { scene.onset.seconds(since: $0) > configuration.clockTolerance } ?? false)
            let isPrecursor =
                node.isPrecursor && !isFull
                && (fact.isActive || scene.onset.seconds(since: fact.lastAt) < precursorWindow(of: node))
            if isOurs || isPrecursor { return (fact, number, nil) }
        }
        return (nil, -1, denial(node, at: place, in: scene))
    }

    private func denial(_ node: CausalTemplate.Node, at place: Component, in scene: Scene) -> Reading? {
        scene.facts.reading(place, node.condition).flatMap { $0.holds ? nil : $0 }
    }

    /// A sign whose story says how early it comes counts for that long.
    private func precursorWindow(of node: CausalTemplate.Node) -> Double {
        switch node.lag {
        case .uniform(_, let high): high > 5 ? high + configuration.clockTolerance : configuration.precursorWindow
        case .logNormal(_, let p90): 1.5 * p90
        }
    }

    /// `ln(π e^r + 1 - π)`
    private func mix(_ share: Double, _ logRatio: Double) -> Double {
        guard share > 0 else { return 0 }
        return max(-12, min(12, log(share * exp(min(logRatio, 30)) + 1 - share)))
    }

    private func posterior(prior: Double, logRatio: Double) -> Double {
        let odds = prior / max(1e-9, 1 - prior) * exp(min(logRatio, 30))
        return odds / (1 + odds)
    }
}
