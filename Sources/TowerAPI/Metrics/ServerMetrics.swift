import NIOCore
import Synchronization

/// Counters of the HTTP server in Prometheus' text form.
final class ServerMetrics: Sendable {
    /// Upper bounds in seconds.
    static let bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

    private struct Series {
        var buckets = [Int](repeating: 0, count: ServerMetrics.bounds.count + 1)
        var sumSeconds = 0.0
        /// Answers per class: index 2 is 2xx.
        var classes = [Int](repeating: 0, count: 6)
    }
    private let series = Mutex<[String: Series]>([:])

    /// `operation` is a route's operation id, so the number of series is bounded by the table.
    func record(operation: String, status: Int, duration: TimeAmount) {
        let seconds = Double(duration.nanoseconds) / 1e9
        let bucket = Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count
        series.withLock {
            $0[operation, default: Series()].buckets[bucket] += 1
            $0[operation, default: Series()].sumSeconds += seconds
            $0[operation, default: Series()].classes[min(max(status / 100, 0), 5)] += 1
        }
    }

    func text() -> String {
        let snapshot = series.withLock { $0 }.sorted { $0.key < $1.key }
        var lines = [
            "# HELP towerco_api_requests_total Answers by operation and status class.",
            "# TYPE towerco_api_requests_total counter",
        ]
        for (operation, series) in snapshot {
            for (index, count) in series.classes.enumerated() where count > 0 {
                lines.append("towerco_api_requests_total{operation=\"\(operation)\",status=\"\(index)xx\"} \(count)")
            }
        }
        let name = "towerco_api_request_duration_seconds"
        lines.append("# HELP \(name) Time from the request's head to the answer, body reading included.")
        lines.append("# TYPE \(name) histogram")
        for (operation, series) in snapshot {
            var total = 0
            for (index, bound) in Self.bounds.enumerated() {
                total += series.buckets[index]
                lines.append("\(name)_bucket{operation=\"\(operation)\",le=\"\(bound)\"} \(total)")
            }
            total += series.buckets[Self.bounds.count]
            lines.append("\(name)_bucket{operation=\"\(operation)\",le=\"+Inf\"} \(total)")
            lines.append("\(name)_sum{operation=\"\(operation)\"} \(series.sumSeconds)")
            lines.append("\(name)_count{operation=\"\(operation)\"} \(total)")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
