import TowerKPI
public import TowerModel

extension KPICalculator {
    /// Version of the encoding of what lies around the tenants' engines.
    static let stateVersion: UInt64 = 1

    public var settingsHash: UInt64? {
        var writer = StateWriter()
        writer.write(unsigned: Self.stateVersion)
        writer.write(fixed: KPIEngine.settingsHash(.standard))
        return StateHash.of(writer.bytes)
    }

    /// Numbers of tenants, places and metrics are of this process: they are looked up again where an event brings the name.
    public func encode(into writer: inout StateWriter) {
        writer.write(unsigned: Self.stateVersion)
        writer.write(count: tenants.count)
        for (id, number) in numberOfTenant.sorted(by: { $0.key < $1.key }) {
            writer.write(text: id.rawValue)
            writer.part { tenants[number].encode(into: &$0) }
        }
    }

    public mutating func restore(from reader: inout StateReader) throws(StateError) {
        var restored = KPICalculator(symbols: symbols)
        try reader.version(Self.stateVersion, "calculator")
        for number in 0..<(try reader.count("calculator.tenants")) {
            let id = TenantID(try reader.text("calculator.tenant"))
            let part = try reader.enter("calculator.tenant")
            restored.tenants.append(try Tenant(decoding: &reader))
            try reader.leave(part, "calculator.tenant")
            guard restored.numberOfTenant.updateValue(number, forKey: id) == nil else { throw reader.outOfRange("calculator.tenant") }
        }
        self = restored
    }

    /// A short name for each tenant's state, for comparing calculators.
    public func stateHashes() -> [TenantID: UInt64] {
        numberOfTenant.mapValues { number in
            var writer = StateWriter()
            tenants[number].encode(into: &writer)
            return StateHash.of(writer.bytes)
        }
    }
}

extension KPICalculator.Tenant {
    func encode(into writer: inout StateWriter) {
        writer.write(newest)
        writer.write(newestArrivedAt)
        engine.encode(into: &writer)
        let revisions = revisions.sorted { left, right in
            if left.key.start != right.key.start { return left.key.start < right.key.start }
            if left.key.end != right.key.end { return left.key.end < right.key.end }
            return left.key.site != right.key.site ? left.key.site < right.key.site : left.key.kpi < right.key.kpi
        }
        writer.write(count: revisions.count)
        for (window, revision) in revisions {
            writer.write(window.kpi)
            writer.write(window.site)
            writer.write(window.start)
            writer.write(window.end, near: window.start)
            writer.write(revision)
        }
    }

    init(decoding reader: inout StateReader) throws(StateError) {
        newest = try reader.timestamp("calculator.newest")
        newestArrivedAt = try reader.timestamp("calculator.newest_arrived_at")
        engine = try KPIEngine(decoding: &reader)
        for _ in 0..<(try reader.count("revisions", each: 5)) {
            let kpi = try reader.name("revision.kpi")
            let site = try reader.name("revision.site")
            let start = try reader.timestamp("revision.start")
            let window = KPICalculator.Window(kpi: kpi, site: site, start: start, end: try reader.timestamp("revision.end", near: start))
            revisions[window] = try reader.int("revision")
        }
    }
}
