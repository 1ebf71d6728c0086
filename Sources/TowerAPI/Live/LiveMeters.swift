import Synchronization

/// What the live feed did since the start, for `/metrics`.
final class LiveMeters: Sendable {
    /// Upper bounds in seconds of the time from an event's acceptance to its frame.
    static let bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

    struct Totals: Sendable {
        var sent = 0
        /// Merged into a later frame, because the client reads slower than it is told.
        var coalesced = 0
        /// Given up when a client was cut off.
        var cut = 0
        var clientsCut = 0
        /// The socket was gone when they were written.
        var lost = 0
        var written = [Int](repeating: 0, count: LiveFrameKind.allCases.count)
        var buckets = [Int](repeating: 0, count: LiveMeters.bounds.count + 1)
        var sumSeconds = 0.0
    }
    private let totals = Mutex(Totals())

    func sent(secondsSinceAccepted: Double?) {
        totals.withLock { totals in
            totals.sent += 1
            guard let seconds = secondsSinceAccepted else { return }
            totals.buckets[Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count] += 1
            totals.sumSeconds += seconds
        }
    }

    func wrote(_ kind: LiveFrameKind) {
        guard let index = LiveFrameKind.allCases.firstIndex(of: kind) else { return }
        totals.withLock { $0.written[index] += 1 }
    }

    func add(coalesced: Int = 0, cut: Int = 0, clientsCut: Int = 0, lost: Int = 0) {
        totals.withLock {
            $0.lost += lost
            $0.coalesced += coalesced
            $0.cut += cut
            $0.clientsCut += clientsCut
        }
    }

    /// Prometheus text.
    func text(clients: Int, standings: [LiveStanding: Int]) -> String {
        let totals = totals.withLock { $0 }
        var lines = [
            "# HELP towerco_api_live_clients Open WebSocket connections of the live feed.",
            "# TYPE towerco_api_live_clients gauge",
            "towerco_api_live_clients \(clients)",
            "# HELP towerco_api_live_connections The same by how far they have come: idle, loading, streaming, closing.",
            "# TYPE towerco_api_live_connections gauge",
        ]
        for standing in LiveStanding.allCases {
            lines.append("towerco_api_live_connections{state=\"\(standing.rawValue)\"} \(standings[standing] ?? 0)")
        }
        lines.append("# HELP towerco_api_live_frames_written_total Frames of every kind that were handed to a client's socket.")
        lines.append("# TYPE towerco_api_live_frames_written_total counter")
        for (kind, count) in zip(LiveFrameKind.allCases, totals.written) {
            lines.append("towerco_api_live_frames_written_total{kind=\"\(kind.rawValue)\"} \(count)")
        }
        lines += [
            "# HELP towerco_api_live_frames_sent_total Frames with changes that were handed to a client's socket.",
            "# TYPE towerco_api_live_frames_sent_total counter",
            "towerco_api_live_frames_sent_total \(totals.sent)",
            "# HELP towerco_api_live_frames_dropped_total Frames that slow clients did not get: merged into a later one, given up with the client, or lost with its socket.",
            "# TYPE towerco_api_live_frames_dropped_total counter",
            "towerco_api_live_frames_dropped_total{reason=\"coalesced\"} \(totals.coalesced)",
            "towerco_api_live_frames_dropped_total{reason=\"cut\"} \(totals.cut)",
            "towerco_api_live_frames_dropped_total{reason=\"lost\"} \(totals.lost)",
            "# HELP towerco_api_live_clients_cut_total Clients cut off because they read too slowly.",
            "# TYPE towerco_api_live_clients_cut_total counter",
            "towerco_api_live_clients_cut_total \(totals.clientsCut)",
        ]
        let name = "towerco_api_event_to_frame_seconds"
        lines.append("# HELP \(name) Time from an event's acceptance to the frame that shows what it changed, by frame.")
        lines.append("# TYPE \(name) histogram")
        var count = 0
        for (index, bound) in Self.bounds.enumerated() {
            count += totals.buckets[index]
            lines.append("\(name)_bucket{le=\"\(bound)\"} \(count)")
        }
        count += totals.buckets[Self.bounds.count]
        lines.append("\(name)_bucket{le=\"+Inf\"} \(count)")
        lines.append("\(name)_sum \(totals.sumSeconds)")
        lines.append("\(name)_count \(count)")
        return lines.joined(separator: "\n") + "\n"
    }
}
