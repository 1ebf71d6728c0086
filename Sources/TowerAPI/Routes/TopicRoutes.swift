import Hummingbird
import TowerModel
import TowerStores
import TowerStreaming

/// The tenant's part of the log, topic by topic.
struct TopicRoutes: Sendable {
    let services: Services

    var routes: [Route] {
        [
            .signedIn("GET", "/api/v1/topics", "listTopics", "The tenant's topics; its site topics are one row", .read, list),
            .signedIn("GET", "/api/v1/topics/{topic}", "getTopic", "One topic of the tenant", .read, get),
        ]
    }

    private func list(_ call: Call, _ principal: Principal) async throws -> Response {
        var rows: [TopicView] = []
        if let sites = try await siteTopics(principal.tenantID) { rows.append(sites) }
        rows += try await namedTopics(principal.tenantID)
        return .json(Page(items: rows, total: rows.count))
    }

    private func get(_ call: Call, _ principal: Principal) async throws -> Response {
        let name = TopicName(try call.parameter("topic"))
        let missing = Problem.notFound("topic.not_found", "There is no topic \(name.rawValue.prefix(128)).")
        if name.rawValue == TopicPattern.siteEvents.text {
            guard let view = try await siteTopics(principal.tenantID) else { throw missing }
            return .json(view)
        }
        if let view = try await namedTopics(principal.tenantID).first(where: { $0.topic == name.rawValue }) { return .json(view) }
        guard try await isOwnSiteTopic(name, principal.tenantID),
            let description = try await services.dependencies.log.topics(matching: TopicPattern(name.rawValue)).first
        else { throw missing }
        return .json(TopicView(description))
    }

    /// Topics whose name carries the tenant.
    private func namedTopics(_ tenant: TenantID) async throws -> [TopicView] {
        let names = [Topic.incidents, Topic.alerts, Topic.kpis, Topic.deadLetters].map { $0(tenant.rawValue) }
        var rows: [TopicView] = []
        for name in names {
            // A tenant id may not hold `*`, so this pattern is this topic and no other.
            rows += try await services.dependencies.log.topics(matching: TopicPattern(name.rawValue)).map { TopicView($0) }
        }
        return rows
    }

    /// One row for the topics of the tenant's own sites; `nil` while it has none.
    private func siteTopics(_ tenant: TenantID) async throws -> TopicView? {
        let own = try await siteIDs(tenant)
        let topics = try await services.dependencies.log.topics(matching: .siteEvents).filter { description in
            Self.site(of: description.topic).map { own.contains($0) } ?? false
        }
        guard var row = topics.first.map({ TopicView($0) }) else { return nil }
        for description in topics.dropFirst() { row.add(TopicView(description)) }
        row.topic = TopicPattern.siteEvents.text
        return row
    }

    private func isOwnSiteTopic(_ name: TopicName, _ tenant: TenantID) async throws -> Bool {
        guard let site = Self.site(of: name) else { return false }
        return try await services.store.site(tenant: tenant, id: site) != nil
    }

    private func siteIDs(_ tenant: TenantID) async throws -> Set<SiteID> {
        var ids = Set<SiteID>()
        var cursor: String?
        repeat {
            let page = try await services.store.sites(tenant: tenant, filter: SiteFilter(), limit: 1000, cursor: cursor)
            for view in page.items { ids.insert(view.site.siteID) }
            cursor = page.nextCursor
        } while cursor != nil
        return ids
    }

    private static func site(of topic: TopicName) -> SiteID? {
        let parts = TopicPattern.siteEvents.text.split(separator: "*")
        guard TopicPattern.siteEvents.matches(topic) else { return nil }
        return SiteID(String(topic.rawValue.dropFirst(parts[0].count).dropLast(parts[1].count)))
    }
}

extension TopicView {
    init(_ description: TopicDescription) {
        self.init(
            topic: description.topic.rawValue, partitions: description.partitions, retention: description.retention.rawValue,
            startOffset: description.startOffset, endOffset: description.endOffset, bytes: description.bytes,
            oldestAt: description.firstTimestampMs.map { Timestamp(milliseconds: $0) },
            newestAt: description.lastTimestampMs.map { Timestamp(milliseconds: $0) })
    }

    /// Folds another topic into this row: counts add up, times widen.
    mutating func add(_ other: TopicView) {
        partitions += other.partitions
        startOffset += other.startOffset
        endOffset += other.endOffset
        bytes += other.bytes
        oldestAt = [oldestAt, other.oldestAt].compactMap { $0 }.min()
        newestAt = [newestAt, other.newestAt].compactMap { $0 }.max()
    }
}
