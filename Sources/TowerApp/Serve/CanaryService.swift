import Logging
import ServiceLifecycle
import TowerIngest
import TowerModel
import TowerPipeline
import TowerStores
import TowerStreaming
import TowerWire

/// Sends one small event a tenant through the door every few seconds and watches it come out on the other side (ADR-031).
///
/// The door checks, deduplicates, appends and syncs it like any event, but files it under a topic of its own, which only the
/// projection reads: it appears in no fleet, KPI, incident or count, and the engine never meets it.
struct CanaryService: Service {
    let door: IngestDoor
    let store: any Store
    let period: Duration
    /// False while another process projects what comes in.
    let isActive: @Sendable () -> Bool
    let clock: @Sendable () -> Timestamp
    let meters: CanaryMeters
    let logger: Logger

    static let site = SiteID("towerco.canary")
    static let eventType = "platform.canary"
    /// Tenants probed in one round; the rest of a larger platform takes turns.
    private static let tenantsMax = 256

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await send() }
                group.addTask { await watch() }
            }
        }
    }

    private func send() async {
        var turn = 0
        var tenants: [TenantID] = []
        while !Task.isCancelled {
            guard isActive() else {
                meters.waits(nowMs: clock().milliseconds)
                do { try await Task.sleep(for: period) } catch { return }
                continue
            }
            do { tenants = try await store.tenants() } catch {
                // Those known from before are probed all the same: their canaries tell what else the store's absence stops.
                logger.warning("could not list the tenants to probe", metadata: ["error": "\(error)"])
            }
            let count = min(tenants.count, Self.tenantsMax)
            for index in 0..<count where !Task.isCancelled { await send(tenants[(turn + index) % tenants.count]) }
            turn = tenants.isEmpty ? 0 : (turn + count) % tenants.count
            do { try await Task.sleep(for: period) } catch { return }
        }
    }

    private func send(_ tenant: TenantID) async {
        let now = clock()
        let event = EventWriter.event(
            id: .derived(from: .platformNamespace, "canary/\(tenant.rawValue)/\(now.microseconds)"), type: Self.eventType, tenant: tenant,
            site: Self.site, timestamp: now, payload: Array("{}".utf8))
        var request = IngestRequest(
            body: event, contentType: "application/json", contentEncoding: nil, tenant: tenant, source: "canary")
        request.isCanary = true
        do {
            let report = try await door.ingest(request)
            if report.accepted == 1 { meters.sent() } else { meters.failed() }
        } catch {
            meters.failed()
            logger.debug("the door refuses a canary", metadata: ["error": "\(error)"])
        }
    }

    /// Visible is what a reader of the store can see.
    private func watch() async {
        for await canary in meters.projected {
            if Task.isCancelled { return }
            guard let position = try? await store.position(of: ProjectionProcessor.groupName), position.sequence > canary.sequence else { continue }
            meters.visible(canary, nowMs: clock().milliseconds)
        }
    }
}
