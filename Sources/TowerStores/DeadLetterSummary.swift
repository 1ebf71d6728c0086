public import TowerModel

/// `GET /dead-letters/summary`: how many there are under a filter, by reason, state and origin.
public struct DeadLetterSummary: Sendable, Codable, Hashable {
    public struct Reason: Sendable, Codable, Hashable {
        public var reasonCode: String
        public var count: Int
        /// Those that nobody has treated.
        public var waiting: Int
        public var oldestAt: Timestamp
        public var newestAt: Timestamp
        public init(reasonCode: String, count: Int, waiting: Int, oldestAt: Timestamp, newestAt: Timestamp) {
            self.reasonCode = reasonCode
            self.count = count
            self.waiting = waiting
            self.oldestAt = oldestAt
            self.newestAt = newestAt
        }
        enum CodingKeys: String, CodingKey {
            case reasonCode = "reason_code"
            case count, waiting
            case oldestAt = "oldest_at"
            case newestAt = "newest_at"
        }
    }
    public struct State: Sendable, Codable, Hashable {
        public var state: String
        public var count: Int
        public init(state: String, count: Int) {
            self.state = state
            self.count = count
        }
    }
    public struct Origin: Sendable, Codable, Hashable {
        public var origin: String
        public var count: Int
        public init(origin: String, count: Int) {
            self.origin = origin
            self.count = count
        }
    }
    public var total: Int
    /// Letters that the log has and nobody counts any more: there were more than a million.
    public var older: Int
    /// Most first, as the origins, of which there are the first twenty.
    public var byReason: [Reason]
    public var byState: [State]
    public var byOrigin: [Origin]
    public init(total: Int, older: Int, byReason: [Reason], byState: [State], byOrigin: [Origin]) {
        self.total = total
        self.older = older
        self.byReason = byReason
        self.byState = byState
        self.byOrigin = byOrigin
    }
    enum CodingKeys: String, CodingKey {
        case total, older
        case byReason = "by_reason"
        case byState = "by_state"
        case byOrigin = "by_origin"
    }
}
