import TowerModel

/// A tower company's sites, power feeders and transport links.
public struct Fleet: Sendable, Hashable {
    public struct Feeder: Sendable, Hashable {
        public var feederID: String
        public var sites: [Int]
    }
    public var sites: [SiteSpec]
    public var feeders: [Feeder]
    public var links: [LinkSpec]

    /// The name by which events call a link.
    public func object(ofLink index: Int) -> String {
        ManagedObject.link(sites[links[index].child].siteID, sites[links[index].parent].siteID)
    }
}
