public import TowerModel

/// What really happened in one injected fault; never visible in events. One NDJSON line of `simulate --truth`.
/// Format: docs/formats/ground-truth.md.
public struct FaultTruth: Sendable, Codable, Hashable {
    /// A resource in a condition, in the words that incidents use too.
    public struct Node: Sendable, Codable, Hashable {
        /// Empty for causes above a single site.
        public var siteID: String
        public var managedObject: String
        public var condition: String
        public var eventType: String
        public init(siteID: String, managedObject: String, condition: String, eventType: String) {
            self.siteID = siteID
            self.managedObject = managedObject
            self.condition = condition
            self.eventType = eventType
        }
        enum CodingKeys: String, CodingKey {
            case siteID = "site_id"
            case managedObject = "managed_object"
            case condition
            case eventType = "event_type"
        }
    }
    /// One cause and one effect that were both reported by events, delivered or not.
    public struct Edge: Sendable, Codable, Hashable {
        public var causeEventID: EventID
        public var effectEventID: EventID
        /// True delay, before clock skew.
        public var delaySeconds: Double
        public init(causeEventID: EventID, effectEventID: EventID, delaySeconds: Double) {
            self.causeEventID = causeEventID
            self.effectEventID = effectEventID
            self.delaySeconds = delaySeconds
        }
        enum CodingKeys: String, CodingKey {
            case causeEventID = "cause_event_id"
            case effectEventID = "effect_event_id"
            case delaySeconds = "delay_seconds"
        }
    }
    public var faultID: String
    public var scenario: ScenarioID
    public var label: String
    /// Harmless: no incident should be opened for it.
    public var benign: Bool
    public var root: Node
    /// Other conditions that name the root as well, at the same place.
    public var alternatives: [String]
    public var trigger: Node?
    /// True instant of the trigger, or of the root where nothing triggers it.
    public var onset: Timestamp
    /// When its cause was gone; `nil` if the simulation ended before.
    public var clear: Timestamp?
    /// When a slow phase before the onset began, perhaps before the run did (a leak, ageing, water, dirt); `nil` without one.
    public var began: Timestamp?
    /// Litres that went the wrong way up to the last look, for S11 and S12.
    public var litres: Double?
    public var edges: [Edge]
    /// Sites that lost grid, power, cells, backhaul or sight through it, sorted.
    public var affectedSites: [String]
    public var affectedOperators: [String]
    /// Shared objects it touched, for rain all faded links; sorted.
    public var objects: [String]
    /// Every alarm and notice it caused, delivered or not, in order of time.
    public var eventIDs: [EventID]
    public var responsible: String
    /// Seconds, summed over sites, in which at least one of an operator's cells was down through this fault.
    public var chargeableSeconds: [String: Double]
    public var firstAction: String
    /// Resources that look like a cause and are not: `site_id managed_object condition`.
    public var decoys: [String]

    public init(
        faultID: String, scenario: ScenarioID, label: String, benign: Bool, root: Node, alternatives: [String] = [],
        trigger: Node? = nil, onset: Timestamp,
        clear: Timestamp? = nil, began: Timestamp? = nil, litres: Double? = nil, edges: [Edge] = [], affectedSites: [String] = [],
        affectedOperators: [String] = [],
        objects: [String] = [], eventIDs: [EventID] = [], responsible: String, chargeableSeconds: [String: Double] = [:],
        firstAction: String, decoys: [String] = []
    ) {
        self.faultID = faultID
        self.scenario = scenario
        self.label = label
        self.benign = benign
        self.root = root
        self.alternatives = alternatives
        self.trigger = trigger
        self.onset = onset
        self.clear = clear
        self.began = began
        self.litres = litres
        self.edges = edges
        self.affectedSites = affectedSites
        self.affectedOperators = affectedOperators
        self.objects = objects
        self.eventIDs = eventIDs
        self.responsible = responsible
        self.chargeableSeconds = chargeableSeconds
        self.firstAction = firstAction
        self.decoys = decoys
    }

    enum CodingKeys: String, CodingKey {
        case faultID = "fault_id"
        case scenario, label, benign, root, alternatives, trigger, onset, clear, began, litres, edges
        case affectedSites = "affected_sites"
        case affectedOperators = "affected_operators"
        case objects
        case eventIDs = "event_ids"
        case responsible
        case chargeableSeconds = "chargeable_seconds"
        case firstAction = "first_action"
        case decoys
    }
}
