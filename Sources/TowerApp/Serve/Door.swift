import TowerAPI
import TowerIngest

/// The ingest door as the API knows it, timed and traced on the way.
struct Door: EventIngesting {
    let door: IngestDoor
    let meters: Meters
    let seconds: @Sendable () -> Double

    func ingest(_ request: IngestRequest) async throws -> IngestReport {
        let began = seconds()
        let report: IngestReport
        if let tracer = meters.tracer, let traced = tracer.begin(request.traceparent) {
            report = try await ingest(request, traced, tracer)
        } else {
            report = try await door.ingest(request)
        }
        let ended = seconds()
        meters.append.record(milliseconds: (ended - began) * 1000, now: ended)
        return report
    }

    private func ingest(_ request: IngestRequest, _ traced: Tracer.Request, _ tracer: Tracer) async throws -> IngestReport {
        var request = request
        request.trace = traced.context
        do {
            let report = try await door.ingest(request)
            tracer.end(traced, accepted: report.accepted, rejected: report.rejected.count, failure: nil)
            return report
        } catch {
            tracer.end(traced, accepted: 0, rejected: 0, failure: "\((error as? IngestError)?.code.name ?? "failed")")
            throw error
        }
    }
}
