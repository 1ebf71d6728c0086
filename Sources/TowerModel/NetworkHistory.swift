/// The network of one tenant over time: every version of every link and site, and what held when.
///
/// A version holds from its instant until the next of the same link. The first ones of a site hold also before: whoever
/// writes down a network that is there already writes down when he writes, not when it was built. Links whose lower end was
/// described before (a rehome), and versions that say since when themselves, begin when they say.
///
/// - Order: the same versions in any order are the same history.
/// - Bound: `maximumVersions` of a pair or site; beyond, the oldest is forgotten. From `manyVersions` on, one that says the same
///   as those before and after it is left out, so that an inventory written again each night costs no more.
public struct NetworkHistory: Sendable {
    public static let maximumVersions = 64
    static let manyVersions = 8
    /// Pairs of ends remembered; further ones are not.
    public static let maximumPairs = 1 << 20
    /// First versions of a site's links this close together, seconds, are one writing down.
    static let importSpan = 900.0

    var pairs: [LinkPair: [LinkVersion]] = [:]
    var sites: [String: [SiteVersion]] = [:]
    var pairsOfEnd: [String: [LinkPair]] = [:]
    /// After this instant nothing has changed. Later than needed where a late version has undone a change.
    public private(set) var lastChange = Timestamp.distantPast

    public init() {}

    public var isEmpty: Bool { pairs.isEmpty && sites.isEmpty }

    // MARK: Writing

    /// Takes in a version. Answers whether the network is another at any time.
    @discardableResult
    public mutating func insert(_ version: LinkVersion) -> Bool {
        let pair = version.link.pair
        var versions = pairs[pair] ?? []
        guard !versions.isEmpty || pairs.count < Self.maximumPairs else { return false }
        if versions.isEmpty {
            Self.list(pair, in: &pairsOfEnd[pair.low, default: []])
            if pair.high != pair.low { Self.list(pair, in: &pairsOfEnd[pair.high, default: []]) }
        }
        guard Self.put(version, into: &versions) else { return false }
        pairs[pair] = versions
        note(pair, at: version.at)
        for child in Set(version.children) {
            for other in pairsOfEnd[child] ?? [] { if let first = pairs[other]?.first { note(other, at: first.at) } }
        }
        return true
    }

    /// Takes in a version. Answers whether the network is another at any time.
    @discardableResult
    public mutating func insert(_ version: SiteVersion) -> Bool {
        let name = version.site.siteID.rawValue
        let before = (isRetired(name, at: version.at.justBefore), feeder(of: name, at: version.at.justBefore)?.name)
        var versions = sites[name] ?? []
        guard Self.put(version, into: &versions) else { return false }
        sites[name] = versions
        if before != (isRetired(name, at: version.at), feeder(of: name, at: version.at)?.name), versions.count > 1 || version.isExact {
            lastChange = max(lastChange, version.at)
        }
        return true
    }

    /// Puts a version where its instant and id say; one with the same replaces. `false` when nothing is another.
    private static func put<Version: InventoryVersion>(_ version: Version, into versions: inout [Version]) -> Bool {
        var place = versions.count
        let key = (version.at, version.id)
        while place > 0, (versions[place - 1].at, versions[place - 1].id) >= key { place -= 1 }
        if place < versions.count, (versions[place].at, versions[place].id) == key {
            guard versions[place] != version else { return false }
            versions[place] = version
        } else {
            versions.insert(version, at: place)
        }
        if versions.count > manyVersions {
            for index in 1..<versions.count - 1 where versions[index].saysTheSame(as: versions[index - 1]) {
                guard versions[index].saysTheSame(as: versions[index + 1]) else { continue }
                versions.remove(at: index)
                break
            }
        }
        if versions.count > maximumVersions { versions.removeFirst(versions.count - maximumVersions) }
        return true
    }

    /// In the order of names, so that it does not matter which came first.
    private static func list(_ pair: LinkPair, in pairs: inout [LinkPair]) {
        var (low, high) = (0, pairs.count)
        while low < high {
            let middle = (low + high) / 2
            if pairs[middle] < pair { low = middle + 1 } else { high = middle }
        }
        pairs.insert(pair, at: low)
    }

    private mutating func note(_ pair: LinkPair, at: Timestamp) {
        guard at > lastChange else { return }
        let before = live(pair, at: at.justBefore).map(\.timeless)
        if before != live(pair, at: at).map(\.timeless) { lastChange = at }
    }

    // MARK: Reading

    /// Links of a pair that held at an instant, by kind; `validFrom` says since when.
    public func live(_ pair: LinkPair, at: Timestamp) -> [TopologyLink] {
        guard let versions = pairs[pair], let first = versions.first else { return [] }
        var instant = at
        if first.at > at {
            guard holdsBefore(first, at: at) else { return [] }
            instant = first.at
        }
        var found: [TopologyLink] = []
        for version in versions {
            guard version.at <= instant else { break }
            if version.isRemoved, version.isOfAnyKind {
                found = []
                continue
            }
            found.removeAll { $0.kind == version.link.kind }
            guard !version.isRemoved else { continue }
            var link = version.link
            link.validFrom = version.at > .distantPast ? version.at : nil
            found.append(link)
        }
        return found.sorted { $0.kind.rawValue < $1.kind.rawValue }
    }

