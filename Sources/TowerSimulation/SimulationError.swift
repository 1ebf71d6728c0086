/// A simulation that cannot be set up as asked. Nothing has been generated when it is thrown.
public struct SimulationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What callers branch on. Add codes freely; never reuse a retired name.
    public struct Code: Hashable, Sendable {
        public let name: String
        public static let configuration = Code(name: "simulation.configuration")
        public static let noise = Code(name: "simulation.noise")
        public static let scenario = Code(name: "simulation.scenario")
        public static let scenarioFile = Code(name: "simulation.scenario_file")
    }
    public var code: Code
    /// What was attempted, with what, and what to do next.
    public var message: String
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
    public var description: String { "\(code.name): \(message)" }
}
