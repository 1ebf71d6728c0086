/// Stories by the conditions they are made of: where a new fact may belong is looked up, never searched for.
public struct StoryIndex: Sendable {
    public struct Place: Sendable {
        public var template: Int
        public var node: Int
    }

    /// Nodes of stories that start beside the power chain and the reach of a site, by condition.
    private var places: [Condition: [Place]] = [:]
    /// Earliest and latest instant of each node, in seconds from the root, by template.
    private var windows: [[(low: Double, high: Double)]] = []
    /// Whether a story starts beside power and reach.
    public private(set) var isBeside: [Bool] = []
    /// Numbers of the stories by where they start: in a site's power chain, in its reach, beside both; at a link; at a feeder.
    public private(set) var ofPower: [Int] = []
    public private(set) var ofReach: [Int] = []
    public private(set) var ofSiteBeside: [Int] = []
    public private(set) var ofLink: [Int] = []
    public private(set) var ofFeeder: [Int] = []
    /// Conditions that name a story, by template: those at its own component as a set, and whether others do elsewhere.
    private var naming: [(here: ConditionSet, isElsewhere: Bool)] = []

    public init(_ library: TemplateLibrary) {
        for (index, template) in library.templates.enumerated() {
            let beside = template.root.thread != nil
            isBeside.append(beside)
            switch template.anchor {
            case .site where beside: ofSiteBeside.append(index)
            case .site where template.root.isPower: ofPower.append(index)
            case .site: ofReach.append(index)
            case .link: ofLink.append(index)
            case .feeder: ofFeeder.append(index)
            }
            let names = template.nodes.filter { $0.isTelling || $0.condition == template.root }
            let here = names.filter { $0.scope == .anchor || $0.scope == .anchorAndDependents }
            naming.append((ConditionSet(here.map(\.condition)), here.count < names.count))
            windows.append(Self.windows(of: template))
            guard beside else { continue }
            for (number, node) in template.nodes.enumerated() {
                places[node.condition, default: []].append(Place(template: index, node: number))
            }
        }
    }

    /// Whether one of the conditions of a component may name a story that starts there. `nil`: only other components can tell.
    public func isNamed(_ template: Int, by conditions: ConditionSet) -> Bool? {
        if naming[template].here.intersects(conditions) { return true }
        return naming[template].isElsewhere ? nil : false
    }

    public func places(of condition: Condition) -> [Place] { places[condition] ?? [] }

    /// Whether one node of a story may come this long after another of it.
    /// - Parameter tolerance: seconds by which clocks may differ.
    public func fits(_ template: Int, _ node: Int, after other: Int, by seconds: Double, tolerance: Double) -> Bool {
        let (late, early) = (windows[template][node], windows[template][other])
        return seconds >= late.low - early.high - tolerance && seconds <= late.high - early.low + tolerance
    }

    private static func windows(of template: CausalTemplate) -> [(low: Double, high: Double)] {
        var found: [(low: Double, high: Double)] = []
        for node in template.nodes {
            let start = node.after.map { found[$0] } ?? (low: 0, high: 0)
            let (low, high): (Double, Double) =
                switch node.lag {
                case .uniform(let low, let high): (low, high)
                case .logNormal(_, let p90): (0, 1.5 * p90)
                }
            found.append(node.isPrecursor ? (start.low - high, start.high) : (start.low + low, start.high + high))
        }
        return found
    }
}
