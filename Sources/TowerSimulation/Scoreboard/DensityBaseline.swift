import TowerModel

/// DBSCAN (Ester et al. 1996) over graph × time: two raised alarms are neighbours when (Δt / 15 min)² + (hops / 3)² ≤ 1, two
/// make a core, and a cluster's earliest alarm is its root. Sites of one feeder lie two hops apart at most.
public struct DensityBaseline: Sendable {
    private static let seconds = 900.0
    private static let hops = 3
    private let topology: WindowBaseline.Topology

    public init(topology: WindowBaseline.Topology) { self.topology = topology }

    /// One final revision for each cluster; what belongs to none stands alone.
    public func incidents(_ events: [ScoredEvent]) -> [ScoredRevision] {
        let points = events.filter(\.isRaise).sorted { ($0.timestamp, $0.eventID) < ($1.timestamp, $1.eventID) }
        var distances: [String: [String: Int]] = [:]
        // With two points a core, clusters are the connected pieces of the neighbour graph: a union-find over pairs in reach.
        var parent = Array(points.indices)
        func root(_ index: Int) -> Int {
            var index = index
            while parent[index] != index {
                parent[index] = parent[parent[index]]
                index = parent[index]
            }
            return index
        }
        var begin = 0
        for index in points.indices {
            let point = points[index]
            while point.timestamp.seconds(since: points[begin].timestamp) > Self.seconds { begin += 1 }
            let near = distances[point.siteID] ?? topology.distances(from: point.siteID, most: Self.hops)
            distances[point.siteID] = near
            for other in begin..<index {
                guard let hops = near[points[other].siteID], root(other) != root(index) else { continue }
                let time = point.timestamp.seconds(since: points[other].timestamp) / Self.seconds
                let space = Double(hops) / Double(Self.hops)
                if time * time + space * space <= 1 { parent[max(root(other), root(index))] = min(root(other), root(index)) }
            }
        }
        var members: [Int: [EventID]] = [:]
        for index in points.indices { members[root(index), default: []].append(points[index].eventID) }
        return members.keys.sorted().map { first in
            .baseline("density", first: points[first], root: points[first], events: members[first] ?? [])
        }
    }
}
