/// Learns a `LifeModel`: prepared once, then one fit for each part left out and one for all, in any order or at once.
///
/// No leakage: a unit's rows are made from its own past, its filter from units of other parts, and the error bands and the
/// blend's weight from answers on units that no part of the answering trees and nets had seen.
public struct LifeLearner: Sendable {
    public struct Fit: Sendable {
        /// The part left out; `nil` learned from all.
        var part: Int?
        var trees: TreeEnsemble
        var nets: [SmallNet]
        /// Answers on the rows of the part left out, in the order of `held`.
        var byTrees: [Float] = []
        var byNets: [Float] = []
    }

    private let settings: LifeSettings
    private let metrics: [String]
    private let period: Double
    private let sensors: SensorSelection
    private let health: HealthIndex
    private let cap: Double
    /// Answers are compared where at most this much life is left: beyond it nobody asks, and only age could answer.
    private let scoredLife: Double
    private let filter: LifeFilter
    /// All rows of all units with the true remaining life and the part of each.
    private let table: FeatureTable
    private let remaining: [Double]
    private let part: [Int]
    private let unitCount: Int
    private let parts: Int

    /// - Returns: `nil` when fewer units have failed than `LifeSettings.minimumUnits`, or nothing in them has a trend.
    public init?(history: [LifeUnit], metrics: [String], settings: LifeSettings = LifeSettings()) {
        let failed = Self.chosen(history, width: metrics.count, settings)
        guard failed.count >= max(settings.minimumUnits, 2) else { return nil }
        let sensors = SensorSelection(history: failed, settings: settings)
        guard !sensors.columns.isEmpty else { return nil }
        let period = Self.period(failed, settings)
        let series = failed.map { LifeSeries($0, sensors: sensors, period: period, maximumCycles: settings.maximumCycles) }
        let health = HealthIndex(history: series)
        let cap = settings.cap ?? LifeCap.learned(series, health)
        (self.settings, self.metrics, self.period, self.sensors) = (settings, metrics, period, sensors)
        (self.health, self.cap, unitCount) = (health, cap, failed.count)
        scoredLife = settings.scoredShare * Self.median(series.map { Double($0.cycles) })
        parts = min(max(settings.folds, 2), failed.count)
        let partOfUnit = Self.deal(failed.count, parts, seed: settings.seed)
        let horizon = Int(min(2 * cap, Double(series.map(\.cycles).max() ?? 1)))
        filter = LifeFilter(history: series, horizon: horizon)
        var table = FeatureTable(columns: LifeFeatures.count(sensors: sensors.columns.count) + LifeFilter.features)
        var (remaining, part): ([Double], [Int]) = ([], [])
        for left in 0..<parts {
            let others = LifeFilter(history: series.indices.filter { partOfUnit[$0] != left }.map { series[$0] }, horizon: horizon)
            for unit in series.indices where partOfUnit[unit] == left {
                let rows = LifeModel.rows(series[unit], health, others)
                for cycle in 0..<series[unit].cycles {
                    table.append(rows[cycle * table.columns..<(cycle + 1) * table.columns])
                    remaining.append(series[unit].remaining(at: cycle))
                    part.append(left)
                }
            }
        }
        (self.table, self.remaining, self.part) = (table, remaining, part)
    }

    /// What `fit` may be asked for: each part left out, and `nil` for all.
    public var tasks: [Int?] { (0..<parts).map { $0 } + [nil] }

    /// Learns from all rows but those of one part, and answers for these.
    public func fit(without left: Int?, growing: some TreeGrowing) throws -> Fit {
        let learned = thinned(part.indices.filter { part[$0] != left })
        let examples = table.picking(learned)
        let targets = learned.map { Float(min(remaining[$0], cap)) }
        var trees = settings.trees
        trees.seed = settings.seed
        var fit = Fit(part: left, trees: try growing.grow(examples, targets: targets, trees), nets: [])
        for number in 0..<max(0, settings.nets) {
            fit.nets.append(
                SmallNet(
                    table: examples, targets: targets, settings: settings.net,
                    seed: settings.seed &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(number)))
        }
        guard let left else { return fit }
        for row in held(left) {
            fit.byTrees.append(fit.trees.predict(table.row(row)))
            var sum: Float = 0
            for net in fit.nets { sum += net.predict(table.row(row)) / Float(fit.nets.count) }
            fit.byNets.append(fit.nets.isEmpty ? fit.byTrees[fit.byTrees.count - 1] : sum)
        }
        return fit
    }

