import Dispatch
import Foundation
import Synchronization
import TowerBoosting
import TowerForecast
import TowerModel

/// Remaining life of the units in a file, learned from those of them that failed.
struct LifeJob {
    var settings = LifeSettings()
    /// What was learned, for people; a line each kind.
    private(set) var notes: [String] = []

    /// One line a unit that is still at work, by tenant and name.
    struct Line: Encodable {
        var tenant_id: String
        var site_id: String
        var at: String
        /// Cycles left: the answer of least squared error.
        var predicted_rul: Double
        var rul_p10: Double
        var rul_p50: Double
        var rul_p90: Double
        /// Seconds a cycle.
        var period_seconds: Double
        var remaining_hours_p10: Double
        var remaining_hours_p50: Double
        var remaining_hours_p90: Double

        init(tenant: String, _ forecast: LifeForecast) {
            tenant_id = tenant
            site_id = forecast.unit
            at = Timestamp(microseconds: Int64((forecast.at * 1e6).rounded())).description
            predicted_rul = Self.rounded(forecast.cycles)
            (rul_p10, rul_p50, rul_p90) = (Self.rounded(forecast.p10), Self.rounded(forecast.p50), Self.rounded(forecast.p90))
            period_seconds = forecast.period
            let hours = forecast.period / 3600
            remaining_hours_p10 = Self.rounded(forecast.p10 * hours)
            remaining_hours_p50 = Self.rounded(forecast.p50 * hours)
            remaining_hours_p90 = Self.rounded(forecast.p90 * hours)
        }

        private static func rounded(_ number: Double) -> Double { (number * 100).rounded() / 100 }
    }

    init(settings: LifeSettings = LifeSettings()) { self.settings = settings }

    mutating func forecasts(_ collector: LifeCollector) throws -> [Line] {
        var lines: [Line] = []
        for kind in collector.kinds() {
            let alive = kind.units.filter { $0.failedAt == nil }
            guard let model = try learn(kind), !alive.isEmpty else { continue }
            lines += alive.compactMap { model.forecast($0).map { Line(tenant: kind.tenant, $0) } }
        }
        return lines
    }

    /// Learns from the failed units of a kind, the fits on all cores at once.
    mutating func learn(_ kind: LifeCollector.Kind) throws -> LifeModel? {
        let failed = kind.units.filter { $0.failedAt != nil }
        guard !failed.isEmpty else { return nil }
        guard let learner = LifeLearner(history: failed, metrics: kind.metrics, settings: settings) else {
            notes.append(
                "\(kind.tenant): \(failed.count) failed units of \(kind.metrics.count) metrics are too few or show no trend; "
                    + "remaining life needs \(settings.minimumUnits)")
            return nil
        }
        let tasks = learner.tasks
        let results = Mutex<[Int: Result<LifeLearner.Fit, any Error>]>([:])
        DispatchQueue.concurrentPerform(iterations: tasks.count) { index in
            let result = Result { try learner.fit(without: tasks[index], growing: XGBoostTrees()) }
            results.withLock { $0[index] = result }
        }
        let fits = try results.withLock { all in try tasks.indices.compactMap { try all[$0]?.get() } }
        guard let model = learner.model(fits) else { return nil }
        notes.append(Self.note(kind.tenant, model))
        return model
    }

    private static func note(_ tenant: String, _ model: LifeModel) -> String {
        func short(_ number: Double) -> String { "\((number * 100).rounded() / 100)" }
        let report = model.report
        return "\(tenant): remaining life learned from \(report.units) failed units, \(report.rows) cycles, "
            + "\(model.usedMetrics.count) of \(model.metrics.count) metrics, cap \(short(model.cap)) cycles; left-out error "
            + "\(short(report.blendError)) (trees \(short(report.treesError)), nets \(short(report.netsError))), "
            + "P10-P90 holds \(short(100 * report.coverage)) %"
    }
}
