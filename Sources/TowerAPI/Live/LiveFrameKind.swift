/// What kinds of frames a live connection writes; the raw value is a metric's label.
enum LiveFrameKind: String, Sendable, CaseIterable {
    case snapshot, resumed, delta, heartbeat, error, ping, pong, close
}

/// How far a live connection has come; the raw value is a metric's label.
enum LiveStanding: String, Sendable, CaseIterable {
    /// Open, and nothing was subscribed to yet.
    case idle
    /// Its snapshot is read.
    case loading
    case streaming
    /// A close frame waits for its way out, or for the answer.
    case closing
}
