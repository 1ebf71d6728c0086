public import TowerModel
public import TowerStreaming

/// A body at the door, and what came with it.
public struct IngestRequest: Sendable {
    /// As it came over the wire.
    public var body: [UInt8]
    /// Decides the format; when absent or general the bytes do.
    public var contentType: String?
    /// `gzip`, `zstd` or nothing.
    public var contentEncoding: String?
    /// `ce-…` headers, which carry the attributes of a CloudEvent in binary mode.
    public var attributes: [(name: String, value: String)]
    /// Of the credentials; an event that names another is rejected.
    public var tenant: TenantID
    /// Where it came from, for dead letters: a route, a connector, a peer.
    public var source: String
    /// The caller's, as it was sent.
    public var traceparent: String?
    /// Set when the request is traced; goes into the headers of its records.
    public var trace: TraceContext?
    /// The platform's own probe: it takes the whole way, but to the topic of canaries, and is counted nowhere.
    public var isCanary = false
    /// What these bytes are sent again for, `towerco.dead-letters.acme@42`: goes into the header `causation` of their records.
    public var cause: String?
    /// False when rejected lines are only told of: they come from a letter, which stays.
    public var keepsLetters = true

    public init(
        body: [UInt8], contentType: String?, contentEncoding: String?, attributes: [(name: String, value: String)] = [],
        tenant: TenantID, source: String
    ) {
        self.body = body
        self.contentType = contentType
        self.contentEncoding = contentEncoding
        self.attributes = attributes
        self.tenant = tenant
        self.source = source
    }
}
