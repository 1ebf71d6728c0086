public import TowerModel

/// A ladder of limits on one metric, with hysteresis and hold times.
///
/// Level `k` is reached when the value is beyond `steps[k].limit`; it is left when the value has come back by
/// `hysteresis`. A new level must hold for `raiseAfter` (worse) or `clearAfter` (better) before it counts.
public struct ThresholdRule: Sendable, Hashable {
    public enum Direction: Sendable, Hashable { case below, above }
    public struct Step: Sendable, Hashable {
        public var severity: Severity
        public var limit: Double
        public init(_ severity: Severity, _ limit: Double) {
            self.severity = severity
            self.limit = limit
        }
    }
    /// Metric name, for instance `power.dc.bus_v`.
    public var metric: String
    /// Catalogue type that it raises.
    public var alarmType: String
    public var direction: Direction
    /// From mild to severe; limits move away from normal, severities rise.
    public var steps: [Step]
    /// Unit of the metric.
    public var hysteresis: Double
    /// Seconds a worse level must last.
    public var raiseAfter: Double
    /// Seconds a better level must last.
    public var clearAfter: Double
    /// What the metric is called in a sentence, and its unit.
    public var label: String
    public var unit: String
    /// Values outside are a sensor's nonsense (an open input reads 0 V) and leave the state alone.
    public var plausible: ClosedRange<Double>

    public init(
        metric: String, alarmType: String, _ direction: Direction, _ steps: [Step], hysteresis: Double, raiseAfter: Double = 0,
        clearAfter: Double = 0, label: String, unit: String,
        plausible: ClosedRange<Double> = -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude
    ) {
        self.metric = metric
        self.alarmType = alarmType
        self.direction = direction
        self.steps = steps
        self.hysteresis = hysteresis
        self.raiseAfter = raiseAfter
        self.clearAfter = clearAfter
        self.label = label
        self.unit = unit
        self.plausible = plausible
    }

    /// The level (0 for none, `k + 1` for `steps[k]`) that a value asks for, given the level held now.
    func level(of value: Double, holding current: Int) -> Int {
        var level = 0
        for (index, step) in steps.enumerated() {
            let slack = index < current ? hysteresis : 0
            let isBeyond = direction == .below ? value < step.limit + slack : value > step.limit - slack
            if isBeyond { level = index + 1 } else { break }
        }
        return level
    }
}
