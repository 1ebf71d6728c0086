import TowerModel

extension Topology {
    /// Links that lead from a site one step nearer to the core. More than one is a ring or a second feed.
    public func uplinks(of site: Int32) -> [Int32] {
        linksOfSite[Int(site)].filter { number in
            let link = links[Int(number)]
            return link.parent.map { $0 != site } ?? false
        }
    }

    /// Links that lead away from the core.
    public func downlinks(of site: Int32) -> [Int32] {
        linksOfSite[Int(site)].filter { links[Int($0)].parent == site }
    }

    /// Whether the site has any way to the core by what the inventory says.
    private func isAnchored(_ site: Int32) -> Bool { uplinks(of: site).isEmpty }

    /// Sites that reach the core only through this one, itself not included, sorted by name.
    public func dependents(of site: Int32) -> [Int32] { lost(withoutSite: site, withoutLink: -1) }

    /// Sites that reach the core only over this link, sorted by name.
    public func dependents(ofLink link: Int32) -> [Int32] { lost(withoutSite: -1, withoutLink: link) }

    /// Everything below the failed part that no other way feeds.
    ///
    /// A site without any uplink is fed from outside the map and never lost by another's fall. Rings close both
    /// ways: fibre carries traffic in either direction, whatever end is called its parent.
    private func lost(withoutSite failedSite: Int32, withoutLink failedLink: Int32) -> [Int32] {
        var below: [Int32] = []
        var seen = Set<Int32>()
        func descend(_ link: Int32, from site: Int32) {
            let next = links[Int(link)].other(site)
            guard next != failedSite, seen.insert(next).inserted, below.count < Self.maximumDependents else { return }
            below.append(next)
        }
        if failedSite >= 0 {
            for link in linksOfSite[Int(failedSite)] where carriesAway(link, from: failedSite) { descend(link, from: failedSite) }
        } else if let parent = links[Int(failedLink)].parent {
            descend(failedLink, from: parent)
        }
        var index = 0
        while index < below.count {
            let site = below[index]
            index += 1
            for link in linksOfSite[Int(site)] where link != failedLink && carriesAway(link, from: site) {
                descend(link, from: site)
            }
        }
        // Give back what another way still feeds, until nothing changes.
        var lost = seen
        var changed = true
        while changed {
            changed = false
            for site in below where lost.contains(site) {
                let fed =
                    isAnchored(site)
                    || linksOfSite[Int(site)].contains { number in
                        guard number != failedLink else { return false }
                        let link = links[Int(number)]
                        let other = link.other(site)
                        guard other != failedSite, !lost.contains(other) else { return false }
                        // Fibre carries both ways once a ring is closed; a radio hop only serves the end below it.
                        return link.kind == .ring || link.kind == .fibre || link.parent == other
                    }
                if fed {
                    lost.remove(site)
                    changed = true
                }
            }
        }
        return below.filter { lost.contains($0) }.sorted { name($0) < name($1) }
    }

    private func carriesAway(_ number: Int32, from site: Int32) -> Bool {
        let link = links[Int(number)]
        return link.parent == site || (link.kind == .ring && link.parent != nil)
    }

    /// Links and sites on the way to the core, nearest first: `[uplink, parent, its uplink, …]`. Of several ways the
    /// first by the other end's name is taken.
    public func path(of site: Int32) -> [Component] {
        var path: [Component] = []
        var at = site
        var seen: Set<Int32> = [site]
        while path.count < 2 * Self.maximumDepth {
            let ways = uplinks(of: at).sorted { name(links[Int($0)].other(at)) < name(links[Int($1)].other(at)) }
            guard let link = ways.first else { break }
            let parent = links[Int(link)].other(at)
            guard seen.insert(parent).inserted else { break }
            path.append(.link(link))
            path.append(.site(parent))
            at = parent
        }
        return path
    }

    /// Distance in kilometres between two sites; `nil` without coordinates. Good to a per cent over a few hundred.
    public func distance(_ a: Int32, _ b: Int32) -> Double? {
        guard let left = sites[Int(a)], let right = sites[Int(b)], let lat1 = left.latitude, let lon1 = left.longitude,
            let lat2 = right.latitude, let lon2 = right.longitude
        else { return nil }
        let middle = (lat1 + lat2) / 2 * .pi / 180
        // Cosine by its series is good to four digits at tower latitudes.
        let cosine = 1 - middle * middle / 2 + middle * middle * middle * middle / 24
        let dy = (lat2 - lat1) * 111.2
        let dx = (lon2 - lon1) * 111.2 * cosine
        return (dx * dx + dy * dy).squareRoot()
    }
}
