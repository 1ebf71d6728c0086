public import TowerCausality
public import TowerModel

/// An incident that is over, as far as it teaches a story: when which of its nodes came after the one before.
public struct StoryCase: Sendable, Equatable {
    /// Who says that the root is right.
    public enum Verdict: Sendable, Equatable {
        /// A person confirmed the first candidate.
        case confirmed
        /// A person named another: condition and site, empty above a single site; the object where one knows it.
        case corrected(condition: String, siteID: String, managedObject: String = "")
        /// A person said that it is wrong, and not what is right.
        case rejected
    }

    /// Number of the story in its library.
    public var story: Int
    /// What it counts: 1 for what a person judged, half its probability for what nobody did.
    public var weight: Double
    /// Node and seconds since the node before it.
    public var lags: [(node: Int, seconds: Double)]
    /// Nodes at the component itself that had their time: seen or not.
    public var outcomes: [(node: Int, isSeen: Bool)]

    public static func == (left: Self, right: Self) -> Bool {
        left.story == right.story && left.weight == right.weight && left.lags.elementsEqual(right.lags) { $0 == $1 }
            && left.outcomes.elementsEqual(right.outcomes) { $0 == $1 }
    }

    init(story: Int, weight: Double) {
        self.story = story
        self.weight = weight
        lags = []
        outcomes = []
    }

    /// Nobody has judged it: the engine must have been as sure as this.
    static let leastProbability = 0.8
    /// Clocks of two devices may differ by this, seconds.
    static let skew = 120.0

    /// - Returns: `nil` for what is not over, what was rejected, and what no story of the library tells.
    public init?(_ snapshot: IncidentSnapshot, verdict: Verdict?, library: TemplateLibrary) {
        guard snapshot.status == .resolved || snapshot.status == .autoClosed, let end = snapshot.resolvedAt else { return nil }
        let candidate: IncidentSnapshot.RootCauseCandidate?
        switch verdict {
        case .rejected: return nil
        case .confirmed: candidate = snapshot.rootCauseCandidates.first
        case .corrected(let condition, let site, let object):
            candidate =
                snapshot.rootCauseCandidates.first {
                    $0.condition == condition && (site.isEmpty || $0.siteID == site) && (object.isEmpty || $0.managedObject == object)
                } ?? Self.unthought(condition, site: site, object: object, in: library)
        case nil: candidate = snapshot.rootCauseCandidates.first.flatMap { $0.probability >= Self.leastProbability ? $0 : nil }
        }
        guard let candidate, let story = Self.story(of: candidate, in: library) else { return nil }
        let template = library.templates[story]
        self.story = story
        weight = verdict == nil ? 0.5 * candidate.probability : 1
        lags = []
        outcomes = []
        let told = snapshot.timeline.filter { $0.knowledge == .reported && $0.count == 1 }
        // Onset of each node at the component itself.
        var onsets: [Timestamp?] = []
        for (number, node) in template.nodes.enumerated() {
            let parent = node.after.flatMap { onsets[$0] }
            let earliest = (parent ?? snapshot.onsetAt).adding(seconds: -Self.skew)
            let signs = told.filter {
                $0.condition == node.condition.rawValue && (node.isPrecursor || $0.at >= earliest)
                    && Self.isPlaced($0, node.scope, candidate)
            }.map(\.at).sorted()
            onsets.append(node.scope == .anchor ? signs.first : nil)
            guard !node.isPrecursor else { continue }
            if let parent {
                for at in node.scope == .anchor ? signs.prefix(1) : signs.prefix(64) { lags.append((number, at.seconds(since: parent))) }
            }
            guard node.scope == .anchor, node.reported > 0, node.after == nil || parent != nil else { continue }
            let waited = end.seconds(since: parent ?? snapshot.onsetAt)
            if !signs.isEmpty || waited > node.lag.quantile(0.9) + Self.skew { outcomes.append((number, !signs.isEmpty)) }
        }
    }

    /// A cause that the engine did not think of. Where several stories begin with it nobody said which it was.
    private static func unthought(_ condition: String, site: String, object: String, in library: TemplateLibrary)
        -> IncidentSnapshot.RootCauseCandidate?
    {
        let stories = library.templates.filter { $0.root.rawValue == condition }
        guard stories.count == 1, !(site.isEmpty && object.isEmpty) else { return nil }
        return .init(siteID: site, managedObject: object, condition: condition, eventType: "", label: stories[0].label, probability: 1)
    }

    /// Two stories may have one root: the label tells which it was.
    private static func story(of candidate: IncidentSnapshot.RootCauseCandidate, in library: TemplateLibrary) -> Int? {
        library.templates.firstIndex {
            $0.root.rawValue == candidate.condition
                && ($0.label == candidate.label || candidate.label.hasPrefix($0.label + ": "))
        }
    }

    private static func isPlaced(
        _ node: IncidentSnapshot.TimelineNode, _ scope: CausalTemplate.Scope, _ candidate: IncidentSnapshot.RootCauseCandidate
    ) -> Bool {
        let isHere = candidate.siteID.isEmpty ? node.managedObject == candidate.managedObject : node.siteID == candidate.siteID
        switch scope {
        case .anchor: return isHere
        case .anchorAndDependents, .members: return !node.siteID.isEmpty
        case .dependents, .nearbySites, .ends: return !isHere && !node.siteID.isEmpty
        case .touchingLinks, .nearbyLinks: return node.siteID.isEmpty && !isHere
        }
    }
}
