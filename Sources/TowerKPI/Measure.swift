/// What one hour adds to a KPI: a sum and the weight it rests on. Hours and sites add up to days and tenants.
struct Measure: Sendable, Hashable {
    var sum = 0.0
    /// Seconds heard, hours run or things counted; 0 says nothing was heard.
    var weight = 0.0
    var eventCount = 0

    static let nothing = Measure()

    static func + (left: Measure, right: Measure) -> Measure {
        Measure(sum: left.sum + right.sum, weight: left.weight + right.weight, eventCount: left.eventCount + right.eventCount)
    }

    /// `nil` when nothing was heard.
    func value(isSum: Bool) -> Double? {
        guard weight > 0 else { return nil }
        return isSum ? sum : sum / weight
    }
}
