import Glibc

/// Bus voltage of a nominal 48 V string over its depth of discharge, and what rate and temperature do to its capacity.
struct DischargeCurve: Sendable {
    let isLithium: Bool
    /// Above this the string floats.
    let floatVolts: Double

    init(isLithium: Bool) {
        self.isLithium = isLithium
        floatVolts = 52.5
    }

    /// Variance of what the curve does not know, for one of many readings that repeat each other's error, V².
    ///
    /// The plateau of a lithium string says little about its charge, so it weighs less.
    var readingVariance: Double { isLithium ? 40 : 0.4 }

    /// Volts at the bus under load.
    ///
    /// - Parameters:
    ///   - depth: ratio of the available capacity taken out.
    ///   - rate: amperes per ampere hour of capacity.
    func volts(depth: Double, rate: Double, temperature: Double) -> Double {
        let depth = min(max(depth, 0), 1.3)
        let cold = max(0, 25 - temperature) * 0.01
        if isLithium {
            // 15 cells: flat at 3.28 V, a shoulder at the start and a knee over the last tenth.
            let open = 15 * (3.28 + 0.08 * exp(-depth / 0.03) - 0.06 * depth - 0.45 * exp((depth - 1) / 0.045))
            return open - rate * 2.4 * (1 + cold)
        }
        // 24 cells: nearly linear in the acid's concentration, a knee over the last fifth that ends at 1.80 V a cell where the
        // rated capacity is out at the 10-hour rate: that is how it is rated.
        let cell = 2.095 - 0.13 * depth - 0.137 * pow(depth, 8)
        return 24 * cell - rate * 4.8 * (1 + cold) * (1 + 0.4 * depth)
    }

    /// Capacity at a temperature over capacity at 25 °C.
    func temperatureFactor(_ temperature: Double) -> Double {
        let slope = isLithium ? (temperature < 25 ? 0.005 : 0.0) : 0.006
        return min(max(1 + slope * (temperature - 25), 0.4), 1.1)
    }

    /// Capacity at a rate over capacity at the 10-hour rate (Peukert).
    func rateFactor(_ rate: Double) -> Double {
        guard rate > 0 else { return 1 }
        let exponent = isLithium ? 0.03 : 0.12
        return min(max(pow(rate / 0.1, -exponent), 0.4), 1.15)
    }
}
