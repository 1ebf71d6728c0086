public import TowerModel

/// The links that a tenant's outages speak for and nobody declared, as they are told: one version of the list, whole.
public struct ProposedLinks: Sendable, Hashable {
    public var tenantID: TenantID
    /// 1, 2, 3…: later versions replace earlier ones, which stay in the log.
    public var version: Int
    public var at: Timestamp
    /// Why there is a new version.
    public var reason: String
    /// Surest first.
    public var links: [LinkProposal]
    /// What people said of links, the newest word of each, newest first; `ProposalBook.maximumJudged` at most.
    public var judged: [LinkVerdict]
    /// How many links have been rejected, told or not.
    public var rejections: Int

    public init(
        tenantID: TenantID, version: Int, at: Timestamp, reason: String, links: [LinkProposal], judged: [LinkVerdict] = [], rejections: Int = 0
    ) {
        self.tenantID = tenantID
        self.version = version
        self.at = at
        self.reason = reason
        self.links = links
        self.judged = judged
        self.rejections = rejections
    }
}
