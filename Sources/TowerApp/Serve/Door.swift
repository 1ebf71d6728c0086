import TowerAPI
import TowerIngest
import TowerModel
import TowerStreaming

/// The ingest door as the API knows it, with how long each append took on the way.
struct Door: EventIngesting {
    let door: IngestDoor
    let latency: LatencyHistogram
    let seconds: @Sendable () -> Double

    func ingest(body: [UInt8], contentType: String?, contentEncoding: String?, tenant: TenantID, source: String) async throws
        -> TowerAPI.IngestReport
    {
        let began = seconds()
        let report: TowerIngest.IngestReport
        do {
            report = try await door.ingest(
                body: body, contentType: contentType, contentEncoding: contentEncoding, tenant: tenant, source: source)
        } catch let error as IngestError {
            throw Self.refusal(error)
        }
        let ended = seconds()
        latency.record(milliseconds: (ended - began) * 1000, now: ended)
        return TowerAPI.IngestReport(
            accepted: report.accepted, duplicates: report.duplicates,
            rejected: report.rejected.map { .init(line: $0.line, code: $0.code, detail: $0.detail) })
    }

    /// A refused body, or the log's own refusal under its own code.
    private static func refusal(_ error: IngestError) -> any Error {
        let logCodes: [EventLogError.Code] = [.diskFull, .fenced, .overloaded, .closed, .recordTooLarge, .io]
        if let code = logCodes.first(where: { $0.name == error.code.name }) { return EventLogError(code, error.message) }
        let reason: IngestRefusal.Reason =
            switch error.status {
            case 413: .tooLarge
            case 415: error.code == .unsupportedEncoding ? .unsupportedEncoding : .unsupportedMediaType
            case 429, 503: .overloaded
            default: .malformed
            }
        return IngestRefusal(reason, error.message)
    }
}
