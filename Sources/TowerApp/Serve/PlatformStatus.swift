import TowerAPI
import TowerIngest
import TowerJournal
import TowerModel
import TowerPipeline
import TowerRegistry
import TowerStores
import TowerStreaming

/// How the platform itself is doing, gathered when somebody asks.
struct PlatformStatus: Sendable {
    let journal: Journal
    let store: any Store
    let door: IngestDoor
    let hub: LiveHub
    let meters: Meters
    let records: DecodedLog
    let registry: SchemaRegistry
    let usage: SchemaUsage
    let clock: @Sendable () -> Timestamp
    let groups: @Sendable () -> [ProcessorStatus]

    /// A projection older than this is not ready for readers.
    private static let projectionBehindMs: Int64 = 30_000
    /// A schema version that was not seen for so long is not in use.
    private static let inUseSeconds = 3600.0

    func view(tenant: TenantID) async -> PlatformView {
        let counters = door.counters
        let append = meters.append.recent()
        let decision = meters.decision.recent()
        let since = clock().adding(seconds: -86_400).milliseconds
        let topic = Topic.deadLetters(tenant: tenant.rawValue)
        var letters: Int64 = 0
        if let described = try? await journal.topics(matching: TopicPattern(topic.rawValue)).first {
            letters = described.endOffset - ((try? await journal.offset(topic: topic, atOrAfterMs: since)) ?? described.endOffset)
        }
        let fleet = try? await store.fleet(tenant: tenant, now: clock())
        return PlatformView(
            acceptedPerSecond: meters.rate(total: counters.accepted, now: SystemSources.seconds()), acceptedTotal: counters.accepted,
            duplicatesTotal: counters.duplicates, rejectedTotal: counters.rejected.values.reduce(0, +),
            appendSyncMs: .init(p50: append.p50Ms, p99: append.p99Ms, count: append.count),
            eventToDecisionMs: .init(p50: decision.p50Ms, p99: decision.p99Ms, count: decision.count),
            decisionHistogram: decision.buckets.map { [$0.0, Double($0.1)] }, deadLetters24h: Int(letters), sitesSilent: fleet?.states[SiteState.blind.rawValue] ?? 0,
            liveClients: hub.clientCount, startedAt: meters.startedAt, version: Version.current)
    }

    func readiness() async -> Readiness {
        var checks: [String: String] = [:]
        var isReady = true
        if let refusal = journal.refusal {
            isReady = false
            checks["log"] = "refuses writes: \(refusal.message)"
        } else {
            checks["log"] = "writable"
        }
        for group in groups() where !group.isHealthy && group.state != .retrying {
            isReady = false
            checks[group.group] = "\(group.state.rawValue)" + (group.lastError.map { ": \($0)" } ?? "")
        }
        let inLog = (try? await journal.groups()) ?? []
        let own = Set(groups().map(\.group))
        // A pause is an operator's wish: it is shown, and traffic still comes here.
        let paused = inLog.filter { $0.isPaused && own.contains($0.group) }
        for group in paused { checks[group.group] = "paused" }
        let projection = inLog.first { $0.group == ProjectionProcessor.groupName && own.contains($0.group) && !$0.isPaused }
        if let described = projection {
            let isBehind = described.timeLagMs > Self.projectionBehindMs
            checks["projections"] = isBehind ? "\(described.timeLagMs / 1000) s behind" : "current"
            if isBehind { isReady = false }
        }
        return Readiness(isReady: isReady, checks: checks)
    }

