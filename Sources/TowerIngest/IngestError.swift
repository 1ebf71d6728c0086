public import TowerStreaming

/// Why a whole request was refused: nothing of it was accepted.
public struct IngestError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Stable name to branch on. Add freely; never reuse a retired one.
    public struct Code: Hashable, Sendable {
        public let name: String
        public static let empty = Code(name: "body.empty")
        public static let tooLarge = Code(name: "body.too_large")
        public static let tooManyLines = Code(name: "body.too_many_lines")
        public static let unsupportedType = Code(name: "body.unsupported_type")
        public static let unsupportedEncoding = Code(name: "body.unsupported_encoding")
        public static let brokenCompression = Code(name: "body.broken_compression")
        public static let badTenant = Code(name: "tenant.bad_id")
        /// The log did not take the events; the name is the log's own code.
        public static func log(_ error: EventLogError) -> Code { Code(name: error.code.name) }
        public static let unavailable = Code(name: "log.unavailable")
    }
    public var code: Code
    /// The HTTP status that says it best.
    public var status: Int
    public var message: String
    /// Seconds after which the same request may succeed; `nil` when it never will.
    public var retryAfterSeconds: Int?

    public init(_ code: Code, status: Int, _ message: String, retryAfterSeconds: Int? = nil) {
        self.code = code
        self.status = status
        self.message = message
        self.retryAfterSeconds = retryAfterSeconds
    }

    public var isRetriable: Bool { retryAfterSeconds != nil }
    public var description: String { "\(message) (\(code.name))" }

    /// A failed append as a caller should see it.
    static func appending(_ error: any Error) -> IngestError {
        guard let error = error as? EventLogError else {
            return IngestError(.unavailable, status: 503, "The log could not take the events: \(error)", retryAfterSeconds: 5)
        }
        if error.code == .overloaded { return IngestError(.log(error), status: 429, error.message, retryAfterSeconds: 1) }
        return IngestError(.log(error), status: 503, error.message, retryAfterSeconds: 5)
    }
}
