import Logging
import ServiceLifecycle
import TowerIngest
import TowerModel
import TowerSimulation

/// Feeds the simulated fleet of `--demo` through the real door: six hours of history at once, then as time passes.
///
/// The heartbeat starts behind the history, because a beat of today in the middle of yesterday's events would end deadlines
/// too early.
struct DemoService: Service {
    private let door: Door
    private let script: DemoScript
    private let clock: @Sendable () -> Timestamp
    private let announce: @Sendable (String) -> Void
    private let logger: Logger
    private let afterHistory: HeartbeatService

    private static let eventsPerBody = 2000

    init(
        door: Door, seed: UInt64, clock: @escaping @Sendable () -> Timestamp, announce: @escaping @Sendable (String) -> Void,
        logger: Logger, afterHistory: HeartbeatService
    ) throws {
        self.door = door
        self.script = try DemoScript(now: clock(), seed: seed, tenant: DemoLogin.tenant)
        self.clock = clock
        self.announce = announce
        self.logger = logger
        self.afterHistory = afterHistory
    }

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            var script = script
            let history = script.history()
            try await send(history)
            announce("  Simulated fleet: \(grouped(history.count)) events of the last six hours are in; it is live from here on.\n")
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await afterHistory.run() }
                while !Task.isCancelled {
                    do { try await Task.sleep(for: .milliseconds(500)) } catch { break }
                    try await send(script.next(until: clock()))
                }
                group.cancelAll()
            }
        }
    }

    private func send(_ events: [SimulatedEvent]) async throws {
        var start = 0
        while start < events.count, !Task.isCancelled {
            let end = min(events.count, start + Self.eventsPerBody)
            var body: [UInt8] = []
            SimulatedEvent.appendLines(of: Array(events[start..<end]), to: &body)
            do {
                let report = try await door.ingest(
                    IngestRequest(
                        body: body, contentType: "application/x-ndjson", contentEncoding: nil, tenant: DemoLogin.tenant,
                        source: "demo"))
                if let rejection = report.rejected.first {
                    logger.warning("the door refused a simulated event", metadata: ["code": "\(rejection.code)", "detail": "\(rejection.detail)"])
                }
                start = end
            } catch let error as IngestError where error.isRetriable {
                do { try await Task.sleep(for: .seconds(error.retryAfterSeconds ?? 1)) } catch { return }
            }
        }
    }
}