    /// Prometheus text.
    func exposition() async -> String {
        let counters = door.counters
        var text = ""
        func counter(_ name: String, _ help: String, _ values: [(labels: String, value: Double)], type: String = "counter") {
            text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
            for item in values { text += "\(name)\(item.labels.isEmpty ? "" : "{\(item.labels)}") \(item.value)\n" }
        }
        counter("towerco_ingest_accepted_events_total", "Events made durable.", [("", Double(counters.accepted))])
        counter("towerco_ingest_duplicate_events_total", "Events known already.", [("", Double(counters.duplicates))])
        counter(
            "towerco_ingest_rejected_events_total", "Events refused, by reason.",
            counters.rejected.sorted { $0.key < $1.key }.map { ("code=\"\($0.key)\"", Double($0.value)) })
        counter("towerco_ingest_flagged_events_total", "Accepted events of an unknown type.", [("", Double(counters.flagged))])
        counter("towerco_ingest_body_bytes_total", "Bytes of bodies, unpacked.", [("", Double(counters.bytes))])
        counter("towerco_ingest_remembered_ids", "Event ids known as duplicates.", [("", Double(counters.rememberedIDs))], type: "gauge")
        counter("towerco_journal_in_flight_bytes", "Bytes waiting for their sync.", [("", Double(journal.bytesInFlight))], type: "gauge")
        counter(
            "towerco_journal_fenced", "1 when the log refuses writes.", [("", journal.refusal == nil ? 0 : 1)], type: "gauge")
        text += meters.append.exposition("towerco_ingest_acknowledge_seconds")
        text += meters.decision.exposition("towerco_pipeline_event_to_decision_seconds")
        let described = (try? await journal.groups()) ?? []
        counter(
            "towerco_pipeline_offset_lag_records", "Records a group has not read.",
            described.map { ("group=\"\($0.group)\"", Double($0.offsetLag)) }, type: "gauge")
        counter(
            "towerco_pipeline_time_lag_seconds", "Age of the oldest record a group has not read.",
            described.map { ("group=\"\($0.group)\"", Double($0.timeLagMs) / 1000) }, type: "gauge")
        counter(
            "towerco_pipeline_group_paused", "1 when a group is paused.",
            described.map { ("group=\"\($0.group)\"", $0.isPaused ? 1 : 0) }, type: "gauge")
        let states = groups()
        counter(
            "towerco_pipeline_records_total", "Records a group has processed.",
            states.map { ("group=\"\($0.group)\"", Double($0.records)) })
        counter(
            "towerco_pipeline_group_healthy", "0 when a group has stopped or failed.",
            states.map { ("group=\"\($0.group)\"", $0.isHealthy ? 1 : 0) }, type: "gauge")
        counter(
            "towerco_pipeline_dead_letters_total", "Records a group set aside.",
            states.map { ("group=\"\($0.group)\"", Double($0.deadLetters)) })
        counter(
            "towerco_pipeline_retries_total", "Transient errors a group met.", states.map { ("group=\"\($0.group)\"", Double($0.retries)) })
        let decoding = records.counters
        counter("towerco_pipeline_decoded_records_total", "Records read from the log and decoded.", [("", Double(decoding.decoded))])
        counter(
            "towerco_pipeline_offered_records_total", "Records the groups got from the door, decoded already.",
            [("", Double(decoding.offered))])
        counter(
            "towerco_pipeline_delivered_records_total", "Records handed to groups; over decoded, how often one decode served.",
            [("", Double(decoding.delivered))])
        counter(
            "towerco_pipeline_decoded_bytes", "Memory of decoded pieces of the log.", [("", Double(decoding.bytesHeld))], type: "gauge")
        let inUse = usage.versionsInUse(since: clock().adding(seconds: -Self.inUseSeconds))
        counter(
            "towerco_registry_schema_versions_in_use", "Pairs of event type and schema version seen in the last hour, by tenant, summed.",
            [("side=\"producer\"", Double(inUse.produced)), ("side=\"consumer\"", Double(inUse.read))], type: "gauge")
        counter(
            "towerco_registry_schemas", "Schemas that are registered, the platform's included.",
            [("", Double(registry.state.schemaCount))], type: "gauge")
        counter(
            "towerco_registry_untracked_events_total", "Events whose schema version found no room in the table of versions in use.",
            [("", Double(usage.droppedEvents))])
        counter("towerco_live_clients", "Open live feeds.", [("", Double(hub.clientCount))], type: "gauge")
        return text
    }
}
