/// A root cause that the causal stories know: what a person may name when the engine's candidates are all wrong.
public struct CauseChoice: Sendable, Codable, Hashable {
    /// Node of the causal graph, for instance `dg.start_failed`.
    public var condition: String
    public var label: String
    /// Where it happens: `site`, `link` or `feeder`.
    public var place: String
    public init(condition: String, label: String, place: String) {
        self.condition = condition
        self.label = label
        self.place = place
    }
}
