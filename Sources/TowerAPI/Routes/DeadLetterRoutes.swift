import Foundation
import Hummingbird
import TowerIngest
import TowerModel
import TowerStores
import TowerStreaming

/// Records set aside: shown with their bytes, and sent through the door again.
struct DeadLetterRoutes: Sendable {
    let services: Services

    var routes: [Route] {
        [
            .signedIn(
                "GET", "/api/v1/dead-letters", "listDeadLetters", "Records set aside, newest first", .read,
                query: ["reason", "limit", "cursor"], list),
            .signedIn("GET", "/api/v1/dead-letters/{id}", "getDeadLetter", "One record set aside", .read) { call, principal in
                .json(DeadLetterView(try await record(call, principal)))
            },
            .signedIn(
                "POST", "/api/v1/dead-letters/{id}/retry", "retryDeadLetter", "Send its bytes through the door again", .command,
                body: [],
                retry),
        ]
    }

    private func list(_ call: Call, _ principal: Principal) async throws -> Response {
        let reason = call.string("reason")
        let scan = TopicScan(
            log: services.dependencies.log, topic: Topic.deadLetters(tenant: principal.tenantID.rawValue),
            scanMax: services.configuration.historyScanMax)
        let page = try await scan.page(limit: try call.limit(), cursor: call.cursor) { record -> DeadLetterView? in
            let view = DeadLetterView(record)
            return reason == nil || view.reasonCode == reason ? view : nil
        }
        return .json(page)
    }

    private func record(_ call: Call, _ principal: Principal) async throws -> StoredRecord {
        guard let id = Int64(try call.parameter("id")), id >= 0 else {
            throw Problem.badRequest("request.bad_path", "A dead letter's id is its offset, a whole number.")
        }
        let topic = Topic.deadLetters(tenant: principal.tenantID.rawValue)
        let records: [StoredRecord]
        do {
            records = try await services.dependencies.log.fetch(topic: topic, from: id, maxBytes: 1)
        } catch let error as EventLogError where error.code == .unknownTopic {
            records = []
        }
        // An offset before the start answers from the start: that is another record.
        guard let record = records.first, record.offset == id else {
            throw Problem.notFound("dead_letter.not_found", "There is no dead letter \(id); it may have been dropped by age.")
        }
        return record
    }

    private func retry(_ call: Call, _ principal: Principal) async throws -> Response {
        _ = try await call.fields()
        let record = try await record(call, principal)
        let report = try await services.dependencies.ingest.ingest(
            IngestRequest(
                body: record.record.value, contentType: record.record.header("content_type"), contentEncoding: nil,
                attributes: record.record.headers.filter { $0.name.hasPrefix("ce-") }
                    .map { ($0.name, String(decoding: $0.value, as: UTF8.self)) },
                tenant: principal.tenantID, source: "dead-letter:\(record.offset)"))
        // Sent again is treated: where that failed, a new letter took its place.
        let outcome = DeadLetterOutcome(topic: record.record.topic, offset: record.offset)
        if let told = outcome.record(result: report.accepted + report.duplicates > 0 ? "accepted" : "rejected") {
            _ = try await services.dependencies.log.append([told])
        }
        return .report(report)
    }
}

extension DeadLetterView {
    /// Header names that the writers of dead letters use.
    enum Header {
        static let reasonCode = "reason_code"
        static let detail = "detail"
        static let origin = "origin"
        static let originOffset = "origin_offset"
        static let attempts = "attempts"
    }

    init(_ stored: StoredRecord) {
        let record = stored.record
        self.init(
            id: stored.offset, reasonCode: record.header(Header.reasonCode) ?? "unknown",
            detail: record.header(Header.detail) ?? "",
            origin: record.header(Header.origin) ?? "", originOffset: record.header(Header.originOffset).flatMap { Int64($0) },
            attempts: record.header(Header.attempts).flatMap { Int($0) } ?? 1, at: Timestamp(milliseconds: stored.timestampMs),
            text: String(decoding: record.value, as: UTF8.self), rawBase64: Data(record.value).base64EncodedString())
    }
}
