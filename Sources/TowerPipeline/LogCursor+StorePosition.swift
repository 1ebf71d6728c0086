import TowerStores
import TowerStreaming

// The one place where a place in the log becomes a position in a store and back.

extension LogCursor {
    init(_ position: StorePosition) { self.init(sequence: position.sequence) }
}

extension StorePosition {
    init(_ cursor: LogCursor) { self.init(sequence: cursor.sequence) }
}
