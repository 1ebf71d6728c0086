/// How a spool stands: for metrics, readiness and people.
public struct SpoolStatus: Sendable, Hashable {
    public enum Way: String, Sendable, Codable {
        /// Appends go to the broker; nothing waits.
        case direct
        /// Appends go to the spool and from there, in order, to the broker as soon as it takes them.
        case spooling
        /// The last few wait for the spool to be empty; then appends go to the broker again.
        case turning
    }
    public var way = Way.direct
    /// Records acknowledged that the broker does not have yet.
    public var pendingRecords: Int64 = 0
    /// What the spool takes on disk, bytes, and how much it may.
    public var storedBytes: Int64 = 0
    public var maxBytes: Int64 = 0
    /// Since the start: records that took the detour, those that reached the broker, appends refused because the spool was
    /// full, records the broker will never take (they went to the dead letters), times the broker went away.
    public var spooledRecords: Int64 = 0
    public var drainedRecords: Int64 = 0
    public var refusedAppends: Int64 = 0
    public var undeliverableRecords: Int64 = 0
    public var outages: Int64 = 0
    /// What the broker said last while it was away.
    public var lastError: String?

    public init() {}

    /// 0 to 1; an empty spool is at 0 whatever its files take.
    public var fill: Double {
        pendingRecords == 0 || maxBytes == 0 ? 0 : min(1, Double(storedBytes) / Double(maxBytes))
    }
}
