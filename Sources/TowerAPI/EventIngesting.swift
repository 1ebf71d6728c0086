public import TowerIngest
public import TowerModel

/// The door that turns a request's bytes into durable records.
public protocol EventIngesting: Sendable {
    /// Checks, deduplicates and appends; returns after the sync.
    ///
    /// - Parameters:
    ///   - body: as received, still compressed when `contentEncoding` says so.
    ///   - tenant: the caller's; an event that names another one is rejected by line.
    ///   - source: who sent it, for dead letters: `http:<key name>`, or `dead-letter:<id>` for a retry.
    /// - Throws: `IngestError` when the body as a whole cannot be taken.
    func ingest(body: [UInt8], contentType: String?, contentEncoding: String?, tenant: TenantID, source: String) async throws
        -> IngestReport
}

extension IngestDoor: EventIngesting {}
