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

extension SampleBatch {
    /// Samples by name, under a numbering of their own.
    public init(_ samples: [StoredSample]) {
        var numbers: [Series: Int32] = [:]
        self.init(numbering: Numbering(), series: [], points: [])
        for sample in samples {
            let name = Series(tenantID: sample.tenantID, siteID: sample.siteID, metric: sample.metric)
            let number = numbers[name] ?? Int32(truncatingIfNeeded: series.count)
            if number == series.count {
                numbers[name] = number
                series.append(name)
            }
            points.append(Point(series: number, at: sample.at, value: sample.value))
        }
    }

    /// Where the points that can be kept stand, in the order of a table of series and time; of two at one instant of a series
    /// the earlier is left out when `isUnique`.
    package func order(by rows: [Int64], isUnique: Bool) -> [Int] {
        let sorted = points.indices.filter { points[$0].value.isFinite }.sorted { left, right in
            let (a, b) = (points[left], points[right])
            if a.series != b.series { return rows[Int(a.series)] < rows[Int(b.series)] }
            if a.at != b.at { return a.at < b.at }
            return left < right
        }
        guard isUnique else { return sorted }
        var kept: [Int] = []
        kept.reserveCapacity(sorted.count)
        for index in sorted {
            if let last = kept.last, points[last].series == points[index].series, points[last].at == points[index].at { kept.removeLast() }
            kept.append(index)
        }
        return kept
    }
}

extension SampleStore {
    public func store(samples: [StoredSample], _ move: PositionMove) async throws {
        try await store(SampleBatch(samples), move)
    }
}
