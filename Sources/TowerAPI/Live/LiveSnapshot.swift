import TowerModel
import TowerStores

/// Reads what a snapshot needs, with the store's position before and after, as `LiveSession.loaded` wants it.
struct LiveSnapshot: Sendable {
    let store: any Store
    let group: String
    let limits: LiveLimits

    struct Result: Sendable {
        var items: [LiveItem]
        var before: Int64
        var after: Int64
    }

    func load(tenant: TenantID, _ subscription: LiveSubscription, now: Timestamp) async throws -> Result {
        let before = try await store.position(of: group).sequence
        var items: [LiveItem] = []
        if subscription.channels.contains(.sites) { items += try await sites(tenant, subscription.site) }
        if subscription.channels.contains(.alarms) { items += try await alarms(tenant, subscription.site) }
        if subscription.channels.contains(.incidents) { items += try await incidents(tenant, subscription.site, now: now) }
        return Result(items: items, before: before, after: try await store.position(of: group).sequence)
    }

    private func sites(_ tenant: TenantID, _ site: SiteID?) async throws -> [LiveItem] {
        if let site {
            guard let view = try await store.site(tenant: tenant, id: site) else { return [] }
            return [LiveItem(.site(view))]
        }
        return try await everyPage { try await store.sites(tenant: tenant, filter: SiteFilter(), limit: 1000, cursor: $0) }
            .map { LiveItem(.site($0)) }
    }

    private func alarms(_ tenant: TenantID, _ site: SiteID?) async throws -> [LiveItem] {
        let filter = AlarmFilter(isActive: true, site: site)
        return try await store.alarms(tenant: tenant, filter: filter, limit: limits.alarmsInSnapshot, cursor: nil).items
            .map { LiveItem(.alarm($0)) }
    }

    private func incidents(_ tenant: TenantID, _ site: SiteID?, now: Timestamp) async throws -> [LiveItem] {
        let open = IncidentFilter(statuses: [.open, .acknowledged], site: site)
        let over = IncidentFilter(
            statuses: [.resolved], site: site, updatedSince: now.adding(seconds: -3600 * limits.resolvedHours))
        var views: [IncidentView] = []
        for filter in [open, over] {
            views += try await everyPage { try await store.incidents(tenant: tenant, filter: filter, limit: 1000, cursor: $0) }
        }
        return views.map { LiveItem(.incident($0)) }
    }

    private func everyPage<Item>(_ page: (String?) async throws -> Page<Item>) async throws -> [Item] {
        var items: [Item] = []
        var cursor: String?
        repeat {
            let next = try await page(cursor)
            items += next.items
            cursor = next.nextCursor
        } while cursor != nil
        return items
    }
}
