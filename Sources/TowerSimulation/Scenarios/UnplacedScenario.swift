/// Instances for which the fleet had no room: too few sites, no fibre, no generator, or the span is too short.
public struct UnplacedScenario: Sendable, Hashable {
    public var scenario: ScenarioID
    public var wanted: Int
    public var placed: Int
}
