import TowerCausality
import TowerModel

/// The network between two changes, with who fell with whom then.
struct PastNetwork: Sendable {
    /// Networks kept; the longest unused goes first.
    static let maximum = 8
    var from: Timestamp
    var to: Timestamp
    var topology: Topology
    var reach = ReachMemo()
}
