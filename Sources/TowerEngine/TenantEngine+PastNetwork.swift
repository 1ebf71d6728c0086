import TowerCausality
import TowerModel

// What happened is explained over the network of its time. The engine reasons over one network; where that has changed since,
// the one of then takes its place for as long as the question lasts. Without a change nothing is copied or looked up.
extension TenantEngine {
    /// Does something with the network as it was. Sites and links have the same numbers in both; nothing may be added meanwhile.
    ///
    /// - Parameter homes: sites that hang where they hung at another instant.
    mutating func inNetwork(asOf at: Timestamp, homes: [String: Timestamp] = [:], _ body: (inout TenantEngine) -> Void) {
        guard at < topology.history.lastChange || !homes.isEmpty else { return body(&self) }
        var past = pastNetwork(at, homes: homes)
        swap(&topology, &past.topology)
        swap(&reach, &past.reach)
        body(&self)
        swap(&topology, &past.topology)
        swap(&reach, &past.reach)
        guard homes.isEmpty else { return }
        if pastNetworks.count >= PastNetwork.maximum { pastNetworks.removeFirst() }
        pastNetworks.append(past)
    }

    private mutating func pastNetwork(_ at: Timestamp, homes: [String: Timestamp]) -> PastNetwork {
        if homes.isEmpty, let known = pastNetworks.firstIndex(where: { $0.from <= at && at < $0.to && $0.topology.siteCount == topology.siteCount
            && $0.topology.links.count == topology.links.count })
        {
            return pastNetworks.remove(at: known)
        }
        let span = topology.history.span(around: at)
        return PastNetwork(from: span.from, to: span.to, topology: topology.asOf(at, homes: homes))
    }

    /// The instant whose network explains a case: its newest fact's. A site that has moved since its own first fact hangs where it
    /// hung then.
    func networkTime(of entry: Case) -> (at: Timestamp, homes: [String: Timestamp]) {
        var newest = entry.onset
        var first: [Int32: Timestamp] = [:]
        for number in entry.facts {
            guard let fact = facts.facts[Int(number)], fact.caseNumber == entry.number, !fact.condition.isHealthy else { continue }
            newest = max(newest, fact.onset)
            guard fact.component.kind == .site else { continue }
            first[fact.component.number] = min(first[fact.component.number] ?? .distantFuture, fact.onset)
        }
        var homes: [String: Timestamp] = [:]
        for (site, onset) in first where onset < newest {
            let name = topology.name(site)
            if topology.history.changed(name, after: onset, to: newest) { homes[name] = onset }
        }
        return (newest, homes)
    }
}
