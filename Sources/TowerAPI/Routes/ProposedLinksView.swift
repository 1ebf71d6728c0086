import TowerModel

/// The part of a list's record that the answer repeats.
struct ProposedLinksView: Codable, Sendable {
    struct Link: Codable, Sendable {
        var id: String
        var kind: String
        var site_id: String
        var other: String
        var together: Int
        var of_other: Int
        var of_site: Int
        var log10_chance: Double
        var confidence: Double
        /// Lists of older versions do not have it.
        var since: Timestamp?
        var episodes: [Timestamp]
    }

    /// The newest word on a link.
    struct Judged: Codable, Sendable {
        var id: String
        var kind: String
        var site_id: String
        var other: String
        var verdict: String
        var actor: String
        var at: Timestamp
        var reason: String
    }

    var version: Int
    var at: Timestamp?
    var reason: String
    var proposals: [Link]
    /// Newest first.
    var judged: [Judged]?
    var rejections: Int?
}
