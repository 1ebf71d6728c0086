/// A story that a domain person tells: what fails first, what follows where, how soon, how often, and who would say so.
///
/// Every node is a condition somewhere; `after` names the node that causes it. Nodes nobody reports stay in the story:
/// they are latent, and what follows them is timed through them. Stories are written in `causality/*.yaml`
/// (docs/causality.md).
public struct CausalTemplate: Sendable, Equatable {
    /// What kind of component the story starts at.
    public enum Anchor: String, Sendable, CaseIterable { case site, link, feeder }

    /// Where a node happens, seen from the anchor.
    public enum Scope: String, Sendable, CaseIterable {
        /// At the anchor itself.
        case anchor
        /// At every site that reaches the core only through the anchor.
        case dependents
        /// At the anchor site and everything behind it.
        case anchorAndDependents = "anchor and dependents"
        /// On links that touch the anchor site.
        case touchingLinks = "touching links"
        /// At the two ends of the anchor link.
        case ends
        /// At the sites of the feeder.
        case members
        /// On links that fade at about the same time.
        case nearbyLinks = "nearby links"
        /// At other sites within reach of the anchor's radio.
        case nearbySites = "nearby sites"
    }

    /// What the site must have for the story to be told of it.
    public enum Requirement: String, Sendable, CaseIterable {
        case none
        case generator
        case noGenerator = "no generator"
        case grid, fibre, radio
        case solar
        case offGrid = "off grid"
    }

    /// What the story asks of people.
    public enum Attention: String, Sendable, CaseIterable {
        /// Work for somebody, as loud as its severity.
        case person
        /// Expected to end by itself; handed out when it has not within the hour.
        case watch
        /// Nobody's work: a record.
        case record
    }

    public struct Node: Sendable, Equatable {
        public var condition: Condition
        public var scope: Scope
        /// Index of the causing node; `nil` for the start.
        public var after: Int?
        public var lag: Lag
        /// Share of cases in which it happens, given that its cause did.
        public var probability: Double
        /// How often it is told of by an alarm when it happens.
        public var reported: Double
        /// A sign that comes up to three days before the start and may be over by then.
        public var isPrecursor: Bool
        /// Its absence says nothing (it may be far away in time, or matter to few).
        public var isOptional: Bool
        /// The story is only told where its root or a telling node has been seen.
        public var isTelling: Bool

        public init(
            _ condition: Condition, _ scope: Scope = .anchor, after: Int? = nil, _ lag: Lag = .uniform(0, 5),
            probability: Double = 0.95, reported: Double = 0.82, precursor: Bool = false, optional: Bool = false,
            telling: Bool = false
        ) {
            self.condition = condition
            self.scope = scope
            self.after = after
            self.lag = lag
            self.probability = probability
            self.reported = reported
            self.isPrecursor = precursor
            self.isOptional = optional
            self.isTelling = telling
        }
    }

    /// What a person does about it.
    public struct Action: Sendable, Equatable {
        /// As in `IncidentSnapshot.ProposedAction.Kind`.
        public var kind: String
        public var text: String
        public var detail: String
        public init(kind: String, text: String, detail: String) {
            self.kind = kind
            self.text = text
            self.detail = detail
        }
    }

    public var name: String
    public var anchor: Anchor
    public var requirement: Requirement
    public var root: Condition
    /// Managed object of the root at a site; links and feeders name themselves.
    public var rootObject: String
    /// Catalogue type that reports the root.
    public var eventType: String
    public var trigger: Condition?
    public var label: String
    /// Relative share of such stories among all that start at one component.
    public var prior: Double
    /// Ends by itself and needs nobody, unless it goes wrong.
    public var isBenign: Bool
    public var nodes: [Node]
    /// Loudest severity while no service is lost; empty for what the conditions say.
    public var mostSeverity = ""
    public var attention = Attention.person
    /// The incident's sentence after its place, with `{place}` and `{time}`; empty where the engine has its own words.
    public var sentence = ""
    public var actions: [Action] = []

    public init(
        name: String, anchor: Anchor, requirement: Requirement = .none, root: Condition, rootObject: String, eventType: String,
        trigger: Condition? = nil, label: String, prior: Double, isBenign: Bool = false, nodes: [Node]
    ) {
        self.name = name
        self.anchor = anchor
        self.requirement = requirement
        self.root = root
        self.rootObject = rootObject
        self.eventType = eventType
        self.trigger = trigger
        self.label = label
        self.prior = prior
        self.isBenign = isBenign
        self.nodes = nodes
    }

    public func index(of condition: Condition) -> Int? { nodes.firstIndex { $0.condition == condition && $0.scope == .anchor } }
}
