import TowerCausality
import TowerModel

// Links that nobody declared: from what falls together again and again, once a day of event time. A proposal explains nothing
// until a person has confirmed it, which makes it a link like any other.
extension TenantEngine {
    /// A fact has begun: maybe a fall.
    mutating func noteFall(_ condition: Condition, at component: Component, onset: Timestamp) {
        guard component.kind == .site else { return }
        let kind: FallBook.Kind
        var grain = 0.0
        switch condition {
        case .gridLost: kind = .grid
        case .cellDown, .backhaulLost, .siteDark, .dyingGasp, .rmsOffline: kind = .reach
        case .rmsSilent:
            // What is only not heard fell some time between two words.
            guard senses[Int(component.number)].hasRhythm else { return }
            kind = .reach
            grain = senses[Int(component.number)].usualGap
        default: return
        }
        guard proposals.falls.note(kind, site: component.number, at: onset, grain: grain), !proposals.isDue else { return }
        proposals.isDue = true
        // An hour after midnight UTC of the clock that everything else follows, so that late words of the day are in.
        let day = now.microseconds / 86_400_000_000 + 1
        timers.schedule(.propose, at: Timestamp(microseconds: day * 86_400_000_000 + 3_600_000_000))
    }

    mutating func proposeLinks(into output: inout EngineOutput) {
        proposals.isDue = false
        let found = estimatedLinks()
        func said(_ links: [LinkProposal]) -> [String] { links.map { "\(ProposalBook.key($0))|\($0.together)" }.sorted() }
        guard said(found) != said(proposals.told) else { return }
        proposals.told = found
        tellProposals("seen in outages", into: &output)
    }

    mutating func apply(_ verdict: LinkVerdict, into output: inout EngineOutput) {
        guard proposals.take(verdict) else { return }
        let said: String
        switch verdict.kind {
        case .confirm: said = "confirmed"
        case .reject: said = "rejected"
        case .undo:
            said = "taken back"
            // Whoever takes a rejection back wants to see the proposal again, not to wait for the night.
            proposals.told = estimatedLinks()
        }
        tellProposals("\(verdict.site) on \(verdict.other) \(said)", into: &output)
    }

    /// What the outages speak for now and nobody rejected.
    private func estimatedLinks() -> [LinkProposal] {
        LinkProposer.propose(proposals.falls, topology, except: proposals.isRejected)
    }

    /// An incident record was written: the list must not sink among them.
    mutating func keepProposalsNear(into output: inout EngineOutput) {
        proposals.recordsSince += 1
        guard proposals.recordsSince >= ProposalBook.recordsBetween, proposals.version > 0 else { return }
        tellProposals("still so", into: &output)
    }

    private mutating func tellProposals(_ reason: String, into output: inout EngineOutput) {
        proposals.version += 1
        proposals.recordsSince = 0
        output.proposals.append(
            ProposedLinks(tenantID: tenantID, version: proposals.version, at: now, reason: reason, links: proposals.told, judged: proposals.judged,
                rejections: proposals.rejectionCount))
    }
}
