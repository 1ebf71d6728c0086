/// What is in a tank, by its gauge and by what its generator burned: a Kalman filter whose states are the books' unknowns.
///
/// - States: level [l]; the generator's appetite an hour [l/h] and a kilowatt-hour [l/kWh]; how much the gauge follows the
///   fuel's temperature [1/K]; what leaves the tank by no engine [l/h].
/// - Source: DOMAIN KPI 19 and 20; appetite 0.40 l/h and 0.263 l/kWh as priors, learned for each generator; diesel expands
///   by 0.00083/K, which some gauges compensate and some do not.
struct TankFilter: Sendable, Equatable {
    static let level = 0
    static let perHour = 1
    static let perKilowattHour = 2
    static let expansion = 3
    static let leak = 4
    static let count = 5

    /// Variance that a book gains each hour by what nobody models (l²/h), and the leak's own change ((l/h)²/h).
    static let wander = 0.004
    static let leakWander = 0.12 * 0.12 / 576 / 24
    /// Share of a burn by which the appetite's model is off, each time anew.
    static let burnDoubt = 0.03

    /// The first five lanes.
    var mean = SIMD8<Double>(0, 0.40, 0.263, 0.0004, 0, 0, 0, 0)
    /// The lower triangle, row by row: fifteen lanes.
    var covariance = SIMD16<Double>(repeating: 0)

    init() {
        self[Self.level, Self.level] = 1
        self[Self.perHour, Self.perHour] = 0.2 * 0.2
        self[Self.perKilowattHour, Self.perKilowattHour] = 0.05 * 0.05
        self[Self.expansion, Self.expansion] = 0.0004 * 0.0004
        self[Self.leak, Self.leak] = 0.03 * 0.03
    }

    private static func lane(_ row: Int, _ column: Int) -> Int {
        row >= column ? row * (row + 1) / 2 + column : column * (column + 1) / 2 + row
    }

    subscript(row: Int, column: Int) -> Double {
        get { covariance[Self.lane(row, column)] }
        set { covariance[Self.lane(row, column)] = newValue }
    }

    mutating func visit(_ each: (inout Double) -> Void) {
        for lane in 0..<Self.count { each(&mean[lane]) }
        for lane in 0..<15 { each(&covariance[lane]) }
    }

    /// Litres that the generator should have burned.
    func burn(runHours: Double, kilowattHours: Double) -> Double {
        max(0, runHours * mean[Self.perHour] + kilowattHours * mean[Self.perKilowattHour])
    }

    /// Books what went by since the last reading.
    mutating func advance(hours: Double, runHours: Double, kilowattHours: Double) {
        let burned = burn(runHours: runHours, kilowattHours: kilowattHours)
        let step = SIMD8<Double>(1, -runHours, -kilowattHours, 0, -hours, 0, 0, 0)
        mean[Self.level] -= runHours * mean[Self.perHour] + kilowattHours * mean[Self.perKilowattHour] + hours * mean[Self.leak]
        var row = SIMD8<Double>(repeating: 0)
        for column in 0..<Self.count {
            var sum = 0.0
            for other in 0..<Self.count { sum += step[other] * self[other, column] }
            row[column] = sum
        }
        var own = 0.0
        for other in 0..<Self.count { own += step[other] * row[other] }
        for column in 1..<Self.count { self[Self.level, column] = row[column] }
        self[Self.level, Self.level] = own + Self.wander * hours + (Self.burnDoubt * burned) * (Self.burnDoubt * burned)
        self[Self.leak, Self.leak] += Self.leakWander * hours
    }

    /// What the gauge shows more than the books, and the variance of that without the gauge's own noise.
    ///
    /// - Parameter warmth: litres times kelvin above 20 °C; 0 when the temperature is not known.
    func surprise(_ litres: Double, warmth: Double) -> (litres: Double, variance: Double) {
        let expected = mean[Self.level] + warmth * mean[Self.expansion]
        let variance =
            self[Self.level, Self.level] + 2 * warmth * self[Self.level, Self.expansion]
            + warmth * warmth * self[Self.expansion, Self.expansion]
        return (litres - expected, variance)
    }

    /// Takes a reading in.
    mutating func update(surprise: Double, warmth: Double, variance: Double) {
        var gain = SIMD8<Double>(repeating: 0)
        for row in 0..<Self.count { gain[row] = self[row, Self.level] + warmth * self[row, Self.expansion] }
        let total = gain[Self.level] + warmth * gain[Self.expansion] + variance
        guard total > 0 else { return }
        mean += gain * (surprise / total)
        for row in 0..<Self.count {
            for column in 0...row { self[row, column] -= gain[row] * gain[column] / total }
        }
        for own in 0..<Self.count { self[own, own] = max(self[own, own], 1e-12) }
        mean[Self.perHour] = min(max(mean[Self.perHour], 0.05), 4)
        mean[Self.perKilowattHour] = min(max(mean[Self.perKilowattHour], 0.1), 0.6)
    }

    /// The level is another one from now on; what is known of appetite and leak stays.
    mutating func restart(level litres: Double, variance: Double) {
        mean[Self.level] = litres
        for column in 1..<Self.count { self[Self.level, column] = 0 }
        self[Self.level, Self.level] = variance
    }
}
