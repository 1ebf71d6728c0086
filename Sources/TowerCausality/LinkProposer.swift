import Glibc
public import TowerModel

/// Proposes links from falls that coincide again and again.
///
/// For a site without a declared feeder, or without a way to the core, and a candidate, the question is how many of the
/// candidate's separate falls the site shared within a window, against how many it would share by chance: it falls at a rate of
/// its own, so a window catches one with p = 1 - exp(-rate x window), and the number caught is binomial. The tail probability,
/// times the candidates looked at (Bonferroni), must be small; the share must be large; and there must be at least three
/// episodes. Ties are broken by what the declared network says.
/// - Bound: `maximumProposals`; in an episode with more than `maximumCrowd` sites of one kind nothing can be told apart and it
///   counts for declared feeders only.
public enum LinkProposer {
    public static let maximumProposals = 200
    public static let maximumEpisodes = 12
    static let minimumEpisodes = 3
    static let maximumCrowd = 256
    /// Seconds between falls of one cause.
    static let gridWindow = 180.0
    static let reachWindow = 300.0
    /// Share of the candidate's falls that the site must have shared.
    static let leastShare = 0.7
    /// Share of the site's own falls that a candidate must explain. Where the grid is weak most outages are a site's own; that few falls
    /// are no chance is what the tail says.
    static let leastOwnShare = 0.1
    static let mostLogChance = -9.0
    /// Share of falls that are not heard of, as fleets are said to lose alarms: what one fall that was not shared speaks against.
    static let unheard = 0.1

    /// - Parameter isRejected: pairs that are not to be proposed; the next best one may be.
    public static func propose(
        _ falls: FallBook, _ topology: Topology, except isRejected: (LinkProposal.Kind, String, String) -> Bool = { _, _, _ in false }
    ) -> [LinkProposal] {
        let found = feeders(falls, topology, isRejected) + upstreams(falls, topology, isRejected)
        return Array(
            found.sorted { ($0.logChance, $0.site, $0.other) < ($1.logChance, $1.site, $1.other) }.prefix(maximumProposals))
    }

    // MARK: Feeders

    private static func feeders(
        _ falls: FallBook, _ topology: Topology, _ isRejected: (LinkProposal.Kind, String, String) -> Bool
    ) -> [LinkProposal] {
        let open = falls.sites(.grid, atLeast: minimumEpisodes).filter { Int($0) < topology.siteCount && topology.feeder(of: $0) == nil }
        guard !open.isEmpty else { return [] }
        var episodes: [(name: String, times: [Timestamp])] = []
        for feeder in 0..<Int32(topology.feederNames.count) {
            let times = common(topology.members(ofFeeder: feeder).map { falls.falls(.grid, of: $0) })
            if times.count >= minimumEpisodes { episodes.append((topology.feederName(feeder), times)) }
        }
        var found: [LinkProposal] = []
        for site in open {
            let own = falls.falls(.grid, of: site)
            var best: (proposal: LinkProposal, isAlone: Bool)?
            for candidate in episodes where !isRejected(.feeder, topology.name(site), candidate.name) {
                guard
                    let proposal = compare(
                        .feeder, topology.name(site), own, candidate.name, candidate.times, window: gridWindow, grain: 0, falls, tests: episodes.count)
                else { continue }
                if let known = best, known.proposal.logChance <= proposal.logChance {
                    if known.proposal.logChance == proposal.logChance { best?.isAlone = false }
                } else {
                    best = (proposal, true)
                }
            }
            if let best, best.isAlone { found.append(best.proposal) }
        }
        return found
    }

    /// When a quarter of the members, and two at least, fell within the window.
    private static func common(_ members: [[Timestamp]]) -> [Timestamp] {
        let all = members.flatMap(\.self).sorted()
        let least = max(2, (members.filter { !$0.isEmpty }.count + 3) / 4)
        var times: [Timestamp] = []
        var start = 0
        while start < all.count {
            var end = start
            while end + 1 < all.count, all[end + 1].seconds(since: all[start]) <= gridWindow { end += 1 }
            if end - start + 1 >= least {
                times.append(all[(start + end) / 2])
                start = end + 1
            } else {
                start += 1
            }
        }
        return times
    }

    // MARK: Ways to the core

    /// Sites without a way to the core, hubs with all that hangs on them among these.
    private static func upstreams(
        _ falls: FallBook, _ topology: Topology, _ isRejected: (LinkProposal.Kind, String, String) -> Bool
    ) -> [LinkProposal] {
        let open = falls.sites(.reach, atLeast: minimumEpisodes).filter { Int($0) < topology.siteCount && topology.uplinks(of: $0).isEmpty }
        guard !open.isEmpty else { return [] }
        var events: [(at: Timestamp, site: Int32)] = []
        for site in falls.sites(.reach, atLeast: minimumEpisodes) { for at in falls.falls(.reach, of: site) { events.append((at, site)) } }
        events.sort { ($0.at, $0.site) < ($1.at, $1.site) }
        var found: [LinkProposal] = []
        for site in open {
            let own = falls.falls(.reach, of: site)
            let met = met(site, own, in: events)
            // Only what other sites are known to hang on can carry this one, too; and not what hangs on this one.
            let candidates = met.keys.filter { met[$0]! >= minimumEpisodes && !topology.downlinks(of: $0).isEmpty }.sorted {
                topology.name($0) < topology.name($1)
            }
            var best: (site: Int32, likelihood: Double, proposal: LinkProposal)?
            for candidate in candidates where !isRejected(.upstream, topology.name(site), topology.name(candidate)) {
                let theirs = falls.falls(.reach, of: candidate)
                guard isAbove(candidate, site, topology, own: own, theirs: theirs),
                    let proposal = compare(
                        .upstream, topology.name(site), own, topology.name(candidate), theirs, window: reachWindow,
                        grain: max(falls.grain(.reach, of: site), falls.grain(.reach, of: candidate)), falls, tests: max(1, met.count))
                else { continue }
                let likelihood = logLikelihood(own, theirs, falls)
                if let known = best {
                    // Of two that explain as much the upper one: it carries the site whichever of the two it is.
                    let isOver = topology.path(of: known.site).contains(.site(candidate))
                    guard likelihood > known.likelihood || likelihood == known.likelihood && isOver else { continue }
                }
                best = (candidate, likelihood, proposal)
            }
            if let best { found.append(best.proposal) }
        }
        return found
    }

