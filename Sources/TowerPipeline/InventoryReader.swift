import TowerModel

/// Reads `inventory.site` and `topology.link` events.
struct InventoryReader: Sendable {
    private let symbols: SymbolTable
    private let names: FieldNames

    init(symbols: SymbolTable) {
        self.symbols = symbols
        names = FieldNames(
            symbols,
            [
                "name", "lat", "lon", "region", "timezone", "operators", "grid_class", "feeder_id", "is_hub", "load_kw", "battery.strings",
                "battery.ah", "battery.chemistry", "battery.installed", "dg.kva", "dg.tank_l", "solar_kwp", "a", "b", "kind", "parent",
                "frequency_ghz", "length_km", "status", "state", "valid_from", "provenance",
            ])
    }

    func site(_ batch: EventBatch, _ event: Int) -> SiteVersion {
        let site = SiteID(symbols.name(batch.sites[event]))
        func number(_ name: String) -> Double? { batch.number(names[name], of: event) }
        func text(_ name: String) -> String? { batch.string(names[name], of: event) }
        var result = Site(
            siteID: site, tenantID: TenantID(symbols.name(batch.tenants[event])), name: text("name") ?? site.rawValue,
            latitude: number("lat"), longitude: number("lon"), region: text("region"), timezone: text("timezone"),
            operators: batch.strings(names["operators"], of: event), gridClass: text("grid_class"), feederID: text("feeder_id"),
            isHub: batch.bool(names["is_hub"], of: event) ?? false, loadKilowatts: number("load_kw"),
            solarKilowattsPeak: number("solar_kwp"))
        if let ah = number("battery.ah") {
            let strings = number("battery.strings").flatMap { Int(exactly: $0.rounded()) } ?? 1
            result.battery = Site.Battery(
                strings: strings, ampHours: ah, chemistry: text("battery.chemistry") ?? "", installed: text("battery.installed"))
        }
        if let kva = number("dg.kva") { result.generator = Site.Generator(kva: kva, tankLitres: number("dg.tank_l") ?? 0) }
        let since = since(batch, event)
        return SiteVersion(
            result, at: since.at, id: batch.ids[event], isRemoved: text("status") == "decommissioned", isExact: since.isExact)
    }

    /// Since when it is so: never later than the event itself.
    private func since(_ batch: EventBatch, _ event: Int) -> (at: Timestamp, isExact: Bool) {
        let told = batch.timestamps[event]
        guard let text = batch.string(names["valid_from"], of: event), let at = Timestamp(text) else { return (told, false) }
        return (min(at, told), true)
    }

    /// `nil` when an end is missing.
    func link(_ batch: EventBatch, _ event: Int) -> LinkVersion? {
        guard let a = batch.string(names["a"], of: event), let b = batch.string(names["b"], of: event) else { return nil }
        let kind = batch.string(names["kind"], of: event).flatMap(TopologyLink.Kind.init(rawValue:)) ?? .adjacent
        let link = TopologyLink(
            tenantID: TenantID(symbols.name(batch.tenants[event])), a: a, b: b, kind: kind,
            parent: batch.string(names["parent"], of: event), frequencyGHz: batch.number(names["frequency_ghz"], of: event),
            lengthKilometres: batch.number(names["length_km"], of: event), provenance: batch.string(names["provenance"], of: event))
        let since = since(batch, event)
        let isRemoved = batch.string(names["state"], of: event) == "removed"
        return LinkVersion(
            link, at: since.at, id: batch.ids[event], isRemoved: isRemoved,
            isOfAnyKind: isRemoved && batch.string(names["kind"], of: event) == nil, isExact: since.isExact)
    }
}
