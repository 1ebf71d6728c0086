/// Writes Prometheus' text form, version 0.0.4: a family at a time, its help and type first.
struct Exposition {
    private(set) var text = ""

    init() { text.reserveCapacity(32 << 10) }

    /// A family with one sample and no label.
    mutating func add(_ metric: Metric, _ value: some BinaryInteger) {
        head(metric)
        text += "\(metric.name) \(value)\n"
    }

    mutating func add(_ metric: Metric, _ value: Double) {
        head(metric)
        text += "\(metric.name) \(Self.number(value))\n"
    }

    /// A family with one label. No sample is fine: the family is known then, and empty.
    mutating func add(_ metric: Metric, _ samples: [(label: String, value: Double)]) {
        head(metric)
        for sample in samples { text += "\(metric.name){\(label(metric, sample.label))} \(Self.number(sample.value))\n" }
    }

    mutating func add(_ metric: Metric, _ histogram: BucketHistogram) {
        head(metric)
        add(metric, histogram, label: nil)
    }

    /// A histogram by one label; those that nobody used are left out.
    mutating func add(_ metric: Metric, _ histograms: [(label: String, histogram: BucketHistogram)]) {
        head(metric)
        for item in histograms { add(metric, item.histogram, label: item.label) }
    }

    private mutating func add(_ metric: Metric, _ histogram: BucketHistogram, label value: String?) {
        let counts = histogram.counts
        let count = counts.buckets.reduce(0, +)
        guard value == nil || count > 0 else { return }
        let inner = value.map { label(metric, $0) }
        let prefix = inner.map { $0 + "," } ?? ""
        let suffix = inner.map { "{\($0)}" } ?? ""
        var below = 0
        for (index, bound) in BucketHistogram.bounds.enumerated() {
            below += counts.buckets[index]
            text += "\(metric.name)_bucket{\(prefix)le=\"\(Self.number(bound))\"} \(below)\n"
        }
        text += "\(metric.name)_bucket{\(prefix)le=\"+Inf\"} \(count)\n"
        text += "\(metric.name)_sum\(suffix) \(Self.number(counts.sumSeconds))\n\(metric.name)_count\(suffix) \(count)\n"
    }

    private mutating func head(_ metric: Metric) {
        text += "# HELP \(metric.name) \(metric.help)\n# TYPE \(metric.name) \(metric.kind.rawValue)\n"
    }

    private func label(_ metric: Metric, _ value: String) -> String { "\(metric.labels.first ?? "label")=\"\(Self.escaped(value))\"" }

    /// Whole numbers without a fraction, others as short as they are exact.
    static func number(_ value: Double) -> String {
        if value.isFinite, value == value.rounded(), abs(value) < 1e15 { return "\(Int64(value))" }
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return "\(value)"
    }

    /// A label's value as it may stand between quotes, at most 128 characters.
    static func escaped(_ value: String) -> String {
        String(value.prefix(128)).replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}
