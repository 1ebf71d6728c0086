public import TowerModel

extension Topology {
    /// Version of the encoding of everything in this room.
    public static let stateVersion: UInt64 = 2

    public func encode(into writer: inout StateWriter) {
        writer.write(unsigned: Self.stateVersion)
        siteNames.encode(into: &writer)
        feederNames.encode(into: &writer)
        for number in sites.indices {
            writer.write(sites[number] != nil)
            sites[number]?.encode(into: &writer)
            writer.write(linksOfSite[number])
            writer.write(feederOfSite[number])
        }
        writer.write(count: links.count)
        for link in links {
            writer.write(link.a)
            writer.write(link.b)
            writer.write(link.kind.rawValue)
            writer.write(link.parent)
            writer.write(link.name)
            writer.write(link.frequencyGHz)
            writer.write(link.lengthKilometres)
        }
        writer.write(count: sitesOfFeeder.count)
        for members in sitesOfFeeder { writer.write(members) }
        writer.write(version)
        history.encode(into: &writer)
    }

    public init(decoding reader: inout StateReader) throws(StateError) {
        self.init()
        try reader.version(Self.stateVersion, "topology")
        siteNames = try NameTable(decoding: &reader)
        feederNames = try NameTable(decoding: &reader)
        for _ in 0..<siteNames.count {
            sites.append(try reader.flag("topology.site") ? try Site(decoding: &reader) : nil)
            linksOfSite.append(try reader.numbers("topology.links_of_site"))
            feederOfSite.append(try reader.int32("topology.feeder"))
        }
        for number in 0..<(try reader.count("topology.links", each: 6)) {
            let link = try Self.link(&reader, sites: siteNames.count)
            guard linkNumber.updateValue(Int32(number), forKey: link.name) == nil else { throw reader.outOfRange("topology.links") }
            links.append(link)
        }
        for _ in 0..<(try reader.count("topology.feeders")) {
            sitesOfFeeder.append(try reader.numbers("topology.members"))
        }
        version = try reader.int("topology.version")
        history = try NetworkHistory(decoding: &reader)
        try check(reader)
    }

    private static func link(_ reader: inout StateReader, sites: Int) throws(StateError) -> Link {
        let a = try reader.index("link.a", below: sites)
        let b = try reader.index("link.b", below: sites)
        let kind = try reader.named(TopologyLink.Kind.self, "link.kind")
        let parent = try reader.flag("link.parent") ? try reader.index("link.parent", below: sites) : nil
        let name = try reader.name("link.name")
        let frequency = try reader.optionalDouble("link.frequency")
        return Link(
            a: a, b: b, kind: kind, parent: parent, name: name, frequencyGHz: frequency,
            lengthKilometres: try reader.optionalDouble("link.length"))
    }

    /// Numbers that point nowhere would be met much later.
    private func check(_ reader: StateReader) throws(StateError) {
        for number in sites.indices {
            guard linksOfSite[number].allSatisfy({ links.indices.contains(Int($0)) }), feederOfSite[number] >= -1,
                Int(feederOfSite[number]) < sitesOfFeeder.count
            else { throw reader.outOfRange("topology.links_of_site") }
        }
        guard sitesOfFeeder.count <= feederNames.count,
            sitesOfFeeder.allSatisfy({ $0.allSatisfy { sites.indices.contains(Int($0)) } })
        else { throw reader.outOfRange("topology.members") }
    }
}
