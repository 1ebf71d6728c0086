/// What was heard of one unit over its life: rows of measurements in time order, and when it failed.
///
/// - Shape: `values` holds `columns` numbers a row, row after row; `times` one instant a row, rising.
/// - Unit: seconds. Missing data: NaN.
public struct LifeUnit: Sendable {
    public var name: String
    public var columns: Int
    public var times: [Double]
    public var values: [Float]
    public var failedAt: Double?

    public init(name: String, columns: Int, times: [Double] = [], values: [Float] = [], failedAt: Double? = nil) {
        self.name = name
        self.columns = columns
        self.times = times
        self.values = values
        self.failedAt = failedAt
    }

    public var rows: Int { times.count }

    /// Adds a row; one that is not later than the last is dropped, as a repeat or a late copy.
    @discardableResult
    public mutating func append(at time: Double, _ row: [Float]) -> Bool {
        guard row.count == columns, time.isFinite, time > (times.last ?? -.infinity) else { return false }
        times.append(time)
        values.append(contentsOf: row)
        return true
    }
}
