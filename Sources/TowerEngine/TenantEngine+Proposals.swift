import TowerCausality
import TowerModel

// Links that nobody declared: from what falls together again and again, once a day of event time. A proposal explains nothing
// until a person has confirmed it, which makes it a link like any other.
extension TenantEngine {
    /// A fact has begun: maybe a fall.
    mutating func noteFall(_ condition: Condition, at component: Component, onset: Timestamp) {
        guard component.kind == .site else { return }
        let kind: FallBook.Kind
        switch condition {
        case .gridLost: kind = .grid
        case .cellDown, .backhaulLost, .siteDark, .dyingGasp, .rmsSilent, .rmsOffline: kind = .reach
        default: return
        }
        guard proposals.falls.note(kind, site: component.number, at: onset), !proposals.isDue else { return }
        proposals.isDue = true
        // An hour after midnight UTC of the clock that everything else follows, so that late words of the day are in.
        let day = now.microseconds / 86_400_000_000 + 1
        timers.schedule(.propose, at: Timestamp(microseconds: day * 86_400_000_000 + 3_600_000_000))
    }

    mutating func proposeLinks(into output: inout EngineOutput) {
        proposals.isDue = false
        let found = LinkProposer.propose(proposals.falls, topology).filter {
            !proposals.rejected.contains(ProposalBook.key($0.kind, $0.site, $0.other))
        }
        func said(_ links: [LinkProposal]) -> [String] { links.map { "\(ProposalBook.key($0.kind, $0.site, $0.other))|\($0.together)" }.sorted() }
        guard said(found) != said(proposals.told) else { return }
        proposals.told = found
        tellProposals("seen in outages", into: &output)
    }

    mutating func apply(_ verdict: LinkVerdict, into output: inout EngineOutput) {
        let key = ProposalBook.key(verdict.link, verdict.site, verdict.other)
        if verdict.kind == .reject, proposals.rejected.count < ProposalBook.maximumRejected { proposals.rejected.insert(key) }
        let before = proposals.told.count
        proposals.told.removeAll { ProposalBook.key($0.kind, $0.site, $0.other) == key }
        guard proposals.told.count != before else { return }
        tellProposals("\(verdict.site) on \(verdict.other) \(verdict.kind == .confirm ? "confirmed" : "rejected")", into: &output)
    }

    private mutating func tellProposals(_ reason: String, into output: inout EngineOutput) {
        proposals.version += 1
        output.proposals.append(
            ProposedLinks(tenantID: tenantID, version: proposals.version, at: now, reason: reason, links: proposals.told))
    }
}
