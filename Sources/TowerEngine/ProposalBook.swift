import TowerCausality
import TowerModel

/// What has been proposed, confirmed and rejected.
///
/// - Bound: `LinkProposal.maximumRejections`; a further one is refused, and none is forgotten. Who said what is kept of the newest
///   `maximumJudged`; the rest is in the log.
struct ProposalBook: Sendable {
    static let maximumJudged = 50
    /// Incident records after which the list is told again, so that it is always among the newest records of its topic.
    static let recordsBetween = 20_000

    var falls = FallBook()
    var told: [LinkProposal] = []
    var judged: [LinkVerdict] = []
    private var rejected: Set<String> = []
    var version = 0
    var isDue = false
    /// Incident records since the list was told.
    var recordsSince = 0

    static func key(_ kind: LinkProposal.Kind, _ site: String, _ other: String) -> String { "\(kind.rawValue)|\(site)|\(other)" }
    static func key(_ link: LinkProposal) -> String { key(link.kind, link.site, link.other) }
    static func key(_ verdict: LinkVerdict) -> String { key(verdict.link, verdict.site, verdict.other) }

    var rejectionCount: Int { rejected.count }

    func isRejected(_ kind: LinkProposal.Kind, _ site: String, _ other: String) -> Bool {
        !rejected.isEmpty && rejected.contains(Self.key(kind, site, other))
    }

    /// Takes a person's word. Answers whether it says anything new.
    mutating func take(_ verdict: LinkVerdict) -> Bool {
        let key = Self.key(verdict)
        let last = judged.first { Self.key($0) == key }
        let isTold = told.contains { Self.key($0) == key }
        switch verdict.kind {
        case .confirm:
            guard isTold || last?.kind != .confirm else { return false }
            rejected.remove(key)
        case .reject:
            guard isTold || !rejected.contains(key), rejected.count < LinkProposal.maximumRejections else { return false }
            rejected.insert(key)
        case .undo:
            guard rejected.remove(key) != nil || last != nil else { return false }
        }
        told.removeAll { Self.key($0) == key }
        judged.removeAll { Self.key($0) == key }
        guard verdict.kind != .undo else { return true }
        judged.insert(verdict, at: 0)
        if judged.count > Self.maximumJudged { judged.removeLast() }
        return true
    }

    // MARK: State

    func encode(into writer: inout StateWriter) {
        falls.encode(into: &writer)
        writer.write(count: told.count)
        for link in told {
            writer.write(link.kind.rawValue)
            writer.write(link.site)
            writer.write(link.other)
            writer.write(count: link.episodes.count)
            for episode in link.episodes { writer.write(episode) }
            writer.write(link.since)
            for number in [link.together, link.ofOther, link.ofSite] { writer.write(number) }
            writer.write(link.logChance)
            writer.write(link.confidence)
        }
        writer.write(count: judged.count)
        for verdict in judged {
            writer.write(verdict.link.rawValue)
            writer.write(verdict.site)
            writer.write(verdict.other)
            writer.write(verdict.kind.rawValue)
            writer.write(text: verdict.actor)
            writer.write(verdict.at)
            writer.write(text: verdict.reason)
        }
        writer.write(rejected.sorted())
        writer.write(version)
        writer.write(isDue)
        writer.write(recordsSince)
    }

    init() {}

    init(decoding reader: inout StateReader, tenantID: TenantID) throws(StateError) {
        falls = try FallBook(decoding: &reader)
        for _ in 0..<(try reader.count("proposals.told")) {
            let kind = try reader.named(LinkProposal.Kind.self, "proposal.kind")
            let site = try reader.name("proposal.site")
            let other = try reader.name("proposal.other")
            var episodes: [Timestamp] = []
            for _ in 0..<(try reader.count("proposal.episodes")) { episodes.append(try reader.timestamp("proposal.episode")) }
            let since = try reader.timestamp("proposal.since")
            let together = try reader.int("proposal.together")
            let ofOther = try reader.int("proposal.of_other")
            let ofSite = try reader.int("proposal.of_site")
            let logChance = try reader.double("proposal.chance")
            let confidence = try reader.double("proposal.confidence")
            told.append(
                LinkProposal(
                    kind: kind, site: site, other: other, episodes: episodes, since: since, together: together, ofOther: ofOther,
                    ofSite: ofSite, logChance: logChance, confidence: confidence))
        }
        for _ in 0..<(try reader.count("proposals.judged")) {
            let link = try reader.named(LinkProposal.Kind.self, "verdict.link")
            let site = try reader.name("verdict.site")
            let other = try reader.name("verdict.other")
            let kind = try reader.named(LinkVerdict.Kind.self, "verdict.kind")
            let actor = try reader.text("verdict.actor")
            let at = try reader.timestamp("verdict.at")
            let reason = try reader.text("verdict.reason")
            judged.append(
                LinkVerdict(tenantID: tenantID, link: link, site: site, other: other, kind: kind, actor: actor, at: at, reason: reason))
        }
        rejected = Set(try reader.names("proposals.rejected"))
        version = try reader.int("proposals.version")
        isDue = try reader.flag("proposals.is_due")
        recordsSince = try reader.int("proposals.records_since")
    }
}
