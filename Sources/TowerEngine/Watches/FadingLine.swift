import Glibc

/// A straight line through daily values, older ones fading: its slope, and how far that may be wrong.
struct FadingLine: WatchState {
    private var weight = 0.0
    private var x = 0.0
    private var y = 0.0
    private var xx = 0.0
    private var xy = 0.0
    private var yy = 0.0

    mutating func visit(_ each: (inout Double) -> Void) {
        for field in [\Self.weight, \.x, \.y, \.xx, \.xy, \.yy] { each(&self[keyPath: field]) }
    }

    /// - Parameters:
    ///   - days: since the last value.
    ///   - memory: days after which a value weighs a third.
    mutating func take(_ value: Double, days: Double, memory: Double) {
        xy -= days * y
        xx += -2 * days * x + days * days * weight
        x -= days * weight
        let share = exp(-days / memory)
        weight = weight * share + 1
        x *= share
        xx *= share
        xy *= share
        y = y * share + value
        yy = yy * share + value * value
    }

    /// Value today by the line, change a day, and the deviation of that; `nil` before there are four values' worth.
    var fit: (value: Double, slope: Double, deviation: Double)? {
        guard weight >= 3.2 else { return nil }
        let spread = xx - x * x / weight
        guard spread > 1e-9 else { return nil }
        let slope = (xy - x * y / weight) / spread
        let residual = max(yy - y * y / weight - slope * slope * spread, 0.01 * weight) / max(weight - 2, 1)
        return (y / weight - slope * x / weight, slope, (residual / spread).squareRoot())
    }
}
