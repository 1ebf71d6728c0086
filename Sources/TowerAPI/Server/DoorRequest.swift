import HTTPTypes
import Logging
import NIOCore
import TowerIngest
import TowerStores

/// A whole `POST /api/v1/events` of a verified caller.
struct DoorRequest: Sendable {
    var principal: Principal
    var fields: HTTPFields
    var body: [UInt8]
    var start: NIODeadline

    /// Hands the body to the door; whatever goes wrong becomes the same problem as on the ordinary way.
    func answer(_ services: Services, _ logger: Logger) async -> DoorAnswer {
        let answer: DoorAnswer
        do {
            var request = IngestRequest(
                body: body, contentType: fields[.contentType], contentEncoding: fields[.contentEncoding],
                tenant: principal.tenantID, source: "http:\(principal.name)")
            request.traceparent = fields[.traceparent]
            let report = try await services.dependencies.ingest.ingest(request)
            answer = DoorAnswer(report)
        } catch {
            answer = DoorAnswer(
                services.problem(for: error, operation: Self.operation, logger: logger.traced(fields)), instance: "/api/v1/events")
        }
        services.metrics.record(operation: Self.operation, status: answer.status.code, duration: .now() - start)
        return answer
    }

    private static let operation = "postEvents"
}
