/// What a person knows of an incident's root cause. The last word of anybody counts; what the engine says later changes none of it.
public struct CauseVerdict: Sendable, Codable, Hashable {
    public enum Word: String, Sendable, Codable, CaseIterable {
        /// The candidate was it.
        case confirmed
        /// The candidate was not it, and nobody knows yet what was.
        case rejected
        /// It was something else: `cause`.
        case corrected
    }

    /// A root cause by name: enough to find the engine's candidate of it, or a story that begins with it.
    public struct Cause: Sendable, Codable, Hashable {
        /// Empty for causes above a single site.
        public var siteID: String
        /// `grid`, `feeder:F-12`, `link:A/B`; empty where the site says enough.
        public var managedObject: String
        /// Node of the causal graph; empty when the stories know nothing like it.
        public var condition: String
        /// For people; without a condition all there is.
        public var label: String
        public init(siteID: String, managedObject: String = "", condition: String, label: String = "") {
            self.siteID = siteID
            self.managedObject = managedObject
            self.condition = condition
            self.label = label
        }
        enum CodingKeys: String, CodingKey {
            case siteID = "site_id"
            case managedObject = "managed_object"
            case condition, label
        }

        /// Whether the candidate is this cause; a name that leaves the object out is of any object at the site.
        public func names(_ candidate: IncidentSnapshot.RootCauseCandidate) -> Bool {
            !condition.isEmpty && candidate.condition == condition && candidate.siteID == siteID
                && (managedObject.isEmpty || candidate.managedObject == managedObject)
        }
    }

    public var word: Word
    /// What the engine held it for when the verdict was given; `nil` when it had no candidate.
    public var candidate: Cause?
    /// What it was: the candidate when confirmed, something else when corrected, `nil` when rejected.
    public var cause: Cause?
    public var reason: String
    public var actor: String
    public var at: Timestamp

    public init(word: Word, candidate: Cause?, cause: Cause?, reason: String, actor: String, at: Timestamp) {
        self.word = word
        self.candidate = candidate
        self.cause = cause
        self.reason = reason
        self.actor = actor
        self.at = at
    }

    enum CodingKeys: String, CodingKey {
        case word = "verdict"
        case candidate, cause, reason, actor, at
    }

    /// One line for a history.
    public var summary: String {
        let named = cause ?? candidate
        let label = named.map { $0.label.isEmpty ? $0.condition : $0.label } ?? ""
        // The engine's labels say the place after a colon.
        let site = label.contains(": ") ? "" : named?.siteID ?? ""
        let words = [label, site].filter { !$0.isEmpty }.joined(separator: ", ")
        return [word.rawValue, words, reason].filter { !$0.isEmpty }.joined(separator: ": ")
    }
}

extension CauseVerdict.Cause {
    public init(_ candidate: IncidentSnapshot.RootCauseCandidate) {
        self.init(
            siteID: candidate.siteID, managedObject: candidate.managedObject, condition: candidate.condition, label: candidate.label)
    }
}
