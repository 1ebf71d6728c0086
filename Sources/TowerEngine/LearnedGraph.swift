public import TowerModel

/// The causal graph that a tenant's alarms have taught so far, as it is told: one version of it, whole.
public struct LearnedGraph: Sendable, Hashable, Codable {
    public struct Edge: Sendable, Hashable, Codable {
        public enum Verdict: String, Sendable, Hashable, Codable { case confirmed, vetoed }
        public var cause: String
        public var effect: String
        /// 0...1; ranks edges.
        public var score: Double
        /// Raises of the effect that a raise of the cause brings.
        public var yield: Double
        /// Belongs to the graph; the others only rank.
        public var asserted: Bool
        /// What an operator said, when one did.
        public var verdict: Verdict?
    }

    public var tenantID: TenantID
    /// 1, 2, 3…: later versions replace earlier ones, which stay in the log.
    public var version: Int
    public var at: Timestamp
    /// Why there is a new version.
    public var reason: String
    public var raises: Int
    /// Share of raises that other types explain.
    public var explainedShare: Double
    /// Raises of types beyond the bound, which taught nothing.
    public var refusedRaises: Int
    /// Best first, at most `TenantEngine.maximumToldEdges`.
    public var edges: [Edge]

    enum CodingKeys: String, CodingKey {
        case tenantID = "tenant_id"
        case version, at, reason, raises
        case explainedShare = "explained_share"
        case refusedRaises = "refused_raises"
        case edges
    }
}

/// What a person knows of a pair of alarm types.
public struct CausalVerdict: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// It is a cause: asserted whatever is learned.
        case confirm
        /// It is not: never asserted.
        case veto
        /// Back to what is learned.
        case clear
    }
    public var tenantID: TenantID
    public var cause: String
    public var effect: String
    public var kind: Kind
    public var at: Timestamp
    public init(tenantID: TenantID, cause: String, effect: String, kind: Kind, at: Timestamp) {
        self.tenantID = tenantID
        self.cause = cause
        self.effect = effect
        self.kind = kind
        self.at = at
    }
}
