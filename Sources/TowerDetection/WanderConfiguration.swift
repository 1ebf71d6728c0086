/// How several sensors of one machine are judged against rows that are known to be fault-free.
///
/// Evidence for each figure: docs/detection.md.
public struct WanderConfiguration: Sendable, Hashable {
    /// Rows over which a signal is smoothed: the gain of each row is 2 / (span + 1).
    public var span = 15.0
    /// Rows over which it is measured how far a signal strays unaided.
    public var horizon = 150
    /// Smallest wander, in deviations of the fault-free rows.
    public var minimumWander = 0.02
    /// An alarm begins above so many wanders and ends below this share of it.
    public var threshold = 3.4
    public var release = 0.7
    /// Fault-free rows needed, and kept at most: of more, the newest count.
    public var minimumRows = 60
    public var maximumRows = 512
    /// Sensors of one group; later ones are not judged.
    public var maximumSensors = 64

    public init() {}

    public static let standard = WanderConfiguration()
}
