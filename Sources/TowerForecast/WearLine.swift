import Glibc

/// A battery's health over the days as one straight line whose sums alone are kept: what an engine can hold for every site.
///
/// The same Bayesian line as `BatteryWear`, in the memory of a few numbers: days older than a year or two fade instead of being
/// dropped, and what comes late by a day or more is left out.
public struct WearLine: Sendable, Hashable {
    /// Days after which a day weighs a third.
    static let memoryDays = 700.0

    /// Sums over whole days: weight, weight·t, weight·t², weight·health, weight·t·health; t in days before the newest.
    private var a = 0.0
    private var b = 0.0
    private var c = 0.0
    private var u = 0.0
    private var v = 0.0
    /// The newest day: its number, the sum and count of its readings, and whether a test said the last word.
    private var day = -1.0
    private var sum = 0.0
    private var count = 0.0
    private var isTested = 0.0

    public init() {}

    /// Its numbers, for checkpoints.
    public var numbers: [Double] { [a, b, c, u, v, day, sum, count, isTested] }
    public init?(numbers: [Double]) {
        guard numbers.count == 9 else { return nil }
        (a, b, c, u, v) = (numbers[0], numbers[1], numbers[2], numbers[3], numbers[4])
        (day, sum, count, isTested) = (numbers[5], numbers[6], numbers[7], numbers[8])
    }

    /// Takes a reading, a ratio of rated capacity; outside 20...120 % it says nothing.
    ///
    /// - Returns: whether a new day began with it.
    @discardableResult
    public mutating func observe(health: Double, at seconds: Double, isTest: Bool = false) -> Bool {
        guard (0.2...1.2).contains(health), seconds.isFinite, seconds >= 0, seconds < 1e11 else { return false }
        let number = (seconds / 86_400).rounded(.down)
        guard number >= day else { return false }
        let isNew = number > day
        if isNew {
            close(days: day < 0 ? 0 : number - day)
            (day, sum, count, isTested) = (number, 0, 0, 0)
        }
        if isTest {
            (sum, count, isTested) = (health, 1, 1)
        } else if isTested == 0 {
            sum += health
            count += 1
        }
        return isNew
    }

    /// Adds the newest day to the sums, and moves them back by some days.
    private mutating func close(days: Double) {
        if count > 0 {
            let weight = weightOfDay
            a += weight
            u += weight * sum / count
        }
        guard days > 0 else { return }
        c += -2 * days * b + days * days * a
        b -= days * a
        v -= days * u
        let share = exp(-days / Self.memoryDays)
        a *= share
        b *= share
        c *= share
        u *= share
        v *= share
    }

    private var weightOfDay: Double { (isTested == 1 ? 25 : 1) / (BatteryWear.dayError * BatteryWear.dayError) }

    /// Health today and the days until it is worn out; `nil` before the first reading.
    public func forecast() -> (health: Quantiles, daysLeft: Quantiles)? {
        guard count > 0 else { return nil }
        let weight = weightOfDay
        return BatteryWear.line(a: a + weight, b: b, c: c, u: u + weight * sum / count, v: v)
    }
}
