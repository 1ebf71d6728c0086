extension GroupTable {
    /// A consumer group: where it stands, and who reads for it.
    ///
    /// Durable are name, patterns, epoch, positions and the pause; members end with the process.
    package struct Group: Sendable, Equatable {
        package struct Member: Sendable, Equatable {
            package var name: String
            /// The group's epoch when it joined; no other member ever has it.
            package var epoch: Int64
            /// Silent for longer, it is no member any more.
            package var sessionMs: Int64
            package var deadlineMs: Int64
        }

        /// 48 bits in groups.tbl: at a million records a second, nine years of them.
        package static let maxAhead: Int64 = 1 << 48 - 1

        package var name: String
        package var patterns: [TopicPattern]
        /// The lowest position of any slot.
        package private(set) var committed: LogCursor
        /// By slot, how far it is above `committed`; empty when all stand at the same place.
        package private(set) var ahead: [Int64] = []
        package var epoch: Int64
        package var isPaused = false
        /// One member reads everything.
        package var isHeld = false
        /// Members of a shared group, by name.
        package var shared: [Member] = []
        /// By slot, the epoch of the member that has it, or 0; empty while the group is not shared.
        package var owners: [Int64] = []
        /// By slot, the group's epoch when its owner got it.
        package var since: [Int64] = []
        /// Rises with every change, so that a log that makes changes durable later never puts an older one over a newer one.
        package var revision: Int64 = 0

        package init(
            name: String, patterns: [TopicPattern], committed: LogCursor, ahead: [Int64] = [], epoch: Int64, isPaused: Bool = false
        ) {
            self.name = name
            self.patterns = patterns
            self.committed = committed
            self.ahead = ahead
            self.epoch = epoch
            self.isPaused = isPaused
        }

        package var members: Int { isHeld ? 1 : shared.count }

        package func position(_ slot: Int) -> Int64 { committed.sequence + (ahead.isEmpty ? 0 : ahead[slot]) }

        /// By slot.
        package var positions: [Int64] { (0..<GroupSlots.count).map(position) }

        /// The highest position of any slot.
        package var furthest: Int64 { committed.sequence + (ahead.max() ?? 0) }

        package mutating func setAll(to position: Int64) {
            committed = LogCursor(sequence: position)
            ahead = []
        }

        /// A slot further above the lowest than the format can say is set back: its records come again, none is lost.
        package mutating func set(_ positions: [Int64]) {
            let lowest = positions.min() ?? committed.sequence
            committed = LogCursor(sequence: lowest)
            let distances = positions.map { min($0 - lowest, Self.maxAhead) }
            ahead = distances.allSatisfy { $0 == 0 } ? [] : distances
        }

        /// Removes members whose deadline has passed. False when there was none.
        package mutating func expire(nowMs: Int64) -> Bool {
            let count = shared.count
            shared.removeAll { $0.deadlineMs < nowMs }
            guard shared.count < count else { return false }
            epoch += 1
            deal()
            return true
        }

        /// Deals the slots anew after a change of members; each takes its position along.
        package mutating func deal() {
            if owners.isEmpty {
                owners = [Int64](repeating: 0, count: GroupSlots.count)
                since = owners
            }
            let dealt = GroupSlots.deal(owners, to: shared.map(\.epoch))
            for slot in 0..<GroupSlots.count where dealt[slot] != owners[slot] { since[slot] = epoch }
            owners = dealt
        }

        /// Nobody reads for it any more.
        package mutating func dismiss() {
            isHeld = false
            shared = []
            owners = []
            since = []
        }

        package func assignment(of epoch: Int64) -> GroupAssignment {
            GroupAssignment(
                epoch: self.epoch, isPaused: isPaused,
                slots: owners.indices.filter { owners[$0] == epoch }.map { slot in
                    GroupSlot(slot: slot, since: since[slot], next: LogCursor(sequence: position(slot)))
                })
        }
    }
}
