public import TowerModel

extension TenantID: ExpressibleByStringLiteral {
    public init(stringLiteral value: String) { self.init(value) }
}

extension SiteID: ExpressibleByStringLiteral {
    public init(stringLiteral value: String) { self.init(value) }
}
