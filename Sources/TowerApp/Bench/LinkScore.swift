import TowerEngine
import TowerModel

/// Proposals of one kind against the links that were left out.
struct LinkScore: Sendable {
    enum Kind: String, CaseIterable {
        case feeder, upstream
        var link: LinkProposal.Kind { self == .feeder ? .feeder : .upstream }
    }

    /// A link that is there in truth.
    struct Link: Hashable, Sendable {
        var kind: LinkProposal.Kind
        var site: String
        var other: String
    }

    let kind: Kind
    var hidden = 0
    /// Ever proposed.
    private var seen: Set<Link> = []
    /// Days from the beginning until a right one was first proposed.
    private var rightDays: [Double] = []
    private(set) var proposed = 0

    init(_ kind: Kind) { self.kind = kind }

    var right: Int { rightDays.count }
    var recall: Double? { hidden > 0 ? Double(right) / Double(hidden) : nil }
    var precision: Double? { proposed > 0 ? Double(right) / Double(proposed) : nil }
    var medianDays: Double? { rightDays.isEmpty ? nil : rightDays.sorted()[rightDays.count / 2] }
    var words: String { "\(kind.rawValue) \(hidden) left out, \(proposed) proposed, \(right) right" }

    /// Everything that was ever proposed counts: a person may have confirmed it by the next day.
    mutating func take(_ list: ProposedLinks, truth: Set<Link>, from: Timestamp) {
        for link in list.links where link.kind == kind.link {
            let pair = Link(kind: link.kind, site: link.site, other: link.other)
            guard seen.insert(pair).inserted else { continue }
            proposed += 1
            if truth.contains(pair) { rightDays.append(list.at.seconds(since: from) / 86_400) }
        }
    }

    mutating func add(_ other: LinkScore) {
        hidden += other.hidden
        proposed += other.proposed
        rightDays += other.rightDays
    }
}
