import HTTPTypes
import NIOCore
import TowerIngest

/// An answer of the door, ready to be written.
struct DoorAnswer: Sendable {
    var head: HTTPResponse
    var body: ByteBuffer
    var status: HTTPResponse.Status { head.status }

    /// 202 when anything is durable, 400 when nothing is.
    init(_ report: IngestReport) {
        let body = ByteBuffer(bytes: ReportText(report).bytes)
        self.init(
            report.accepted > 0 || report.duplicates > 0 ? .accepted : .badRequest, "application/json", body, HTTPFields())
    }

    init(_ problem: Problem, instance: String) {
        var fields = HTTPFields()
        if let seconds = problem.retryAfterSeconds { fields[.retryAfter] = String(seconds) }
        if problem.closesConnection { fields[.connection] = "close" }
        self.init(.init(code: problem.status), "application/problem+json", problem.document(instance: instance), fields)
    }

    private init(_ status: HTTPResponse.Status, _ type: String, _ body: ByteBuffer, _ extra: HTTPFields) {
        var fields = extra
        fields[.contentType] = type
        fields[.cacheControl] = "no-store"
        fields[.contentLength] = String(body.readableBytes)
        fields[.xContentTypeOptions] = "nosniff"
        head = HTTPResponse(status: status, headerFields: fields)
        self.body = body
    }
}
