/// A link that nobody declared and that outages speak for.
public struct LinkProposal: Sendable, Hashable {
    public enum Kind: String, Sendable, Codable {
        /// `site` hangs on the power feeder `other`.
        case feeder
        /// `site` reaches the core through the site `other`.
        case upstream
    }
    /// Rejections that are kept; none is forgotten for another one.
    public static let maximumRejections = 10_000

    public var kind: Kind
    public var site: String
    public var other: String
    /// Episodes in which both fell, newest last; at most a dozen.
    public var episodes: [Timestamp]
    /// The first of all of them.
    public var since: Timestamp
    /// How often both fell together, of how many falls of the other, and how often the site fell at all.
    public var together: Int
    public var ofOther: Int
    public var ofSite: Int
    /// Natural logarithm of the probability that so many coincide by chance, times the pairs that were looked at.
    public var logChance: Double
    /// Share of the other's next falls that the site is expected to share, by what was seen.
    public var confidence: Double

    public init(
        kind: Kind, site: String, other: String, episodes: [Timestamp], since: Timestamp, together: Int, ofOther: Int, ofSite: Int,
        logChance: Double, confidence: Double
    ) {
        self.kind = kind
        self.site = site
        self.other = other
        self.episodes = episodes
        self.since = since
        self.together = together
        self.ofOther = ofOther
        self.ofSite = ofSite
        self.logChance = logChance
        self.confidence = confidence
    }
}
