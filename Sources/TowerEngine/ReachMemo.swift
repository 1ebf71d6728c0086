import TowerCausality

/// Who falls with a component, kept until a link changes: asked for at every judgement, worked out once.
///
/// - Bound: `maximum` components; when full it begins anew. Nothing of it is in a checkpoint.
struct ReachMemo: Sendable {
    private static let maximum = 65_536
    private(set) var dependents: [Component: [Int32]] = [:]
    private var version = 0

    /// Sites that reach the core only through a site or over a link, sorted by name.
    mutating func below(_ component: Component, in topology: Topology) -> [Int32] {
        if version != topology.reachVersion || dependents.count >= Self.maximum {
            dependents = [:]
            version = topology.reachVersion
        }
        if let known = dependents[component] { return known }
        let found: [Int32] =
            switch component.kind {
            case .site: topology.dependents(of: component.number)
            case .link: topology.dependents(ofLink: component.number)
            case .feeder: []
            }
        dependents[component] = found
        return found
    }
}
