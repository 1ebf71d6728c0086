public import TowerModel
import TowerStores
import TowerStreaming
import TowerWire

/// One KPI over one window as the calculator gives it.
public struct KPIEmission: Sendable, Hashable {
    public var tenantID: TenantID
    public var kpi: String
    public var siteID: SiteID?
    /// `nil` when nothing was heard.
    public var value: Double?
    public var unit: String
    public var windowStart: Timestamp
    public var windowEnd: Timestamp
    /// 1 for the first value of a window; more when late events changed it (`kpi.recomputed`).
    public var revision: Int
    /// Events it rests on, where they are few enough to name.
    public var eventIDs: [EventID]
    public init(
        tenantID: TenantID, kpi: String, siteID: SiteID?, value: Double?, unit: String, windowStart: Timestamp, windowEnd: Timestamp,
        revision: Int = 1, eventIDs: [EventID] = []
    ) {
        self.tenantID = tenantID
        self.kpi = kpi
        self.siteID = siteID
        self.value = value
        self.unit = unit
        self.windowStart = windowStart
        self.windowEnd = windowEnd
        self.revision = revision
        self.eventIDs = eventIDs
    }
}

/// `kpi.computed` and `kpi.recomputed` on the tenant's KPI topic, and back.
struct KPICodec: Sendable {
    private let names: FieldNames

    init(symbols: SymbolTable) {
        names = FieldNames(symbols, ["kpi", "site_id", "value", "unit", "window_start", "window_end"])
    }

    static func record(_ kpi: KPIEmission) -> Record {
        let site = kpi.siteID?.rawValue ?? ""
        let id = EventID.derived(
            from: .platformNamespace,
            "kpi/\(kpi.tenantID)/\(kpi.kpi)/\(site)/\(kpi.windowStart.microseconds)/\(kpi.windowEnd.microseconds)/\(kpi.revision)")
        let value = EventWriter.event(
            id: id, type: kpi.revision > 1 ? "kpi.recomputed" : "kpi.computed", tenant: kpi.tenantID,
            site: DerivedEvent.site(SiteID(site)), timestamp: kpi.windowEnd
        ) { json in
            json.member("kpi", kpi.kpi)
            if !site.isEmpty { json.member("site_id", site) }
            json.key("value")
            if let number = kpi.value { json.value(number) } else { json.null() }
            json.member("unit", kpi.unit)
            json.member("window_start", kpi.windowStart.description)
            json.member("window_end", kpi.windowEnd.description)
            json.member("revision", kpi.revision)
            json.key("event_ids")
            json.beginArray()
            for id in kpi.eventIDs { json.value(id.description) }
            json.endArray()
        }
        let key = site.isEmpty ? kpi.tenantID.rawValue : site
        return DerivedEvent.record(Topic.kpis(tenant: kpi.tenantID.rawValue), key: key, value: value, eventID: id)
    }

    /// `nil` when a field that every KPI has is missing.
    func view(_ batch: EventBatch, _ event: Int) -> KPIView? {
        guard let kpi = batch.string(names["kpi"], of: event), let start = batch.timestamp(names["window_start"], of: event),
            let end = batch.timestamp(names["window_end"], of: event)
        else { return nil }
        return KPIView(
            kpi: kpi, siteID: batch.string(names["site_id"], of: event), value: batch.number(names["value"], of: event),
            unit: batch.string(names["unit"], of: event) ?? "", windowStart: start, windowEnd: end)
    }
}
