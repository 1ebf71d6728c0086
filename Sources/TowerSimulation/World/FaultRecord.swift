import TowerModel

/// Truth of one fault while it is being written.
struct FaultRecord: Sendable {
    var plan: FaultPlan
    var truth: FaultTruth
    var affected: Set<Int32> = []
    var shared: Set<Int32> = []
    /// What the radio's element manager holds open for it.
    var radioAlarms: [RadioAlarm] = []
    /// Litres that had left the tank the wrong way before it.
    var drainedBefore = 0.0
    var hasStarted = false
    var hasEnded = false
    /// Deepest fade so far, to name the most affected link.
    var deepestFade = 0.0
    /// Seconds by index into a fixed list of operators would need a table; names are few and rarely touched.
    var downSeconds: [String: Double] = [:]
}
