import TowerModel

/// Who depends on whom for transport: flat arrays over the fleet's links.
struct Topology: Sendable {
    /// Link to the parent; -1 for the ends of the core and isolated sites.
    let uplink: [Int32]
    /// Links of a site, as a range of `incident`.
    private let starts: [Int32]
    private let incident: [Int32]
    /// Connected piece of each site, and the sites of each piece.
    let piece: [Int32]
    let members: [[Int32]]

    init(_ fleet: Fleet) {
        let count = fleet.sites.count
        var uplink = [Int32](repeating: -1, count: count)
        var degree = [Int32](repeating: 0, count: count + 1)
        for (index, link) in fleet.links.enumerated() {
            if link.kind != .ring, uplink[link.child] < 0 { uplink[link.child] = Int32(index) }
            degree[link.child] += 1
            degree[link.parent] += 1
        }
        var starts = [Int32](repeating: 0, count: count + 1)
        for site in 0..<count { starts[site + 1] = starts[site] + degree[site] }
        var next = starts
        var incident = [Int32](repeating: 0, count: 2 * fleet.links.count)
        for (index, link) in fleet.links.enumerated() {
            for end in [link.child, link.parent] {
                incident[Int(next[end])] = Int32(index)
                next[end] += 1
            }
        }
        var piece = [Int32](repeating: -1, count: count)
        var members: [[Int32]] = []
        for site in 0..<count where piece[site] < 0 {
            var found: [Int32] = [Int32(site)]
            piece[site] = Int32(members.count)
            var position = 0
            while position < found.count {
                let at = Int(found[position])
                position += 1
                for slot in starts[at]..<starts[at + 1] {
                    let link = fleet.links[Int(incident[Int(slot)])]
                    let other = link.child == at ? link.parent : link.child
                    if piece[other] < 0 {
                        piece[other] = Int32(members.count)
                        found.append(Int32(other))
                    }
                }
            }
            members.append(found.sorted())
        }
        self.uplink = uplink
        self.starts = starts
        self.incident = incident
        self.piece = piece
        self.members = members
    }

    func links(of site: Int) -> ArraySlice<Int32> { incident[Int(starts[site])..<Int(starts[site + 1])] }

    /// Sites that lose the core when `site` does, itself included, rings not considered; sorted.
    func subtree(_ site: Int, _ fleet: Fleet) -> [Int] {
        var found = [site]
        var position = 0
        while position < found.count {
            let at = found[position]
            position += 1
            for link in links(of: at) where fleet.links[Int(link)].parent == at && uplink[fleet.links[Int(link)].child] == link {
                found.append(fleet.links[Int(link)].child)
            }
        }
        return found.sorted()
    }
}
