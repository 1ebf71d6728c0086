import TowerStores
import TowerStreaming

/// One consumer group with all that is known of it.
public struct GroupDetail: Sendable, Codable, Hashable {
    /// A member of a shared group.
    public struct Share: Sendable, Codable, Hashable {
        public var member: String
        /// How many of the group's slots it has.
        public var slots: Int
        /// The lowest next sequence of its slots.
        public var position: Int64?
    }
    public var group: String
    public var state: String
    public var members: Int
    public var offsetLag: Int64
    public var timeLagMs: Int64
    public var isPaused: Bool
    public var epoch: Int64
    /// Next sequence to read; of a shared group, of its slot that is furthest behind.
    public var position: Int64
    /// Where the next record of the log will go.
    public var end: Int64
    public var patterns: [String]
    public var shares: [Share]

    enum CodingKeys: String, CodingKey {
        case group, state, members, epoch, position, end, patterns, shares
        case offsetLag = "offset_lag"
        case timeLagMs = "time_lag_ms"
        case isPaused = "is_paused"
    }

    init(_ description: GroupDescription, end: LogCursor) {
        let view = GroupView(description)
        group = view.group
        state = view.state
        members = view.members
        offsetLag = view.offsetLag
        timeLagMs = view.timeLagMs
        isPaused = description.isPaused
        epoch = description.epoch
        position = description.committed.sequence
        self.end = end.sequence
        patterns = description.patterns.map(\.text)
        shares = description.shares.map { share in
            Share(member: share.member, slots: share.slots.count, position: share.slots.map(\.next.sequence).min())
        }
    }
}
