/// One simulated run with what was answered about it.
public struct ScoredRun: Sendable {
    /// Every line of the results, in any order.
    public var revisions: [ScoredRevision]
    /// Every fault, harmless ones included.
    public var truth: [FaultTruth]
    /// The alarm events of the scored input; with none, delivery is judged by the incidents and no baseline is made.
    public var events: [ScoredEvent]
    /// Who hangs together, for the baselines.
    public var topology: WindowBaseline.Topology
    /// Sites times weeks that the input spans; 0 when nobody knows.
    public var siteWeeks: Double

    public init(
        revisions: [ScoredRevision], truth: [FaultTruth], events: [ScoredEvent] = [],
        topology: WindowBaseline.Topology = .init(), siteWeeks: Double = 0
    ) {
        self.revisions = revisions
        self.truth = truth
        self.events = events
        self.topology = topology
        self.siteWeeks = siteWeeks
    }
}
