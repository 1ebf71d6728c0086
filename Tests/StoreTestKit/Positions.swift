public import TowerStores

// Positions of a log with one order, short to write.

extension ProjectionBatch {
    package init(group: String, position: Int64, after: Int64 = 0) {
        self.init(group: group, from: StorePosition(sequence: after), to: StorePosition(sequence: position))
    }

    /// Setting it makes the batch the one that follows.
    package var position: Int64 {
        get { move.to.sequence }
        set { move = PositionMove(group: move.group, from: move.to, to: StorePosition(sequence: newValue)) }
    }
}

extension PositionMove {
    package static func analytics(_ position: Int64, after: Int64 = 0) -> PositionMove {
        PositionMove(group: "analytics-service", from: StorePosition(sequence: after), to: StorePosition(sequence: position))
    }
}

extension StorePosition: ExpressibleByIntegerLiteral {
    public init(integerLiteral value: Int64) { self.init(sequence: value) }
}
