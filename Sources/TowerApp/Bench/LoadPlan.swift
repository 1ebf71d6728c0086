/// What load to put on an HTTP server.
public struct LoadPlan: Sendable {
    public enum Pace: Sendable, Equatable {
        /// Each connection sends as soon as it has its answer: shows capacity, says nothing about latency.
        case closed
        /// So many events a second, sent when they are due whether or not earlier ones were answered: shows latency.
        case open(eventsPerSecond: Double)
    }
    /// IPv4 address and port.
    public var host = "127.0.0.1"
    public var port: Int
    public var path = "/api/v1/events"
    /// Bearer token; `nil` sends none.
    public var key: String?
    /// Tenant named in the events.
    public var tenant: String
    public var pace = Pace.closed
    /// 1 to 1,024.
    public var connections = 8
    /// Threads of this client; open load takes one for each connection, since it must wake on time for each.
    public var threads = 1
    /// Events of a request, 1 to 100,000.
    public var batch = 500
    /// Lines of a request besides, that are no events: each is to be refused by itself and kept as a dead letter. 0 to 100,000.
    public var malformed = 0
    public var sites = 10_000
    /// Bound on time; whichever of the two bounds comes first ends the run.
    public var seconds = 10.0
    /// Bound on events, rounded up to whole requests.
    public var events = Int.max
    /// Of event ids: a run with the seed of an earlier one sends duplicates.
    public var seed: UInt64
    /// A server that is not ours: its answers are only held to be 2xx.
    public var isPlain = false

    public init(port: Int, tenant: String, seed: UInt64) {
        self.port = port
        self.tenant = tenant
        self.seed = seed
    }

    /// Requests that this run may send.
    var requests: Int {
        let bound = events == .max ? Int.max : (events + batch - 1) / batch
        guard case .open(let rate) = pace else { return bound }
        return min(bound, max(1, Int(rate * seconds / Double(batch))))
    }

    func check() throws {
        let bounds: [(String, Int, ClosedRange<Int>)] = [
            ("--connections", connections, 1...1024), ("--batch", batch, 1...100_000), ("--sites", sites, 1...1_000_000),
            ("--malformed", malformed, 0...100_000), ("--threads", threads, 1...256), ("the port", port, 1...65_535), ("--events", events, 1...Int.max),
        ]
        for (name, value, range) in bounds where !range.contains(value) {
            throw CommandFailure("\(name) is \(value), but takes \(range.lowerBound) to \(range.upperBound).", isUsage: true)
        }
        guard seconds > 0, seconds <= 86_400 else {
            throw CommandFailure("--seconds is \(seconds), but takes up to 86400.", isUsage: true)
        }
        if case .open(let rate) = pace, !(rate >= 1 && rate <= 1e8) {
            throw CommandFailure("--rate is \(rate) events a second, but takes 1 to 100000000.", isUsage: true)
        }
    }
}

/// What became of a load: requests, and what the server said of their events.
public struct LoadTally: Sendable {
    var requests = 0
    var events = 0
    /// Lines sent that are no events.
    var malformed = 0
    /// Bytes of events in bodies.
    var bytes = 0
    /// As the answers count them.
    var accepted = 0
    var duplicates = 0
    var rejected = 0
    /// Answers of 429 and 503.
    var refused = 0
    /// Answers that were neither a success nor a refusal.
    var failed = 0
    /// Status of the first answer that was no success, and the beginning of its body.
    var firstTrouble: String?
    /// From the time a request was due until its answer was whole, nanoseconds.
    var latency = QuantileHistogram()

    mutating func merge(_ other: LoadTally) {
        requests += other.requests
        events += other.events
        malformed += other.malformed
        bytes += other.bytes
        accepted += other.accepted
        duplicates += other.duplicates
        rejected += other.rejected
        refused += other.refused
        failed += other.failed
        firstTrouble = firstTrouble ?? other.firstTrouble
        latency.merge(other.latency)
    }
}
