public import TowerModel

extension Topology {
    /// Takes in what an event says of a site. Answers whether the network is another at any time.
    @discardableResult
    public mutating func take(_ version: SiteVersion) -> Bool {
        let name = version.site.siteID.rawValue
        let number = site(name)
        let wasRetired = history.isRetired(name, at: .distantFuture)
        guard history.insert(version) else { return false }
        self.version += 1
        if let newest = history.site(name, at: .distantFuture), !newest.isRemoved { sites[Int(number)] = newest.site }
        setFeeder(of: number)
        if history.isRetired(name, at: .distantFuture) != wasRetired {
            for pair in history.pairs(of: name) { setLink(pair, at: .distantFuture, from: history) }
        }
        return true
    }

    /// Takes in what an event says of a link. Answers whether the network is another at any time.
    @discardableResult
    public mutating func take(_ version: LinkVersion) -> Bool {
        guard history.insert(version) else { return false }
        self.version += 1
        if version.link.kind == .feeder || version.isOfAnyKind {
            for end in [version.link.a, version.link.b] { if let number = find(end) { setFeeder(of: number) } }
            if version.link.kind == .feeder, !version.isRemoved {
                // Written either way round: the end that is no site is the feeder.
                let (site, feeder) = find(version.link.a) != nil ? (version.link.a, version.link.b) : (version.link.b, version.link.a)
                if history.feeder(of: site, at: .distantFuture)?.name == nil { attach(self.site(site), to: feeder) }
                setFeeder(of: self.site(site))
            }
        }
        guard version.link.kind != .feeder else { return true }
        // What is over by now needs a number, too: the past speaks of it.
        if !version.isRemoved, linkNumber[ManagedObject.link(version.link.a, version.link.b)] == nil { set(version.link) }
        setLink(version.link.pair, at: .distantFuture, from: history)
        return true
    }

    /// Whether inventory says that the site is no more.
    public func isRetired(_ site: Int32) -> Bool { history.isRetired(name(site), at: .distantFuture) }

    /// The network as it was. Numbers are those of this one; it has no history of its own.
    ///
    /// - Parameter homes: sites whose own way to the core and feeder are asked as of another instant.
    /// - Cost: all links; for questions about the past only.
    public func asOf(_ at: Timestamp, homes: [String: Timestamp] = [:]) -> Topology {
        var past = self
        past.history = NetworkHistory()
        var live: [LinkPair: [TopologyLink]] = [:]
        for link in history.links(at: at, homes: homes) where link.kind != .feeder { live[link.pair, default: []].append(link) }
        for site in past.linksOfSite.indices { past.linksOfSite[site] = [] }
        for number in past.links.indices {
            let pair = LinkPair(name(links[number].a), name(links[number].b))
            if history.knows(pair) {
                guard let link = Self.carrier(live[pair] ?? []) else {
                    past.links[number].parent = nil
                    continue
                }
                past.links[number] = entry(link)
            }
            past.touch(Int32(number))
        }
        for number in past.sites.indices {
            let name = self.name(Int32(number))
            guard history.knows(site: name) || !history.pairs(of: name).isEmpty else { continue }
            past.setFeeder(of: Int32(number), to: history.feeder(of: name, at: homes[name] ?? at)?.name, isDeclared: history.namesFeeder(of: name))
        }
        return past
    }

    // MARK: Writing

    /// Of several links between two ends the newest speaks for them.
    private static func carrier(_ links: [TopologyLink]) -> TopologyLink? {
        links.filter { $0.kind != .feeder }.max { ($0.validFrom ?? .distantPast, $0.kind.rawValue) < ($1.validFrom ?? .distantPast, $1.kind.rawValue) }
    }

    private func entry(_ link: TopologyLink) -> Link {
        Link(
            a: find(link.a) ?? -1, b: find(link.b) ?? -1, kind: link.kind, parent: link.parent.flatMap { find($0) },
            name: ManagedObject.link(link.a, link.b), frequencyGHz: link.frequencyGHz, lengthKilometres: link.lengthKilometres)
    }

    private mutating func setLink(_ pair: LinkPair, at: Timestamp, from history: NetworkHistory) {
        let isRetired = history.isRetired(pair.low, at: at) || history.isRetired(pair.high, at: at)
        if !isRetired, let link = Self.carrier(history.live(pair, at: at)) {
            set(link)
        } else if let number = linkNumber[ManagedObject.link(pair.low, pair.high)] {
            // Its number stays: facts may still speak of it.
            links[Int(number)].parent = nil
            for end in [links[Int(number)].a, links[Int(number)].b] { linksOfSite[Int(end)].removeAll { $0 == number } }
            reachVersion += 1
        }
    }

    /// Makes a link as it is said to be now.
    mutating func set(_ link: TopologyLink) {
        for end in [link.a, link.b] { _ = site(end) }
        if let parent = link.parent { _ = site(parent) }
        let entry = entry(link)
        // What leads nowhere nearer to the core carries nobody.
        if entry.parent != nil || entry.kind == .ring || entry.kind == .fibre || linkNumber[entry.name] != nil { reachVersion += 1 }
        if let number = linkNumber[entry.name] {
            links[Int(number)] = entry
            touch(number)
        } else {
            let number = Int32(links.count)
            linkNumber[entry.name] = number
            links.append(entry)
            touch(number)
        }
        self.version += 1
    }

    /// Lists a link at its ends, in the order of numbers.
    private mutating func touch(_ number: Int32) {
        let ends = links[Int(number)].a == links[Int(number)].b ? [links[Int(number)].a] : [links[Int(number)].a, links[Int(number)].b]
        for end in ends {
            let place = linksOfSite[Int(end)].lastIndex { $0 <= number }
            if let place, linksOfSite[Int(end)][place] == number { continue }
            linksOfSite[Int(end)].insert(number, at: place.map { $0 + 1 } ?? 0)
        }
    }

    private mutating func setFeeder(of site: Int32) {
        let name = name(site)
        setFeeder(of: site, to: history.feeder(of: name, at: .distantFuture)?.name, isDeclared: history.namesFeeder(of: name))
    }

    /// A feeder that only an outage named stays until inventory names one.
    private mutating func setFeeder(of site: Int32, to feeder: String?, isDeclared: Bool) {
        if let feeder {
            attach(site, to: feeder)
        } else if isDeclared, let known = self.feeder(of: site) {
            sitesOfFeeder[Int(known)].removeAll { $0 == site }
            feederOfSite[Int(site)] = -1
            self.version += 1
        }
    }
}
