import Foundation
import Logging
import TowerModel
import TowerStreaming

extension ServeJob {
    /// With a tracer where a collector is named.
    func makeMeters() -> Meters {
        let clock = SystemSources.now
        var tracer: Tracer?
        if !configuration.text("tracing.endpoint").isEmpty {
            tracer = Tracer(
                ratio: configuration.number("tracing.sample_ratio"), nowNs: { UInt64(max(0, clock().microseconds)) * 1000 },
                randomBytes: SystemSources.randomBytes)
        }
        return Meters(startedAt: clock(), tracer: tracer)
    }

    func exporter(_ meters: Meters, _ roles: Set<Role>, _ logger: Logger) -> OTLPExporter? {
        guard let tracer = meters.tracer else { return nil }
        let names = roles.map(\.rawValue).sorted().joined(separator: ",")
        return OTLPExporter(
            queue: tracer.queue, endpoint: configuration.text("tracing.endpoint"),
            resource: [
                ("service.name", "towerco"), ("service.version", Version.current),
                ("service.instance.id", "\(ProcessInfo.processInfo.hostName):\(ProcessInfo.processInfo.processIdentifier)"),
                ("towerco.roles", names),
            ], logger: logger)
    }

    func appended(_ meters: Meters) -> @Sendable (Duration, TraceContext?) -> Void {
        { duration, trace in
            meters.logAppend.record(duration)
            if let trace { meters.tracer?.appended(duration, of: trace) }
        }
    }

    func isJSONLog() throws -> Bool {
        switch configuration.text("log.format") {
        case "json": return true
        case "text": return false
        case let other: throw CommandFailure("`log.format` is `\(other)`, but takes text or json.", isUsage: true)
        }
    }
}

extension Logger {
    /// To standard error, at `level` and above.
    init(label: String, level: Logger.Level, isJSON: Bool = false) {
        if isJSON {
            self.init(label: label) { JSONLogHandler(label: $0, clock: SystemSources.now) }
        } else {
            self.init(label: label) { StreamLogHandler.standardError(label: $0) }
        }
        self.logLevel = level
    }
}
