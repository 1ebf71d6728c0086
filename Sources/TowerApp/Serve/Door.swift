import TowerAPI
import TowerIngest
import TowerModel

/// The ingest door as the API knows it, timed on the way.
struct Door: EventIngesting {
    let door: IngestDoor
    let latency: LatencyHistogram
    let seconds: @Sendable () -> Double

    func ingest(body: [UInt8], contentType: String?, contentEncoding: String?, tenant: TenantID, source: String) async throws
        -> IngestReport
    {
        let began = seconds()
        let report = try await door.ingest(
            body: body, contentType: contentType, contentEncoding: contentEncoding, tenant: tenant, source: source)
        let ended = seconds()
        latency.record(milliseconds: (ended - began) * 1000, now: ended)
        return report
    }
}
