import TowerModel
import TowerStores
import TowerStreaming

/// Which records of the log are a tenant's.
///
/// Topics that carry the tenant in their name are its own. Site topics are shared by tenants that happen to use the same
/// site id: there each record's `tenant` header decides and never the topic's name.
struct TenantTopics: Sendable {
    let tenant: TenantID
    let store: any Store

    private static let named: [@Sendable (String) -> TopicName] = [
        { Topic.incidents(tenant: $0) }, { Topic.alerts(tenant: $0) }, { Topic.kpis(tenant: $0) },
    ]

    /// Events as they were accepted and derived: what `*` stands for. Dead letters are no events.
    private var events: [TopicPattern] {
        // A tenant id may not hold `*`, so these patterns are these topics and no other.
        [.siteEvents] + Self.named.map { TopicPattern($0(tenant.rawValue).rawValue) }
    }

    var deadLetters: TopicName { Topic.deadLetters(tenant: tenant.rawValue) }

    /// The patterns to read for a topic as a caller names it: one of its topics, `towerco.sites.*.events`, or `*` for all events.
    /// `nil` when it is none of the tenant's.
    func patterns(_ text: String) async throws -> [TopicPattern]? {
        if text == "*" { return events }
        let pattern = TopicPattern(text)
        if events.contains(pattern) || text == deadLetters.rawValue { return [pattern] }
        guard try await isOwnSite(TopicName(text)) else { return nil }
        return [pattern]
    }

    /// Whether a place in this topic is the tenant's to name.
    func owns(_ topic: TopicName) async throws -> Bool {
        guard !topic.rawValue.contains("*") else { return false }
        return try await patterns(topic.rawValue) != nil
    }

    private func isOwnSite(_ topic: TopicName) async throws -> Bool {
        let parts = TopicPattern.siteEvents.text.split(separator: "*")
        guard topic.isValid, TopicPattern.siteEvents.matches(topic) else { return false }
        let site = SiteID(String(topic.rawValue.dropFirst(parts[0].count).dropLast(parts[1].count)))
        return try await store.site(tenant: tenant, id: site) != nil
    }
}
