/// The knobs of learning from alarms that no template knows. Times in seconds; docs/causal-learning.md says why these values.
public struct LearningConfiguration: Sendable, Hashable {
    /// A raise this soon after one of its type on its device is the same trouble flapping.
    public var fold = 60.0
    /// How far back a raise looks for what came before it on its device.
    public var lead = 30.0
    /// A raise with nothing on the device or its neighbours for this long opens something.
    public var quiet = 1_800.0
    /// Raises on the same or linked devices at most this far apart are one burst.
    public var gap = 45.0
    public var longestBurst = 3_600.0
    /// How long a raise may go on causing others: a quick and a slow chain.
    public var horizons = [120.0, 300.0]
    /// Raises may come this much out of order; later ones teach nothing.
    public var lateness = 30.0
    /// Share of raises that causes must explain before the model is believed edge by edge.
    public var believedShare = 0.5
    /// Standard errors an edge needs when the model is believed.
    public var believedErrors = 2.0
    /// Effects a raise of the cause must bring, on average, when the model is not believed.
    public var leastYield = 0.001
    public var iterations = 30
    /// Divides scores of roots before they become probabilities (Guo and others 2017).
    public var temperature = 0.4

    public var maximumTypes = 512
    public var maximumDevices = 200_000
    public var maximumNeighbours = 64
    /// Raises of one device looked back on.
    public var maximumSteps = 256
    /// Raises kept for the attribution, 20 bytes each.
    public var maximumRaises = 131_072
    /// Raises that may wait for their order; beyond it the oldest are counted at once.
    public var maximumPending = 65_536
    /// Types a burst; further ones are left out of it.
    public var maximumBurstTypes = 256

    public init() {}

    static func microseconds(_ seconds: Double) -> Int64 { Int64((seconds * 1_000_000).rounded()) }
}
