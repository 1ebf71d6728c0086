import NIOCore
import TowerModel
import TowerStreaming

/// Events of one tenant straight from the log, newest first, each as the JSON that was accepted.
///
/// A site topic is shared by tenants that happen to use the same site id, so there the record's `tenant` header decides
/// and never the topic's name. The platform's own topics carry the tenant in their name and hold nobody else's records.
struct EventHistory: Sendable {
    let log: any EventLog
    let scanMax: Int

    struct Filter: Sendable {
        var tenant: TenantID
        var eventType: String?
        var site: SiteID?
        /// Event time: `from` inclusive, `to` exclusive.
        var from: Timestamp?
        var to: Timestamp?
    }

    /// `{"items":[…],"next_cursor":…}` as bytes: the events are copied, never decoded.
    func page(_ filter: Filter, limit: Int, cursor: String?) async throws -> ByteBuffer {
        let found = try await collect(filter, withDerived: false, scanMax: scanMax, limit: limit, cursor: cursor) { record in
            Self.isMatch(record, filter) ? record : nil
        }
        var buffer = ByteBuffer()
        buffer.writeString("{\"items\":[")
        for (index, record) in found.items.enumerated() {
            if index > 0 { buffer.writeString(",") }
            Self.write(record, to: &buffer)
        }
        buffer.writeString("]")
        if let next = found.next { buffer.writeString(",\"next_cursor\":\"\(next)\"") }
        buffer.writeString("}")
        return buffer
    }

    /// The event of that id among the newest `scanMax` records of the tenant's topics (or of one site's).
    func find(_ id: EventID, tenant: TenantID, site: SiteID?, scanMax: Int) async throws -> ByteBuffer? {
        let needle = id.description
        let filter = Filter(tenant: tenant, site: site)
        let found = try await collect(filter, withDerived: true, scanMax: scanMax, limit: 1, cursor: nil) {
            record -> StoredRecord? in
            guard Self.isOwn(record, tenant) else { return nil }
            let fields = EnvelopeFields.scan(record.record.value)
            return fields?.eventID?.lowercased() == needle ? record : nil
        }
        guard let record = found.items.first else { return nil }
        var buffer = ByteBuffer()
        Self.write(record, to: &buffer)
        return buffer
    }

    /// Headers that the door gives every site event.
    enum Header {
        static let tenant = "tenant"
        static let type = "type"
    }

    /// One site's topic by itself, everything else by arrival.
    private func collect(
        _ filter: Filter, withDerived: Bool, scanMax: Int, limit: Int, cursor: String?, pick: (StoredRecord) -> StoredRecord?
    ) async throws -> (items: [StoredRecord], next: String?) {
        if let site = filter.site {
            // Only an identifier makes a topic of its own; anything else, a `*` for instance, is no site.
            guard Accounts.isIdentifier(site.rawValue) else { return ([], nil) }
            let scan = TopicScan(log: log, topic: Topic.siteEvents(site: site.rawValue), scanMax: scanMax)
            return try await scan.collect(limit: limit, cursor: cursor, pick: pick)
        }
        let scan = BackwardScan(log: log, patterns: Self.patterns(filter, withDerived: withDerived), scanMax: scanMax)
        return try await scan.collect(limit: limit, cursor: cursor, pick: pick)
    }

    /// Site events, and what the platform derived for this tenant. KPIs are many and repetitive: only when asked for.
    private static func patterns(_ filter: Filter, withDerived: Bool) -> [TopicPattern] {
        let tenant = filter.tenant.rawValue
        var patterns: [TopicPattern] = [
            .siteEvents, TopicPattern(Topic.incidents(tenant: tenant).rawValue),
            TopicPattern(Topic.alerts(tenant: tenant).rawValue),
        ]
        if withDerived || filter.eventType?.hasPrefix("kpi.") == true {
            patterns.append(TopicPattern(Topic.kpis(tenant: tenant).rawValue))
        }
        return patterns
    }

    private static func isOwn(_ record: StoredRecord, _ tenant: TenantID) -> Bool {
        if TopicPattern.siteEvents.matches(record.record.topic) { return record.record.header(Header.tenant) == tenant.rawValue }
        let own = [Topic.incidents, Topic.alerts, Topic.kpis]
        return own.contains { $0(tenant.rawValue) == record.record.topic }
    }

    private static func isMatch(_ record: StoredRecord, _ filter: Filter) -> Bool {
        guard isOwn(record, filter.tenant) else { return false }
        // The header spares reading the JSON of what is not asked for.
        if let type = filter.eventType, let header = record.record.header(Header.type), header != type { return false }
        guard filter.eventType != nil || filter.from != nil || filter.to != nil || filter.site != nil else { return true }
        guard let fields = EnvelopeFields.scan(record.record.value) else { return false }
        if let type = filter.eventType, fields.eventType != type { return false }
        if let site = filter.site, fields.siteID != site.rawValue { return false }
        if filter.from != nil || filter.to != nil {
            guard let at = fields.timestamp.flatMap({ Timestamp($0) }) else { return false }
            if let from = filter.from, at < from { return false }
            if let to = filter.to, at >= to { return false }
        }
        return true
    }

    private static func write(_ stored: StoredRecord, to buffer: inout ByteBuffer) {
        buffer.writeString("{\"event\":")
        buffer.writeBytes(stored.record.value)
        // Topic names hold only letters, digits and . _ : - and so need no escape.
        let at = Timestamp(milliseconds: stored.timestampMs)
        buffer.writeString(
            ",\"topic\":\"\(stored.record.topic)\",\"offset\":\(stored.offset),\"sequence\":\(stored.sequence)"
                + ",\"ingested_at\":\"\(at)\"}"
        )
    }
}
