public import TowerModel

/// Values that are unlike what they should be, at one sample or over a stretch of them.
///
/// - Shape: one for each alert of a series' detector; one for each stretch of a group of sensors, told when it is over.
public struct Anomaly: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable {
        /// Not what the series shows at this hour.
        case baseline
        /// Unlike anything that the series showed before.
        case novelty
        /// Sensors of one machine have strayed from its fault-free state.
        case wander
    }
    /// Derived from the event it rests on.
    public var alertID: EventID
    public var tenantID: TenantID
    public var siteID: SiteID
    public var managedObject: String
    /// Of a group of sensors, the one that strayed farthest.
    public var metric: String
    public var kind: Kind
    /// Event time of the first sample, and of the last one where it is a stretch.
    public var at: Timestamp
    public var endAt: Timestamp?
    public var eventID: EventID
    /// 0...1: how sure the detector is.
    public var score: Double
    public var text: String
}
