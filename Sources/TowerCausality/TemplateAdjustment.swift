/// What was learned of one node of a story: another lag, another share of cases in which it happens.
///
/// Written in YAML as `{story: …, node: 3, is: dg.running, lag: 12 .. 90 s, happens: 0.9}`: nodes count from 0, a fragment's
/// behind the story's own.
public struct TemplateAdjustment: Sendable, Equatable {
    public var story: String
    public var node: Int
    /// Of that node, so that an adjustment of another edition of the story is noticed.
    public var condition: Condition
    public var lag: Lag?
    public var probability: Double?

    public init(story: String, node: Int, condition: Condition, lag: Lag? = nil, probability: Double? = nil) {
        self.story = story
        self.node = node
        self.condition = condition
        self.lag = lag
        self.probability = probability
    }
}

extension TemplateLibrary {
    /// The library with adjustments over it; those that fit no node of it change nothing.
    public func adjusted(by adjustments: [TemplateAdjustment], version: String) -> TemplateLibrary {
        var library = self
        library.version = version
        for adjustment in adjustments { _ = library.apply(adjustment) }
        return library
    }

    /// - Returns: whether there is such a node.
    mutating func apply(_ adjustment: TemplateAdjustment) -> Bool {
        guard let story = templates.firstIndex(where: { $0.name == adjustment.story }),
            templates[story].nodes.indices.contains(adjustment.node),
            templates[story].nodes[adjustment.node].condition == adjustment.condition
        else { return false }
        if let lag = adjustment.lag { templates[story].nodes[adjustment.node].lag = lag }
        if let probability = adjustment.probability { templates[story].nodes[adjustment.node].probability = probability }
        return true
    }
}

extension Lag: CustomStringConvertible {
    /// As stories write it, in seconds to the millisecond.
    public var description: String {
        func text(_ seconds: Double) -> String { "\((seconds * 1_000).rounded() / 1_000)" }
        return switch self {
        case .uniform(let low, let high): "\(text(low)) .. \(text(high)) s"
        case .logNormal(let median, let p90): "\(text(median)) ~ \(text(p90)) s"
        }
    }
}
