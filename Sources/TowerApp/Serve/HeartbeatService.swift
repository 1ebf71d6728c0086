import Logging
import ServiceLifecycle
import TowerModel
import TowerStreaming
import TowerWire

/// Appends one small record every few seconds, so that deadlines pass while every site is silent, and a replay sees the
/// same instants (ADR-011). A beat that the log refuses is simply missed.
struct HeartbeatService: Service {
    let log: any EventLog
    let period: Duration
    let clock: @Sendable () -> Timestamp
    let logger: Logger

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            var isRefused = false
            while !Task.isCancelled {
                do {
                    _ = try await log.append([Self.record(at: clock())])
                    isRefused = false
                } catch let error as EventLogError {
                    if !isRefused { logger.warning("the log refuses heartbeats", metadata: ["error": "\(error)"]) }
                    isRefused = true
                }
                do { try await Task.sleep(for: period) } catch { return }
            }
        }
    }

    static func record(at now: Timestamp) -> Record {
        let id = EventID.derived(from: .platformNamespace, "heartbeat/\(now.microseconds)")
        let value = EventWriter.event(
            id: id, type: "platform.heartbeat", tenant: TenantID("towerco"), site: SiteID("platform"), timestamp: now,
            payload: Array("{}".utf8))
        return Record(topic: Topic.heartbeat, key: nil, value: value)
    }
}
