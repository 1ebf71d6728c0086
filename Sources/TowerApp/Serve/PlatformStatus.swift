import TowerAPI
import TowerIngest
import TowerModel
import TowerPipeline
import TowerRegistry
import TowerStores
import TowerStreaming

/// How the platform itself is doing, gathered when somebody asks.
struct PlatformStatus: Sendable {
    let served: any ServedLog
    let store: any Store
    let door: IngestDoor
    let hub: LiveHub
    let meters: Meters
    let records: GroupReaders
    let registry: SchemaRegistry
    let usage: SchemaUsage
    let letters: DeadLetterWatch
    let roles: Set<Role>
    let dataDirectory: String
    let clock: @Sendable () -> Timestamp
    let groups: @Sendable () -> [ProcessorStatus]
    /// By group, the shards that run here; without groups whose work is not dealt out.
    let shards: @Sendable () -> [String: [TenantShard]]

    /// A projection older than this is not ready for readers.
    private static let projectionBehindMs: Int64 = 30_000

    func view(tenant: TenantID) async -> PlatformView {
        let counters = door.counters
        let append = meters.append.recent()
        let decision = meters.decision.recent()
        let since = clock().adding(seconds: -86_400).milliseconds
        let letters = await served.letters(of: tenant, sinceMs: since)
        let fleet = try? await store.fleet(tenant: tenant, now: clock())
        return PlatformView(
            acceptedPerSecond: meters.rate(total: counters.accepted, now: SystemSources.seconds()), acceptedTotal: counters.accepted,
            duplicatesTotal: counters.duplicates, rejectedTotal: counters.rejected.values.reduce(0, +),
            appendSyncMs: .init(p50: append.p50Ms, p99: append.p99Ms, count: append.count),
            eventToDecisionMs: .init(p50: decision.p50Ms, p99: decision.p99Ms, count: decision.count),
            decisionHistogram: decision.buckets.map { [$0.0, Double($0.1)] }, deadLetters24h: letters.map { Int($0) }, sitesSilent: fleet?.states[SiteState.blind.rawValue] ?? 0,
            liveClients: hub.clientCount, startedAt: meters.startedAt, version: Version.current)
    }

    func readiness() async -> Readiness {
        var checks: [String: String] = [:]
        var isReady = true
        if let refusal = served.refusal {
            isReady = false
            checks["log"] = "refuses writes: \(refusal.message)"
        } else {
            checks["log"] = "writable"
        }
        // What was acknowledged is safe and groups wait: traffic still comes here, and people see why nothing moves.
        if let trouble = served.trouble { checks["brokers"] = "away: \(trouble)" }
        if let spool = served.spool { addSpool(spool, &checks, &isReady) }
        for group in groups() where !group.isHealthy && group.state != .retrying {
            isReady = false
            checks[group.group] = "\(group.state.rawValue)" + (group.lastError.map { ": \($0)" } ?? "")
        }
        // One that waits is well: it takes over when another goes.
        for (group, shards) in shards() {
            let numbers = shards.map { String($0.number + 1) }.joined(separator: ", ")
            checks[group] = checks[group] ?? (shards.first.map { "runs shards \(numbers) of \($0.count)" } ?? "waits for a shard")
        }
        let inLog = await served.groups()
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

    /// A spool that fills is what it is for, and traffic still comes here; a full one takes nothing.
    private func addSpool(_ spool: SpoolStatus, _ checks: inout [String: String], _ isReady: inout Bool) {
        guard spool.pendingRecords > 0 || spool.way != .direct else { return }
        let isFull = spool.storedBytes >= spool.maxBytes
        checks["brokers"] =
            "away: \(spool.pendingRecords) records wait in the spool, \(Int((spool.fill * 100).rounded())) % full"
            + ((spool.lastError ?? served.trouble).map { "; \($0)" } ?? "")
        if isFull { isReady = false }
    }
}
