import TowerAPI
import TowerIngest

/// The ingest door as the API knows it, timed on the way.
struct Door: EventIngesting {
    let door: IngestDoor
    let latency: LatencyHistogram
    let seconds: @Sendable () -> Double

    func ingest(_ request: IngestRequest) async throws -> IngestReport {
        let began = seconds()
        let report = try await door.ingest(request)
        let ended = seconds()
        latency.record(milliseconds: (ended - began) * 1000, now: ended)
        return report
    }
}
