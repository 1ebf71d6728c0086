/// Remaining life of units of one kind, as learned from those that failed.
public struct LifeModel: Sendable, Hashable {
    /// Names of the measurements, in the order of `LifeUnit`'s columns.
    public internal(set) var metrics: [String]
    /// Seconds a cycle: how often the history's units were heard, or coarser.
    public internal(set) var period: Double
    public internal(set) var cap: Double
    public internal(set) var report: LifeReport
    var maximumCycles: Int
    var sensors: SensorSelection
    var health: HealthIndex
    var filter: LifeFilter
    var trees: TreeEnsemble
    var nets: [SmallNet]
    /// Weight of the trees; the nets have the rest.
    var treeShare: Double
    var bands: ErrorBands

    /// Names of the measurements that count, as the trend chose them.
    public var usedMetrics: [String] { sensors.columns.map { metrics[$0] } }

    /// What is left to a unit that is still at work.
    ///
    /// - Returns: `nil` before its first sample, or when its columns are not those of the model.
    public func forecast(_ unit: LifeUnit) -> LifeForecast? {
        guard unit.columns == metrics.count, unit.rows > 0 else { return nil }
        let series = LifeSeries(unit, sensors: sensors, period: period, maximumCycles: maximumCycles)
        guard series.cycles > 0 else { return nil }
        let row = Self.rows(series, health, filter).suffix(LifeFeatures.count(sensors: series.columns) + LifeFilter.features)
        let answer = answer(row)
        let quantiles = bands.quantiles(of: answer)
        return LifeForecast(
            unit: unit.name, at: unit.times[unit.rows - 1], cycles: answer, p10: quantiles.p10, p50: quantiles.p50,
            p90: quantiles.p90, period: period)
    }

    func answer(_ row: ArraySlice<Float>) -> Double {
        let byTrees = Double(trees.predict(row))
        var byNets = 0.0
        for net in nets { byNets += Double(net.predict(row)) / Double(nets.count) }
        return Self.blend(byTrees, nets.isEmpty ? byTrees : byNets, treeShare, cap)
    }

    static func blend(_ trees: Double, _ nets: Double, _ treeShare: Double, _ cap: Double) -> Double {
        min(max(treeShare * trees + (1 - treeShare) * nets, 0), cap)
    }

    /// Features and filter side by side, a row a cycle.
    static func rows(_ series: LifeSeries, _ health: HealthIndex, _ filter: LifeFilter) -> [Float] {
        let width = LifeFeatures.count(sensors: series.columns)
        let features = LifeFeatures.values(series, health)
        let filtered = filter.features(series)
        var rows: [Float] = []
        rows.reserveCapacity(series.cycles * (width + LifeFilter.features))
        for cycle in 0..<series.cycles {
            rows.append(contentsOf: features[cycle * width..<(cycle + 1) * width])
            rows.append(contentsOf: filtered[cycle * LifeFilter.features..<(cycle + 1) * LifeFilter.features])
        }
        return rows
    }
}

/// Remaining life of one unit.
///
/// - Unit: cycles of `period` seconds. `cycles` is the answer of least squared error, the quantiles are those of the truth.
public struct LifeForecast: Sendable, Hashable {
    public var unit: String
    /// Event time of the last sample, seconds.
    public var at: Double
    public var cycles: Double
    public var p10: Double
    public var p50: Double
    public var p90: Double
    public var period: Double
}

/// How a model was learned and how good it was on units it had not seen.
public struct LifeReport: Sendable, Hashable {
    public var units = 0
    public var rows = 0
    /// Root mean squared error in cycles on units left out, over cycles with at most 1.15 x cap left: of the trees, the nets,
    /// the blend.
    public var treesError = 0.0
    public var netsError = 0.0
    public var blendError = 0.0
    /// Ratio of truths between P10 and P90 on units left out.
    public var coverage = 0.0
}
