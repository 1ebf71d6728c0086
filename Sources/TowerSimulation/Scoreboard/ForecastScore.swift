public import TowerModel

/// How good forecasts of a battery's end were, against the contactors that really opened.
///
/// A run of forecasts of one site and contactor, no gap above an hour, counts when that contactor opened inside it or within
/// an hour behind it; runs that the grid ended have no truth. Each run weighs the same: it is asked at ten even shares of its
/// duration, always with the newest forecast then known.
public struct ForecastScore: Sendable, Hashable, Codable {
    /// One forecast: minutes from `at`.
    public struct Forecast: Sendable, Hashable {
        public var siteID: String
        public var at: Timestamp
        public var contactor: String
        public var p10: Double
        public var p50: Double
        public var p90: Double
        public var busVolts: Double?
        public init(
            siteID: String, at: Timestamp, contactor: String, p10: Double, p50: Double, p90: Double, busVolts: Double? = nil
        ) {
            (self.siteID, self.at, self.contactor) = (siteID, at, contactor)
            (self.p10, self.p50, self.p90, self.busVolts) = (p10, p50, p90, busVolts)
        }
    }

    /// A contactor that opened.
    public struct Opening: Sendable, Hashable {
        public var siteID: String
        public var at: Timestamp
        public var contactor: String
        public init(siteID: String, at: Timestamp, contactor: String) {
            (self.siteID, self.at, self.contactor) = (siteID, at, contactor)
        }
    }

    /// Runs of forecasts that ended with an opening, and answers scored: ten a run.
    public private(set) var runs = 0
    public private(set) var answers = 0
    /// Ratio of truths between P10 and P90, below and above.
    public private(set) var coverage = 0.0
    public private(set) var below = 0.0
    public private(set) var above = 0.0
    /// Median of |P50 - truth| / truth, truths above ten minutes.
    public private(set) var medianError = 0.0
    /// Mean quantile (pinball) loss over P10, P50, P90, minutes; of persistence: the run's first P50 counting down.
    public private(set) var pinball = 0.0
    public private(set) var persistencePinball = 0.0

    enum CodingKeys: String, CodingKey {
        case runs, answers, coverage, below, above, pinball
        case medianError = "median_error"
        case persistencePinball = "persistence_pinball"
    }

    public init(forecasts: [Forecast], openings: [Opening]) {
        var rows: [(truth: Double, forecast: Forecast, persistence: Double)] = []
        for run in Self.runs(forecasts) {
            guard let first = run.first, let last = run.last,
                let end = openings.filter({ $0.siteID == first.siteID && $0.contactor == first.contactor }).map(\.at)
                    .filter({ $0 >= first.at && $0.seconds(since: last.at) <= 3600 }).min(),
                end.seconds(since: first.at) >= 600
            else { continue }
            runs += 1
            for share in 0..<10 {
                let asked = first.at.adding(seconds: end.seconds(since: first.at) * Double(share) / 10)
                guard let known = run.last(where: { $0.at <= asked }) else { continue }
                rows.append(
                    (
                        end.seconds(since: known.at) / 60, known,
                        max(0, first.p50 - known.at.seconds(since: first.at) / 60)
                    ))
            }
        }
        answers = rows.count
        guard !rows.isEmpty else { return }
        let count = Double(rows.count)
        below = Double(rows.filter { $0.truth < $0.forecast.p10 }.count) / count
        above = Double(rows.filter { $0.truth > $0.forecast.p90 }.count) / count
        coverage = 1 - below - above
        let errors = rows.filter { $0.truth > 10 }.map { ($0.forecast.p50 - $0.truth).magnitude / $0.truth }.sorted()
        medianError = Calibration.quantile(errors, 0.5) ?? 0
        for row in rows {
            let quantiles = [(0.1, row.forecast.p10), (0.5, row.forecast.p50), (0.9, row.forecast.p90)]
            for (share, answer) in quantiles {
                pinball += Self.loss(share, row.truth, answer) / 3 / count
                persistencePinball += Self.loss(share, row.truth, row.persistence) / 3 / count
            }
        }
    }

    private static func loss(_ share: Double, _ truth: Double, _ answer: Double) -> Double {
        max(share * (truth - answer), (share - 1) * (truth - answer))
    }

    /// Forecasts of one site and contactor in order of time, cut where an hour passed without one.
    private static func runs(_ forecasts: [Forecast]) -> [[Forecast]] {
        let sorted = forecasts.sorted { ($0.siteID, $0.contactor, $0.at) < ($1.siteID, $1.contactor, $1.at) }
        var runs: [[Forecast]] = []
        for forecast in sorted {
            if let last = runs.last?.last, last.siteID == forecast.siteID, last.contactor == forecast.contactor,
                forecast.at.seconds(since: last.at) <= 3600
            {
                runs[runs.count - 1].append(forecast)
            } else {
                runs.append([forecast])
            }
        }
        return runs
    }
}
