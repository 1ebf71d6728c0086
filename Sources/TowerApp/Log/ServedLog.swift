import TowerModel
import TowerStreaming

/// The log that a server runs on, whichever it is, with what its status pages tell of it.
///
/// Status is answered from memory: a probe must be quick also while brokers are away.
protocol ServedLog: Sendable {
    /// Readers, the groups' own results and the platform's records go here.
    var log: any EventLog { get }
    /// What the doors take in goes here: the same, or a spool in front of it.
    var door: any EventLog { get }
    /// Why nothing is accepted any more.
    var refusal: EventLogError? { get }
    /// Why the log did not answer when it was asked last; `nil` where it did.
    var trouble: String? { get }
    var bytesInFlight: Int { get }
    var endSequence: Int64 { get }
    var damagedRanges: Int { get }
    var spool: SpoolStatus? { get }
    func groups() async -> [GroupDescription]
    /// Dead letters of a tenant appended at or after a time, as far as can be counted quickly. While the log does not answer, what it
    /// said last; `nil` where it never did.
    func letters(of tenant: TenantID, sinceMs: Int64) async -> Int64?
    /// Waits for what is in flight and closes everything.
    func close() async throws
}