    /// In how many of a site's falls each other site fell, too.
    private static func met(_ site: Int32, _ own: [Timestamp], in events: [(at: Timestamp, site: Int32)]) -> [Int32: Int] {
        var met: [Int32: Int] = [:]
        for at in own {
            let first = lowerBound(events, at.adding(seconds: -reachWindow))
            var last = first
            while last < events.count, events[last].at.seconds(since: at) <= reachWindow { last += 1 }
            guard last - first <= maximumCrowd else { continue }
            for other in Set(events[first..<last].map(\.site)) where other != site { met[other, default: 0] += 1 }
        }
        return met
    }

    /// Whether the candidate may be the one nearer to the core.
    ///
    /// A site that nothing hangs on carries nobody. Of two hubs, what hangs on the site is below it; a candidate whose way to the core is
    /// declared is above, as the site would else be on that way. Where both ends are open only falls of one without the other tell:
    /// the lower one also falls alone. Seldom by chance (5 %) if it were the other way round.
    private static func isAbove(_ candidate: Int32, _ site: Int32, _ topology: Topology, own: [Timestamp], theirs: [Timestamp]) -> Bool {
        guard !topology.downlinks(of: site).isEmpty else { return true }
        guard !topology.path(of: candidate).contains(.site(site)) else { return false }
        guard topology.uplinks(of: candidate).isEmpty else { return true }
        let alone = own.count - shared(own, with: theirs, within: reachWindow).count
        let without = theirs.count - shared(theirs, with: own, within: reachWindow).count
        return logTail(alone, of: alone + without, 0.5) <= log(0.05)
    }

    /// How well a site's falls fit hanging on another: it shares each of that one's falls unless its own word is lost, and falls
    /// besides at a rate of its own. Against hanging on nothing, so that candidates compare.
    private static func logLikelihood(_ own: [Timestamp], _ theirs: [Timestamp], _ falls: FallBook) -> Double {
        let both = Double(shared(theirs, with: own, within: reachWindow).count)
        let chance = min(0.5, chance(of: own, window: reachWindow, falls))
        return both * log((1 - unheard) / chance) + (Double(theirs.count) - both) * log(unheard / (1 - chance))
    }

    private static func lowerBound(_ events: [(at: Timestamp, site: Int32)], _ at: Timestamp) -> Int {
        var (low, high) = (0, events.count)
        while low < high {
            let middle = (low + high) / 2
            if events[middle].at < at { low = middle + 1 } else { high = middle }
        }
        return low
    }

    // MARK: Chance

    private static func compare(
        _ kind: LinkProposal.Kind, _ site: String, _ own: [Timestamp], _ other: String, _ theirs: [Timestamp], window: Double,
        grain: Double, _ falls: FallBook, tests: Int
    ) -> LinkProposal? {
        let shared = shared(theirs, with: own, within: window)
        guard shared.count >= minimumEpisodes, Double(shared.count) >= leastShare * Double(theirs.count),
            Double(shared.count) >= leastOwnShare * Double(own.count)
        else { return nil }
        let tail = logTail(shared.count, of: theirs.count, chance(of: own, window: max(window, grain), falls)) + log(Double(max(1, tests)))
        guard tail <= mostLogChance else { return nil }
        return LinkProposal(
            kind: kind, site: site, other: other, episodes: Array(shared.suffix(maximumEpisodes)), since: shared[0],
            together: shared.count, ofOther: theirs.count, ofSite: own.count, logChance: tail, confidence: Double(shared.count + 1) / Double(theirs.count + 2))
    }

    /// Falls of one within a window of any of another's.
    private static func shared(_ falls: [Timestamp], with others: [Timestamp], within window: Double) -> [Timestamp] {
        falls.filter { at in others.contains { abs($0.seconds(since: at)) <= window } }
    }

    /// Probability that one of a site's falls lies by chance within the window of an instant.
    private static func chance(of own: [Timestamp], window: Double, _ falls: FallBook) -> Double {
        // Where old falls were dropped, their time tells nothing of the rate.
        let from = own.count < FallBook.maximumFalls ? falls.from : own[0]
        let span = max(falls.to.seconds(since: from), 86_400)
        return 1 - exp(-Double(own.count) / span * 2 * window)
    }

    /// Logarithm of the probability of at least `count` of `of` at probability `p` each.
    static func logTail(_ count: Int, of total: Int, _ p: Double) -> Double {
        guard count > 0 else { return 0 }
        guard p > 0 else { return -.infinity }
        guard p < 1 else { return 0 }
        var terms: [Double] = []
        for k in count...max(count, total) {
            let choose = lgamma(Double(total) + 1) - lgamma(Double(k) + 1) - lgamma(Double(total - k) + 1)
            terms.append(choose + Double(k) * log(p) + Double(total - k) * log1p(-p))
        }
        let most = terms.max() ?? 0
        return most + log(terms.reduce(0) { $0 + exp($1 - most) })
    }
}
