public import TowerModel

/// What a person said of a proposed link.
public struct LinkVerdict: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// It is a link: an event declares it.
        case confirm
        /// It is none, and is not proposed again.
        case reject
        /// What was said of it last is taken back.
        case undo
    }
    public var tenantID: TenantID
    public var link: LinkProposal.Kind
    public var site: String
    public var other: String
    public var kind: Kind
    public var actor: String
    public var at: Timestamp
    public var reason: String
    public init(
        tenantID: TenantID, link: LinkProposal.Kind, site: String, other: String, kind: Kind, actor: String, at: Timestamp, reason: String = ""
    ) {
        self.tenantID = tenantID
        self.link = link
        self.site = site
        self.other = other
        self.kind = kind
        self.actor = actor
        self.at = at
        self.reason = reason
    }
}
