/// One edge of a learned graph: raises of `cause` bring raises of `effect`.
public struct CausalEdge: Sendable, Hashable {
    public enum Origin: UInt8, Sendable, Hashable {
        case learned = 0
        /// An operator said so; what was learned only ranks it.
        case confirmed = 1
    }
    public var cause: Int32
    public var effect: Int32
    /// 0...1; ranks edges. The chance of a link times the chance of its direction, as far as the model goes.
    public var score: Double
    /// Raises of the effect that one raise of the cause brings on average.
    public var yield: Double
    /// Raises of the effect explained by the cause.
    public var explained: Double
    /// `explained` in standard errors of what chance would explain.
    public var errors: Double
    /// Belongs to the graph; the others only rank.
    public var isAsserted: Bool
    public var origin: Origin

    public init(
        cause: Int32, effect: Int32, score: Double, yield: Double, explained: Double, errors: Double, isAsserted: Bool, origin: Origin
    ) {
        self.cause = cause
        self.effect = effect
        self.score = score
        self.yield = yield
        self.explained = explained
        self.errors = errors
        self.isAsserted = isAsserted
        self.origin = origin
    }
}
