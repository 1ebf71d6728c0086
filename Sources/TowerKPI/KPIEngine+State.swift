public import TowerModel

extension KPIEngine {
    /// Version of the encoding of everything in this room.
    public static let stateVersion: UInt64 = 1

    /// Says by what a state came about beside the readings: constants, and which KPIs there are in which order.
    public static func settingsHash(_ configuration: KPIConfiguration) -> UInt64 {
        var writer = StateWriter()
        writer.write(unsigned: stateVersion)
        writer.write(fixed: StateHash.of(settings: configuration))
        writer.write(KPICatalog.siteKPIs.map(\.definition.name) + KPICatalog.processKPIs.map(\.definition.name))
        writer.write(fixed: StateHash.of(settings: MetricRole.byMetric))
        return StateHash.of(writer.bytes)
    }

    /// Sites are written by name: their numbers are the order in which they were first heard, and no answer depends on it.
    public func encode(into writer: inout StateWriter) {
        writer.write(unsigned: Self.stateVersion)
        for count in [counters.samples, counters.tooLate, counters.notFinite, counters.refusedSites] { writer.write(count) }
        writer.write(windows.watermark)
        writer.write(count: sites.count)
        for index in siteOrder {
            writer.write(sites[index].tenantID.rawValue)
            writer.write(sites[index].siteID.rawValue)
            sites[index].encode(into: &writer)
        }
        let tenants = tenants.sorted { $0.key < $1.key }
        writer.write(count: tenants.count)
        for (id, tenant) in tenants {
            writer.write(id.rawValue)
            tenant.encode(into: &writer)
        }
    }

    public init(decoding reader: inout StateReader, configuration: KPIConfiguration = .standard) throws(StateError) {
        self.init(configuration: configuration)
        try reader.version(Self.stateVersion, "kpis")
        counters.samples = try reader.int("kpis.samples")
        counters.tooLate = try reader.int("kpis.too_late")
        counters.notFinite = try reader.int("kpis.not_finite")
        counters.refusedSites = try reader.int("kpis.refused")
        windows.watermark = try reader.timestamp("kpis.watermark")
        for index in 0..<(try reader.count("kpis.sites", each: 30)) {
            let tenant = TenantID(try reader.name("kpis.tenant"))
            let site = SiteID(try reader.name("kpis.site"))
            if let last = sites.last, (last.tenantID, last.siteID) >= (tenant, site) { throw reader.outOfRange("kpis.site") }
            sites.append(try SiteWindows(decoding: &reader, tenantID: tenant, siteID: site))
            siteOrder.append(index)
            siteIndex[SiteKey(tenant: tenant, site: site)] = index
        }
        for _ in 0..<(try reader.count("kpis.tenants")) {
            let id = TenantID(try reader.name("kpis.tenant"))
            tenants[id] = try TenantWindows(decoding: &reader)
        }
    }
}
