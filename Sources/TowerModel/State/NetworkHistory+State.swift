extension NetworkHistory {
    /// Everything by name, so that equal histories give equal bytes.
    public func encode(into writer: inout StateWriter) {
        writer.write(count: pairs.count)
        for pair in pairs.keys.sorted() {
            let versions = pairs[pair] ?? []
            writer.write(count: versions.count)
            for version in versions {
                version.link.encode(into: &writer)
                writer.write(version.at)
                writer.write(version.id)
                writer.write(byte: (version.isRemoved ? 1 : 0) | (version.isOfAnyKind ? 2 : 0) | (version.isExact ? 4 : 0))
            }
        }
        writer.write(count: sites.count)
        for name in sites.keys.sorted() {
            let versions = sites[name] ?? []
            writer.write(count: versions.count)
            for version in versions {
                version.site.encode(into: &writer)
                writer.write(version.at)
                writer.write(version.id)
                writer.write(byte: (version.isRemoved ? 1 : 0) | (version.isExact ? 4 : 0))
            }
        }
    }

    public init(decoding reader: inout StateReader) throws(StateError) {
        self.init()
        for _ in 0..<(try reader.count("history.pairs")) {
            for _ in 0..<(try reader.count("history.links")) {
                let link = try TopologyLink(decoding: &reader)
                let at = try reader.timestamp("history.at")
                let id = try reader.id("history.id")
                let flags = try reader.byte("history.flags")
                insert(
                    LinkVersion(link, at: at, id: id, isRemoved: flags & 1 != 0, isOfAnyKind: flags & 2 != 0, isExact: flags & 4 != 0))
            }
        }
        for _ in 0..<(try reader.count("history.sites")) {
            for _ in 0..<(try reader.count("history.versions")) {
                let site = try Site(decoding: &reader)
                let at = try reader.timestamp("history.at")
                let id = try reader.id("history.id")
                let flags = try reader.byte("history.flags")
                insert(SiteVersion(site, at: at, id: id, isRemoved: flags & 1 != 0, isExact: flags & 4 != 0))
            }
        }
    }
}

extension TopologyLink {
    func encode(into writer: inout StateWriter) {
        writer.write(tenantID.rawValue)
        writer.write(a)
        writer.write(b)
        writer.write(kind.rawValue)
        writer.write(parent)
        writer.write(frequencyGHz)
        writer.write(lengthKilometres)
        writer.write(provenance)
    }

    init(decoding reader: inout StateReader) throws(StateError) {
        tenantID = TenantID(try reader.name("link.tenant"))
        a = try reader.name("link.a")
        b = try reader.name("link.b")
        kind = try reader.named(Kind.self, "link.kind")
        parent = try reader.optionalName("link.parent")
        frequencyGHz = try reader.optionalDouble("link.frequency")
        lengthKilometres = try reader.optionalDouble("link.length")
        provenance = try reader.optionalName("link.provenance")
        validFrom = nil
    }
}