    /// The model: the fit of all, blended and with bands by what the other fits got wrong.
    ///
    /// - Returns: `nil` when the fit of all is missing.
    public func model(_ fits: [Fit]) -> LifeModel? {
        guard let whole = fits.first(where: { $0.part == nil }) else { return nil }
        var (trees, nets, truth): ([Double], [Double], [Double]) = ([], [], [])
        for left in 0..<parts {
            guard let fit = fits.first(where: { $0.part == left }) else { continue }
            for (index, row) in held(left).enumerated() {
                trees.append(Double(fit.byTrees[index]))
                nets.append(Double(fit.byNets[index]))
                truth.append(remaining[row])
            }
        }
        let scored = truth.indices.filter { truth[$0] <= scoredLife }
        func error(_ share: Double) -> Double {
            var sum = 0.0
            for index in scored {
                let away = LifeModel.blend(trees[index], nets[index], share, cap) - truth[index]
                sum += away * away
            }
            return (sum / Double(max(scored.count, 1))).squareRoot()
        }
        // A weight in tenths: finer would read noise.
        var (share, least) = (0.5, error(0.5))
        for tenth in 0...10 where error(Double(tenth) / 10) < least - 1e-9 { (share, least) = (Double(tenth) / 10, error(Double(tenth) / 10)) }
        let answers = truth.indices.map { LifeModel.blend(trees[$0], nets[$0], share, cap) }
        let bands = ErrorBands(answers: answers, truths: truth)
        var report = LifeReport()
        (report.units, report.rows) = (unitCount, part.count)
        (report.treesError, report.netsError, report.blendError) = (error(1), error(0), least)
        let inside = truth.indices.filter { index in
            let quantiles = bands.quantiles(of: answers[index])
            return quantiles.p10 <= truth[index] && truth[index] <= quantiles.p90
        }
        report.coverage = Double(inside.count) / Double(max(truth.count, 1))
        return LifeModel(
            metrics: metrics, period: period, cap: cap, report: report, maximumCycles: settings.maximumCycles, sensors: sensors,
            health: health, filter: filter, trees: whole.trees, nets: whole.nets, treeShare: share, bands: bands)
    }

    // MARK: - Choices

    private func held(_ left: Int) -> [Int] { part.indices.filter { part[$0] == left } }

    /// Every so-manieth row, so that there are at most `maximumRows`.
    private func thinned(_ rows: [Int]) -> [Int] {
        let step = max(1, (rows.count + settings.maximumRows - 1) / max(1, settings.maximumRows))
        return step == 1 ? rows : stride(from: 0, to: rows.count, by: step).map { rows[$0] }
    }

    private static func chosen(_ history: [LifeUnit], width: Int, _ settings: LifeSettings) -> [LifeUnit] {
        let failed = history.filter { $0.failedAt != nil && $0.columns == width && $0.rows >= 5 }
            .sorted { ($0.failedAt ?? 0, $0.name) > ($1.failedAt ?? 0, $1.name) }
        return failed.prefix(settings.maximumUnits).sorted { $0.name < $1.name }
    }

    /// Median of the seconds between samples, or coarser so that the longest life fits.
    private static func period(_ history: [LifeUnit], _ settings: LifeSettings) -> Double {
        var gaps: [Double] = []
        var longest = 0.0
        for unit in history {
            for row in 1..<unit.rows { gaps.append(unit.times[row] - unit.times[row - 1]) }
            longest = max(longest, unit.times[unit.rows - 1] - unit.times[0])
        }
        return max(median(gaps), longest / Double(max(settings.maximumCycles, 10)), 1e-6)
    }

    /// 1 when there is nothing.
    private static func median(_ numbers: [Double]) -> Double { numbers.isEmpty ? 1 : numbers.sorted()[numbers.count / 2] }

    /// Units dealt to parts in an order of chance.
    private static func deal(_ units: Int, _ parts: Int, seed: UInt64) -> [Int] {
        var order = Array(0..<units)
        var random = ForecastRandom(seed: seed)
        random.shuffle(&order)
        var part = [Int](repeating: 0, count: units)
        for (place, unit) in order.enumerated() { part[unit] = place % parts }
        return part
    }
}
