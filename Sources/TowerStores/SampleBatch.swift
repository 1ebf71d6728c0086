public import TowerModel

/// Samples of one slice of the log, with their series as numbers: a name costs once, not once for each sample.
public struct SampleBatch: Sendable {
    public struct Series: Sendable, Hashable {
        public var tenantID: TenantID
        public var siteID: SiteID
        public var metric: String
        public init(tenantID: TenantID, siteID: SiteID, metric: String) {
            self.tenantID = tenantID
            self.siteID = siteID
            self.metric = metric
        }
    }
    public struct Point: Sendable {
        /// Index in `series`.
        public var series: Int32
        public var at: Timestamp
        public var value: Double
        public init(series: Int32, at: Timestamp, value: Double) {
            self.series = series
            self.at = at
            self.value = value
        }
    }
    /// Whose numbers they are: under one numbering a number never changes its series, so a store may remember them.
    public final class Numbering: Sendable {
        public init() {}
    }

    public var numbering: Numbering
    /// Every series that the numbering has named so far.
    public var series: [Series]
    /// In log order: of two points of a series at one instant the later counts.
    public var points: [Point]

    public init(numbering: Numbering, series: [Series], points: [Point]) {
        self.numbering = numbering
        self.series = series
        self.points = points
    }
}

extension SampleStore {
    /// For stores that keep no numbers.
    public func store(_ batch: SampleBatch, group: String, position: Int64) async throws {
        let samples = batch.points.map { point in
            let series = batch.series[Int(point.series)]
            return StoredSample(
                tenantID: series.tenantID, siteID: series.siteID, metric: series.metric, at: point.at, value: point.value)
        }
        try await store(samples: samples, group: group, position: position)
    }
}
