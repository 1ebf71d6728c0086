public import TowerStreaming

/// What a group did with one slice of the log; for histograms, canaries and traces.
public struct SliceReport: Sendable {
    public var group: String
    public var records: Int
    /// Append time of the newest record, milliseconds.
    public var newestMs: Int64
    /// Append times of records that stand for all of them.
    public var arrivals: [Arrival]
    /// Places of the canaries in it; only for groups that want them.
    public var canaries: [StoredPosition]
    /// Requests whose records it held, at most `EventSlice.maxTraces`.
    public var traces: [TraceContext]
    public var steps: Steps

    /// An append time and how many records it stands for.
    public struct Arrival: Sendable, Hashable {
        public var timestampMs: Int64
        public var count: Int
    }

    /// Monotonic nanoseconds by the runner's clock.
    public struct Steps: Sendable, Hashable {
        public var asked: UInt64
        public var read: UInt64
        /// Equal to `read` where no request is traced.
        public var decided: UInt64
        public var written: UInt64
        /// From read to written.
        public var seconds: Double { Double(written - read) / 1e9 }
    }
}
