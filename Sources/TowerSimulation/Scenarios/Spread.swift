import Glibc

/// How a delay or size varies between instances of a scenario, as DOMAIN 5.2 writes it: `U` or `LN median~p90`.
public enum Spread: Sendable, Hashable {
    case uniform(Double, Double)
    /// Lognormal by median and 90th percentile; draws are cut at three times the 90th percentile.
    case lognormal(median: Double, p90: Double)

    func draw(_ generator: inout SeededGenerator) -> Double {
        switch self {
        case .uniform(let low, let high): return generator.uniform(low, high)
        case .lognormal(let median, let p90):
            let sigma = p90 > median ? log(p90 / median) / 1.2815515655446004 : 0
            return min(median * exp(sigma * generator.normal()), 3 * p90)
        }
    }

    /// The smallest and largest value that ever comes out.
    public var bounds: ClosedRange<Double> {
        switch self {
        case .uniform(let low, let high): return low...high
        case .lognormal(_, let p90): return 0...3 * p90
        }
    }
}
