import TowerCausality
public import TowerModel

/// The links that a tenant's outages speak for and nobody declared, as they are told: one version of the list, whole.
public struct ProposedLinks: Sendable, Hashable {
    public var tenantID: TenantID
    /// 1, 2, 3…: later versions replace earlier ones, which stay in the log.
    public var version: Int
    public var at: Timestamp
    /// Why there is a new version.
    public var reason: String
    /// Surest first.
    public var links: [LinkProposal]
}

/// What a person said of a proposed link.
public struct LinkVerdict: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// It is a link: an event declares it.
        case confirm
        /// It is none, and is not proposed again.
        case reject
    }
    public var tenantID: TenantID
    public var link: LinkProposal.Kind
    public var site: String
    public var other: String
    public var kind: Kind
    public init(tenantID: TenantID, link: LinkProposal.Kind, site: String, other: String, kind: Kind) {
        self.tenantID = tenantID
        self.link = link
        self.site = site
        self.other = other
        self.kind = kind
    }
}

/// What has been proposed and rejected.
struct ProposalBook: Sendable {
    static let maximumRejected = 10_000
    var falls = FallBook()
    var told: [LinkProposal] = []
    var rejected: Set<String> = []
    var version = 0
    var isDue = false

    static func key(_ kind: LinkProposal.Kind, _ site: String, _ other: String) -> String { "\(kind.rawValue)|\(site)|\(other)" }

    func encode(into writer: inout StateWriter) {
        falls.encode(into: &writer)
        writer.write(count: told.count)
        for link in told {
            writer.write(link.kind.rawValue)
            writer.write(link.site)
            writer.write(link.other)
            writer.write(count: link.episodes.count)
            for episode in link.episodes { writer.write(episode) }
            for number in [link.together, link.ofOther, link.ofSite] { writer.write(number) }
            writer.write(link.logChance)
            writer.write(link.confidence)
        }
        writer.write(rejected.sorted())
        writer.write(version)
        writer.write(isDue)
    }

    init() {}

    init(decoding reader: inout StateReader) throws(StateError) {
        falls = try FallBook(decoding: &reader)
        for _ in 0..<(try reader.count("proposals.told")) {
            let kind = try reader.named(LinkProposal.Kind.self, "proposal.kind")
            let site = try reader.name("proposal.site")
            let other = try reader.name("proposal.other")
            var episodes: [Timestamp] = []
            for _ in 0..<(try reader.count("proposal.episodes")) { episodes.append(try reader.timestamp("proposal.episode")) }
            let together = try reader.int("proposal.together")
            let ofOther = try reader.int("proposal.of_other")
            let ofSite = try reader.int("proposal.of_site")
            let logChance = try reader.double("proposal.chance")
            let confidence = try reader.double("proposal.confidence")
            told.append(
                LinkProposal(
                    kind: kind, site: site, other: other, episodes: episodes, together: together, ofOther: ofOther, ofSite: ofSite,
                    logChance: logChance, confidence: confidence))
        }
        rejected = Set(try reader.names("proposals.rejected"))
        version = try reader.int("proposals.version")
        isDue = try reader.flag("proposals.is_due")
    }
}
