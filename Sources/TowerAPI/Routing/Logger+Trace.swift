import HTTPTypes
import Logging
import TowerStreaming

extension HTTPField.Name {
    // A valid name; the initialiser cannot know.
    static let traceparent = HTTPField.Name("traceparent") ?? .via
}

extension Logger {
    /// With the caller's trace id, when the request named one.
    func traced(_ fields: HTTPFields) -> Logger {
        guard let text = fields[.traceparent], case .sampled(let context)? = TraceContext.parse(text) else { return self }
        var logger = self
        logger[metadataKey: "trace_id"] = "\(context.traceID)"
        return logger
    }
}
