public import TowerIngest

/// The door that turns a request's bytes into durable records.
public protocol EventIngesting: Sendable {
    /// Checks, deduplicates and appends; returns after the sync. An event that names another tenant is rejected by line.
    ///
    /// - Throws: `IngestError` when the body as a whole cannot be taken.
    func ingest(_ request: IngestRequest) async throws -> IngestReport
}

extension IngestDoor: EventIngesting {}
