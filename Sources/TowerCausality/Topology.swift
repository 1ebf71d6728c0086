public import TowerModel

/// A place in the network that can fail: a site (or foreign device), a link between two, or a grid feeder.
public struct Component: Sendable, Hashable, Comparable {
    public enum Kind: UInt8, Sendable { case site, link, feeder }
    public var kind: Kind
    public var number: Int32
    public static func site(_ number: Int32) -> Component { .init(kind: .site, number: number) }
    public static func link(_ number: Int32) -> Component { .init(kind: .link, number: number) }
    public static func feeder(_ number: Int32) -> Component { .init(kind: .feeder, number: number) }
    public static func < (left: Self, right: Self) -> Bool {
        (left.kind.rawValue, left.number) < (right.kind.rawValue, right.number)
    }
}

/// The network of one tenant as inventory events describe it, in any order, with changes at any time. This is how it is now;
/// `asOf` answers how it was.
///
/// Numbers are given in the order of first mention and never reach an output; answers that are lists are sorted by name.
/// - Bound: paths to the core and walks over dependents stop at `maximumDepth` hops and `maximumDependents` sites.
public struct Topology: Sendable {
    public static let maximumDepth = 32
    public static let maximumDependents = 4096

    public struct Link: Sendable {
        public var a: Int32
        public var b: Int32
        public var kind: TopologyLink.Kind
        /// The end nearer the core.
        public var parent: Int32?
        public var name: String
        public var frequencyGHz: Double?
        public var lengthKilometres: Double?
        public func other(_ site: Int32) -> Int32 { site == a ? b : a }
    }

    public internal(set) var siteNames = NameTable()
    public internal(set) var feederNames = NameTable()
    public internal(set) var sites: [Site?] = []
    public internal(set) var links: [Link] = []
    var linkNumber: [String: Int32] = [:]
    /// Links that touch a site, in order of mention.
    public internal(set) var linksOfSite: [[Int32]] = []
    var feederOfSite: [Int32] = []
    var sitesOfFeeder: [[Int32]] = []
    /// Incremented on every change, so that derived answers can be kept until then.
    public internal(set) var version = 0
    /// Incremented when another site may fall with a component. Counts what this process has seen and is in no checkpoint.
    public internal(set) var reachVersion = 0
    /// What was said since when.
    public internal(set) var history = NetworkHistory()

    public init() {}

    public var siteCount: Int { siteNames.count }

    /// The number of a site, known or not.
    public mutating func site(_ name: String) -> Int32 {
        let number = siteNames.intern(name)
        while sites.count <= Int(number) {
            sites.append(nil)
            linksOfSite.append([])
            feederOfSite.append(-1)
        }
        return number
    }

    public func find(_ name: String) -> Int32? { siteNames.find(name) }
    public func name(_ site: Int32) -> String { siteNames[site] }

    /// What people call the site; its id when the inventory has not named it.
    public func title(_ site: Int32) -> String {
        if let name = sites[Int(site)]?.name, !name.isEmpty { return name }
        return siteNames[site]
    }

    /// What inventory says of a site, for all times.
    public mutating func upsert(_ site: Site) { take(SiteVersion(site)) }

    /// A feeder named by an outage event, for a site whose inventory has not come.
    public mutating func attach(_ site: Int32, to feeder: String) {
        let number = feederNames.intern(feeder)
        while sitesOfFeeder.count <= Int(number) { sitesOfFeeder.append([]) }
        guard feederOfSite[Int(site)] != number else { return }
        if feederOfSite[Int(site)] >= 0 { sitesOfFeeder[Int(feederOfSite[Int(site)])].removeAll { $0 == site } }
        feederOfSite[Int(site)] = number
        sitesOfFeeder[Int(number)].append(site)
        version += 1
    }

    /// What inventory says of a link, for all times.
    public mutating func upsert(_ link: TopologyLink) { take(LinkVersion(link)) }

    /// The link between two sites by its managed-object name; made on the spot when only alarms have told of it.
    public mutating func link(named name: String) -> Int32? {
        if let number = linkNumber[name] { return number }
        guard name.hasPrefix("link:"), let slash = name.firstIndex(of: "/") else { return nil }
        let a = String(name[name.index(name.startIndex, offsetBy: 5)..<slash])
        let b = String(name[name.index(after: slash)...])
        guard !a.isEmpty, !b.isEmpty else { return nil }
        // Nobody declared it: it is no part of the history.
        set(TopologyLink(tenantID: TenantID(""), a: a, b: b, kind: .adjacent))
        return linkNumber[ManagedObject.link(a, b)]
    }

    public func feeder(of site: Int32) -> Int32? {
        let number = feederOfSite[Int(site)]
        return number >= 0 ? number : nil
    }

    public func members(ofFeeder feeder: Int32) -> [Int32] { sitesOfFeeder[Int(feeder)] }
    public func feederName(_ feeder: Int32) -> String { feederNames[feeder] }

    /// Sites one link away, in order of mention.
    public func neighbours(of site: Int32) -> [Int32] { linksOfSite[Int(site)].map { links[Int($0)].other(site) } }
}
