public import TowerModel

/// A bound on how far a metric may move inside a window.
///
/// The change is taken between now and a reference between half a window and one window old, so that a slow sampling
/// and a fast one see the same rule. It ends when the change over such a span is less than half of `change`.
public struct RateRule: Sendable, Hashable {
    public enum Direction: Sendable, Hashable { case falling, rising }
    public var metric: String
    public var alarmType: String
    public var direction: Direction
    /// Unit of the metric, positive.
    public var change: Double
    /// Seconds.
    public var window: Double
    public var severity: Severity
    public var label: String
    public var unit: String

    public init(
        metric: String, alarmType: String, _ direction: Direction, by change: Double, within window: Double, severity: Severity,
        label: String, unit: String
    ) {
        self.metric = metric
        self.alarmType = alarmType
        self.direction = direction
        self.change = change
        self.window = window
        self.severity = severity
        self.label = label
        self.unit = unit
    }
}