    /// Whether what a link's first version says held already before it was said.
    private func holdsBefore(_ first: LinkVersion, at: Timestamp) -> Bool {
        guard !first.isExact, !first.isRemoved else { return false }
        return first.children.contains { child in
            var described = Timestamp.distantFuture
            var isMove = false
            for pair in pairsOfEnd[child] ?? [] {
                guard let other = pairs[pair]?.first, other.children.contains(child), (other.link.kind == .feeder) == (first.link.kind == .feeder)
                else { continue }
                described = min(described, other.at)
                // What takes the place of another link is a move, however soon.
                isMove = isMove || (pairs[pair] ?? []).contains { $0.isRemoved && $0.at <= first.at }
            }
            return !isMove && described > at && first.at.seconds(since: described) <= Self.importSpan
        }
    }

    /// Every link that held at an instant, by ends and kind. Links of a site that had been decommissioned did not.
    ///
    /// - Parameter homes: sites whose own way to the core is asked as of another instant.
    public func links(at: Timestamp, homes: [String: Timestamp] = [:]) -> [TopologyLink] {
        pairs.keys.sorted().flatMap { pair in
            let instant = homes.isEmpty ? at : self.instant(of: pair, at: at, homes)
            return isRetired(pair.low, at: instant) || isRetired(pair.high, at: instant) ? [] : live(pair, at: instant)
        }
    }

    private func instant(of pair: LinkPair, at: Timestamp, _ homes: [String: Timestamp]) -> Timestamp {
        guard homes[pair.low] != nil || homes[pair.high] != nil else { return at }
        let children = Set((pairs[pair] ?? []).flatMap(\.children))
        return children.compactMap { homes[$0] }.min() ?? at
    }

    /// The version of a site that held at an instant. The first one holds before, unless it says since when.
    public func site(_ name: String, at: Timestamp) -> SiteVersion? {
        guard let versions = sites[name] else { return nil }
        if let found = versions.last(where: { $0.at <= at }) { return found }
        return versions.first.flatMap { $0.isExact || $0.isRemoved ? nil : $0 }
    }

    /// Every site that was there, by name.
    public func sites(at: Timestamp) -> [SiteVersion] {
        sites.keys.sorted().compactMap { site($0, at: at) }.filter { !$0.isRemoved }
    }

    public func isRetired(_ name: String, at: Timestamp) -> Bool { site(name, at: at)?.isRemoved ?? false }

    /// Whether anything was ever said of the site itself.
    public func knows(site name: String) -> Bool { sites[name] != nil }

    /// Sites and other ends of links that inventory has spoken of, sorted.
    public var names: [String] { Set(sites.keys).union(pairsOfEnd.keys).sorted() }

    /// The feeder that the inventory named for a site, by the newer of what site and feeder link say, and since when.
    public func feeder(of name: String, at: Timestamp) -> (name: String, since: Timestamp)? {
        var found: (name: String, since: Timestamp)?
        if let version = site(name, at: at) {
            guard !version.isRemoved else { return nil }
            if let feeder = version.site.feederID, !feeder.isEmpty { found = (feeder, version.at) }
        }
        for pair in pairsOfEnd[name] ?? [] {
            for link in live(pair, at: at) where link.kind == .feeder {
                let since = link.validFrom ?? .distantPast
                let other = link.a == name ? link.b : link.a
                guard sites[other] == nil || link.a == name else { continue }
                if let known = found, (known.since, other) >= (since, known.name) { continue }
                found = (other, since)
            }
        }
        return found
    }

    /// The instants between which nothing changes around `at`: at or before it, and after it.
    public func span(around at: Timestamp) -> (from: Timestamp, to: Timestamp) {
        var span = (from: Timestamp.distantPast, to: Timestamp.distantFuture)
        func look(_ instant: Timestamp) {
            if instant <= at { span.from = max(span.from, instant) } else { span.to = min(span.to, instant) }
        }
        for versions in pairs.values { for version in versions { look(version.at) } }
        for versions in sites.values { for version in versions { look(version.at) } }
        return span
    }

    /// Whether the site's own way to the core or its feeder changed after one instant and up to another.
    public func changed(_ name: String, after: Timestamp, to: Timestamp) -> Bool {
        if isRetired(name, at: after) != isRetired(name, at: to) || feeder(of: name, at: after)?.name != feeder(of: name, at: to)?.name {
            return true
        }
        return (pairsOfEnd[name] ?? []).contains { pair in
            guard let versions = pairs[pair], versions.contains(where: { $0.children.contains(name) }) else { return false }
            return live(pair, at: after).map(\.timeless) != live(pair, at: to).map(\.timeless)
        }
    }

    /// Pairs of ends between which links were ever said to be, sorted.
    public var knownPairs: [LinkPair] { pairs.keys.sorted() }

    /// Whether anything was ever said of a link between two ends.
    public func knows(_ pair: LinkPair) -> Bool { pairs[pair] != nil }

    /// Whether inventory has ever named a feeder of the site.
    public func namesFeeder(of name: String) -> Bool {
        (sites[name] ?? []).contains { !($0.site.feederID ?? "").isEmpty }
            || (pairsOfEnd[name] ?? []).contains { pairs[$0]?.contains { $0.link.kind == .feeder } ?? false }
    }

    /// Pairs of which a site is an end.
    public func pairs(of name: String) -> [LinkPair] { pairsOfEnd[name] ?? [] }
}

extension Timestamp {
    /// The last instant before this one.
    var justBefore: Timestamp { self > .distantPast ? Timestamp(microseconds: microseconds - 1) : self }
}

extension TopologyLink {
    /// What the link is, without since when.
    var timeless: TopologyLink {
        var link = self
        link.validFrom = nil
        return link
    }
}
