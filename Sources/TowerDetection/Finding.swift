public import TowerModel

/// What a detector says of one series at one instant: a condition begins, changes its severity, or ends.
///
/// - Shape: for one (`point`, `alarmType`) the states alternate: `raised`, any number of `changed`, `cleared`.
/// - Missing data: `value` is the last value heard for `.missing`.
public struct Finding: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// A limit of the rule table was crossed and held.
        case threshold
        /// A value moves faster than the rule table allows.
        case rate
        /// A series that used to arrive stopped.
        case missing
        /// A series that is known to be noisy repeats one value exactly.
        case flatLine = "flat_line"
        /// A value is not what this series shows at this hour, now to one side, now to the other.
        case baseline
        /// From one sample to the next the series stands beside where it is expected.
        case step
        /// The series went to another level and stays there.
        case levelShift = "level_shift"
        /// The level moves one way for days.
        case trend
        /// Residuals are for hours much larger than is usual at their hour.
        case variance
        /// A series without a history of its own is far from what other series of its metric show.
        case peers
        /// The last samples resemble nothing that this series showed before.
        case novelty
    }

    /// The series, as `DetectorBank.point(metric:managedObject:)` numbered it.
    public var point: Int32
    public var kind: Kind
    /// Catalogue type for limits (`power.dc.low_voltage`); the metric and a word for the rest
    /// (`power.dc.bus_v.missing`, `.flat_line`, `.anomalous`, `.step`, `.level_shift`, `.trend`, `.variance`, `.unlike_peers`, `.novel`), so that identities of two metrics never meet.
    public var alarmType: String
    /// `.cleared` when `state` is `.cleared`.
    public var severity: Severity
    public var state: Alarm.State
    /// Event time at which it was decided.
    public var at: Timestamp
    /// Event time at which the condition began; kept from the raise until the clear.
    public var onset: Timestamp
    /// In the unit of the metric.
    public var value: Double
    /// The limit crossed, or the expected value for `.baseline`; `nil` where there is none.
    public var limit: Double?
    /// One line for people.
    public var text: String
    /// 0...1: how sure the detector is. 1 for a limit; 1 minus the chance of seeing this in normal data for `.baseline`
    /// and `.flatLine`, by rank among the series' own past for `.novelty`.
    public var score: Double

    public init(
        point: Int32, kind: Kind, alarmType: String, severity: Severity, state: Alarm.State, at: Timestamp, onset: Timestamp,
        value: Double, limit: Double? = nil, text: String, score: Double
    ) {
        self.point = point
        self.kind = kind
        self.alarmType = alarmType
        self.severity = severity
        self.state = state
        self.at = at
        self.onset = onset
        self.value = value
        self.limit = limit
        self.text = text
        self.score = score
    }
}
