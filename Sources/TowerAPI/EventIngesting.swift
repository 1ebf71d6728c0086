public import TowerModel

/// The door that turns a request's bytes into durable records.
public protocol EventIngesting: Sendable {
    /// Checks, deduplicates and appends; returns after the sync.
    ///
    /// - Parameters:
    ///   - body: as received, still compressed when `contentEncoding` says so.
    ///   - tenant: the caller's; an event that names another one is rejected by line.
    ///   - source: who sent it, for the record's header: a key name, or `dead-letter:<id>` for a retry.
    /// - Throws: `IngestRefusal` when the body as a whole cannot be read; `EventLogError` when the log refuses.
    func ingest(body: [UInt8], contentType: String?, contentEncoding: String?, tenant: TenantID, source: String) async throws
        -> IngestReport
}

/// What became of a body, line by line. Lines and array elements count from 1.
public struct IngestReport: Sendable, Codable, Hashable {
    public struct Rejection: Sendable, Codable, Hashable {
        public var line: Int
        public var code: String
        public var detail: String
        public init(line: Int, code: String, detail: String) {
            self.line = line
            self.code = code
            self.detail = detail
        }
    }
    public var accepted: Int
    public var duplicates: Int
    public var rejected: [Rejection]
    public init(accepted: Int, duplicates: Int, rejected: [Rejection]) {
        self.accepted = accepted
        self.duplicates = duplicates
        self.rejected = rejected
    }
}

/// A body that is refused as a whole.
public struct IngestRefusal: Error, Sendable, CustomStringConvertible {
    public enum Reason: Sendable, Hashable {
        case tooLarge
        case unsupportedMediaType
        case unsupportedEncoding
        case malformed
        case overloaded
    }
    public var reason: Reason
    /// For the caller: what was wrong, and the bound that was broken.
    public var detail: String
    public init(_ reason: Reason, _ detail: String) {
        self.reason = reason
        self.detail = detail
    }
    public var description: String { detail }
}
