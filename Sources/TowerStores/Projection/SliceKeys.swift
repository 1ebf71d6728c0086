package import TowerModel

/// A site of a tenant.
package struct SiteKey: Hashable, Comparable, Sendable {
    package let tenant: TenantID
    package let site: SiteID
    package init(tenant: TenantID, site: SiteID) {
        self.tenant = tenant
        self.site = site
    }
    package static func < (left: Self, right: Self) -> Bool { (left.tenant, left.site) < (right.tenant, right.site) }
}

/// An alarm, an incident or an event of a tenant.
package struct ItemKey: Hashable, Sendable {
    package let tenant: TenantID
    package let id: EventID
    package init(tenant: TenantID, id: EventID) {
        self.tenant = tenant
        self.id = id
    }
}
