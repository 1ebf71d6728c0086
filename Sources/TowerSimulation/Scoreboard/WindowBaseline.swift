import TowerModel

/// What a plain correlator does: alarms of connected sites within 15 minutes are one incident, its earliest alarm the root.
public struct WindowBaseline: Sendable {
    /// Which sites count as connected.
    public struct Topology: Sendable {
        private var neighbours: [String: Set<String>] = [:]
        private var feeder: [String: String] = [:]
        private var members: [String: Set<String>] = [:]

        public init() {}

        public mutating func connect(_ a: String, _ b: String) {
            neighbours[a, default: []].insert(b)
            neighbours[b, default: []].insert(a)
        }

        public mutating func place(_ site: String, onFeeder name: String) {
            feeder[site] = name
            members[name, default: []].insert(site)
        }

        /// Links to every site within `most` hops, itself included; sites of one feeder count as two hops apart.
        func distances(from site: String, most: Int) -> [String: Int] {
            var found = [site: 0]
            var ring = [site]
            for hops in stride(from: 1, through: most, by: 1) {
                var next: [String] = []
                for at in ring {
                    for other in (neighbours[at] ?? []).sorted() where found[other] == nil {
                        found[other] = hops
                        next.append(other)
                    }
                }
                ring = next
            }
            guard most >= 2, let name = feeder[site] else { return found }
            for other in members[name] ?? [] where (found[other] ?? .max) > 2 { found[other] = 2 }
            return found
        }

        func areConnected(_ a: String, _ b: String) -> Bool {
            if a == b || neighbours[a]?.contains(b) == true { return true }
            guard let name = feeder[a] else { return false }
            return name == feeder[b]
        }
    }

    public static let windowSeconds = 900.0
    private let topology: Topology

    public init(topology: Topology) { self.topology = topology }

    private struct Group {
        var first: ScoredEvent
        var events: [EventID]
        var lastBySite: [String: Timestamp]
        var last: Timestamp
    }

    /// One final revision for each group.
    public func incidents(_ events: [ScoredEvent]) -> [ScoredRevision] {
        let ordered = events.sorted { ($0.timestamp, $0.eventID) < ($1.timestamp, $1.eventID) }
        var groups: [Group] = []
        var open: [Int] = []
        var home: [String: Int] = [:]
        for event in ordered {
            let key = "\(event.siteID) \(event.managedObject) \(event.eventType)"
            guard event.isRaise else {
                // A change or clear goes where its raise went.
                if let group = home[key] { groups[group].events.append(event.eventID) }
                continue
            }
            open.removeAll { event.timestamp.seconds(since: groups[$0].last) > Self.windowSeconds }
            let group = open.first { isNear(event, groups[$0]) }
            let index: Int
            if let group {
                index = group
                groups[group].events.append(event.eventID)
                groups[group].lastBySite[event.siteID] = event.timestamp
                groups[group].last = event.timestamp
            } else {
                index = groups.count
                open.append(index)
                groups.append(
                    Group(
                        first: event, events: [event.eventID], lastBySite: [event.siteID: event.timestamp], last: event.timestamp)
                )
            }
            home[key] = index
        }
        return groups.map(revision)
    }

    private func isNear(_ event: ScoredEvent, _ group: Group) -> Bool {
        group.lastBySite.contains { site, last in
            event.timestamp.seconds(since: last) <= Self.windowSeconds && topology.areConnected(site, event.siteID)
        }
    }

    private func revision(_ group: Group) -> ScoredRevision {
        .baseline("window", first: group.first, root: group.first, events: group.events)
    }
}
