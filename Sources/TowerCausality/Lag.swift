import Glibc

/// How long an effect takes to follow its cause, in seconds.
public enum Lag: Sendable, Hashable {
    /// Anywhere between the two.
    case uniform(Double, Double)
    /// Half of all effects have come by `median`, nine in ten by `p90`.
    case logNormal(median: Double, p90: Double)

    /// Share of effects that have come by then, 0...1.
    public func cumulative(_ seconds: Double) -> Double {
        switch self {
        case .uniform(let low, let high):
            guard seconds > low else { return 0 }
            return seconds >= high ? 1 : (seconds - low) / (high - low)
        case .logNormal(let median, let p90):
            guard seconds > 0 else { return 0 }
            let sigma = Self.sigma(median: median, p90: p90)
            return 0.5 * erfc(-log(seconds / median) / (sigma * 2.0.squareRoot()))
        }
    }

    /// The lag that a share of all effects stays under.
    public func quantile(_ share: Double) -> Double {
        switch self {
        case .uniform(let low, let high): return low + (high - low) * share
        case .logNormal(let median, let p90):
            // The three quantiles that timelines show need no inverse error function: z = ±1.2816 and 0.
            let z = share >= 0.75 ? 1.2815515655446 : share <= 0.25 ? -1.2815515655446 : 0
            return median * exp(z * Self.sigma(median: median, p90: p90))
        }
    }

    /// Natural logarithm of how much likelier this lag is than one spread evenly over a day, between -4 and 4.
    ///
    /// - Parameter tolerance: half the width, in seconds, inside which the two clocks cannot be told apart.
    public func logRatio(_ seconds: Double, tolerance: Double) -> Double {
        let width = max(2 * tolerance, 1)
        let mass = cumulative(seconds + tolerance) - cumulative(seconds - tolerance)
        return min(4, max(-4, log(max(mass, 1e-9)) - log(width / 86_400)))
    }

    private static func sigma(median: Double, p90: Double) -> Double {
        max(0.05, log(max(p90, median * 1.01) / median) / 1.2815515655446)
    }
}

extension Lag {
    /// Reads `LOW .. HIGH UNIT` (anywhere between) or `MEDIAN ~ P90 UNIT` (log-normal). Each number may have its own unit;
    /// the last unit holds for those without. Units: `s`, `min`, `h`, `d`.
    public init?(_ text: String) {
        let isUniform = text.contains("..")
        let separator = isUniform ? ".." : "~"
        guard let middle = text.firstRange(of: separator) else { return nil }
        guard let last = Self.amount(text[middle.upperBound...]), let unit = last.unit,
            let first = Self.amount(text[..<middle.lowerBound])
        else { return nil }
        let low = first.value * (first.unit ?? unit)
        let high = last.value * unit
        guard low >= 0, high > low, high <= 366 * 86_400 else { return nil }
        if isUniform {
            self = .uniform(low, high)
        } else {
            guard low > 0 else { return nil }
            self = .logNormal(median: low, p90: high)
        }
    }

    private static func amount(_ text: Substring) -> (value: Double, unit: Double?)? {
        let words = text.split(separator: " ")
        guard let number = words.first.flatMap({ Double($0) }), number.isFinite, words.count <= 2 else { return nil }
        guard words.count == 2 else { return (number, nil) }
        guard let unit = ["s": 1.0, "min": 60.0, "h": 3_600.0, "d": 86_400.0][String(words[1])] else { return nil }
        return (number, unit)
    }
}
