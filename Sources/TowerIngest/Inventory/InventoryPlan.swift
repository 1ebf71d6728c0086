public import TowerModel
import TowerWire

/// What a table changes, as events.
///
/// - Ids are computed from what the events say and since when: the same file with the same instant gives the same ids.
/// - Where the present inventory is given, rows that say nothing new give no event, and columns that the file does not have keep
///   what is known.
public struct InventoryPlan: Sendable {
    /// Present inventory, as the API answers it.
    public struct Present: Sendable {
        public var sites: [SiteID: Site]
        public var links: [TopologyLink]
        let linkOfKey: [String: TopologyLink]
        public init(sites: [Site], links: [TopologyLink]) {
            self.sites = Dictionary(sites.map { ($0.siteID, $0) }) { first, _ in first }
            self.links = links
            linkOfKey = Dictionary(links.map { (InventoryPlan.key($0.a, $0.b, $0.kind), $0) }) { first, _ in first }
        }
    }

    /// NDJSON, one event an element.
    public private(set) var events: [[UInt8]] = []
    /// Sites or links (`a/b kind`) that change.
    public private(set) var changes: [String] = []
    /// Those that are there and not in the table.
    public private(set) var removals: [String] = []
    public private(set) var unchanged = 0

    private let tenant: TenantID
    private let at: Timestamp

    /// - Parameters:
    ///   - present: `nil` when nothing is known of it; then every row is an event and nothing is missing.
    ///   - at: timestamp of the events.
    ///   - removesMissing: what the table does not have is removed. Only where every row of the table is good.
    public init(_ table: InventoryTable, tenant: TenantID, at: Timestamp, present: Present?, removesMissing: Bool = false) {
        self.tenant = tenant
        self.at = at
        for row in table.rows {
            if table.kind == .sites { takeSite(row, present) } else { takeLink(row, present) }
        }
        guard removesMissing, let present, table.problems.isEmpty else { return }
        if table.kind == .sites {
            let named = Set(table.rows.map { $0.ids[0] })
            for site in present.sites.keys.sorted() where !named.contains(site.rawValue) {
                removals.append(site.rawValue)
                add("inventory.site", site: site.rawValue, at: at) { $0.member("status", "decommissioned") }
            }
        } else {
            let named = Set(table.rows.map { Self.key($0.ids[0], $0.ids[1], Self.kind($0)) })
            for link in present.links where !named.contains(Self.key(link.a, link.b, link.kind)) {
                removals.append("\(link.a)/\(link.b) \(link.kind.rawValue)")
                add("topology.link", site: link.a, at: at) {
                    $0.member("a", link.a)
                    $0.member("b", link.b)
                    $0.member("kind", link.kind.rawValue)
                    $0.member("state", "removed")
                }
            }
        }
    }

    private static func key(_ a: String, _ b: String, _ kind: TopologyLink.Kind) -> String {
        let pair = LinkPair(a, b)
        return "\(pair.low)\n\(pair.high)\n\(kind.rawValue)"
    }

    private static func kind(_ row: InventoryTable.Row) -> TopologyLink.Kind {
        row.cells[.kind].flatMap { TopologyLink.Kind(rawValue: $0) } ?? .adjacent
    }

    // MARK: Sites

    private mutating func takeSite(_ row: InventoryTable.Row, _ present: Present?) {
        let id = SiteID(row.ids[0])
        let known = present?.sites[id]
        if row.cells[.status] == "decommissioned" {
            if present != nil, known == nil {
                unchanged += 1
            } else {
                changes.append(id.rawValue)
                add("inventory.site", site: id.rawValue, at: at) { json in
                    json.member("status", "decommissioned")
                    if let since = row.cells[.validFrom], !since.isEmpty { json.member("valid_from", since) }
                }
            }
            return
        }
        let site = Self.site(row, over: known ?? Site(siteID: id, tenantID: tenant, name: id.rawValue))
        guard site != known else {
            unchanged += 1
            return
        }
        changes.append(id.rawValue)
        add("inventory.site", site: id.rawValue, at: at) { json in
            Self.write(site, into: &json)
            if let since = row.cells[.validFrom], !since.isEmpty { json.member("valid_from", since) }
        }
    }

    private static func site(_ row: InventoryTable.Row, over known: Site) -> Site {
        var site = known
        func text(_ column: InventoryColumn, _ old: String?) -> String? { row.cells[column].map { $0.isEmpty ? nil : $0 } ?? old }
        func number(_ column: InventoryColumn, _ old: Double?) -> Double? { row.cells[column].map { Double($0) } ?? old }
        site.name = text(.name, site.name) ?? site.siteID.rawValue
        site.latitude = number(.lat, site.latitude)
        site.longitude = number(.lon, site.longitude)
        site.region = text(.region, site.region)
        site.timezone = text(.timezone, site.timezone)
        if let operators = row.cells[.operators] {
            site.operators = operators.split { "|,;".contains($0) }.map { InventoryColumn.trimmed(String($0)) }.filter { !$0.isEmpty }
        }
        site.gridClass = text(.gridClass, site.gridClass)
        site.feederID = text(.feederID, site.feederID)
        if let flag = row.cells[.isHub] { site.isHub = InventoryColumn.flag(flag) ?? false }
        site.loadKilowatts = number(.loadKW, site.loadKilowatts)
        let ampHours = number(.batteryAh, site.battery?.ampHours)
        site.battery = ampHours.map {
            Site.Battery(
                strings: row.cells[.batteryStrings].flatMap { Int($0) } ?? site.battery?.strings ?? 1, ampHours: $0,
                chemistry: text(.batteryChemistry, site.battery?.chemistry) ?? "",
                installed: text(.batteryInstalled, site.battery?.installed))
        }
        let kva = number(.dgKVA, site.generator?.kva)
        site.generator = kva.map { Site.Generator(kva: $0, tankLitres: number(.dgTank, site.generator?.tankLitres) ?? 0) }
        site.solarKilowattsPeak = number(.solar, site.solarKilowattsPeak)
        return site
    }

    private static func write(_ site: Site, into json: inout JSONBuffer) {
        json.member("name", site.name)
        if let value = site.latitude { json.member("lat", value) }
        if let value = site.longitude { json.member("lon", value) }
        if let value = site.region { json.member("region", value) }
        if let value = site.timezone { json.member("timezone", value) }
        json.key("operators")
        json.beginArray()
        for name in site.operators { json.value(name) }
        json.endArray()
        if let value = site.gridClass { json.member("grid_class", value) }
        if let value = site.feederID { json.member("feeder_id", value) }
        json.member("is_hub", site.isHub)
        if let value = site.loadKilowatts { json.member("load_kw", value) }
        if let battery = site.battery {
            json.key("battery")
            json.beginObject()
            json.member("strings", battery.strings)
            json.member("ah", battery.ampHours)
            if !battery.chemistry.isEmpty { json.member("chemistry", battery.chemistry) }
            if let value = battery.installed { json.member("installed", value) }
            json.endObject()
        }
        if let generator = site.generator {
            json.key("dg")
            json.beginObject()
            json.member("kva", generator.kva)
            json.member("tank_l", generator.tankLitres)
            json.endObject()
        }
        if let value = site.solarKilowattsPeak { json.member("solar_kwp", value) }
    }

    // MARK: Links

    private mutating func takeLink(_ row: InventoryTable.Row, _ present: Present?) {
        let kind = Self.kind(row)
        let known = present?.linkOfKey[Self.key(row.ids[0], row.ids[1], kind)]
        let isRemoved = row.cells[.state] == "removed"
        func number(_ column: InventoryColumn, _ old: Double?) -> Double? { row.cells[column].map { Double($0) } ?? old }
        let link = TopologyLink(
            tenantID: tenant, a: row.ids[0], b: row.ids[1], kind: kind,
            parent: row.cells[.parent].map { $0.isEmpty ? nil : $0 } ?? known?.parent,
            frequencyGHz: number(.frequency, known?.frequencyGHz), lengthKilometres: number(.length, known?.lengthKilometres))
        let isSame = known.map { Self.saysTheSame($0, link) } ?? false
        guard isRemoved ? (present == nil || known != nil) : !isSame else {
            unchanged += 1
            return
        }
        changes.append("\(link.a)/\(link.b) \(kind.rawValue)")
        add("topology.link", site: link.a, at: at) { json in
            json.member("a", link.a)
            json.member("b", link.b)
            json.member("kind", kind.rawValue)
            if let parent = link.parent { json.member("parent", parent) }
            if let value = link.frequencyGHz { json.member("frequency_ghz", value) }
            if let value = link.lengthKilometres { json.member("length_km", value) }
            if isRemoved { json.member("state", "removed") }
            if let since = row.cells[.validFrom], !since.isEmpty { json.member("valid_from", since) }
        }
    }

    private static func saysTheSame(_ left: TopologyLink, _ right: TopologyLink) -> Bool {
        left.parent == right.parent && left.frequencyGHz == right.frequencyGHz && left.lengthKilometres == right.lengthKilometres
    }

    // MARK: Events

    private mutating func add(_ type: String, site: String, at: Timestamp, _ payload: (inout JSONBuffer) -> Void) {
        var members = JSONBuffer()
        members.beginObject()
        payload(&members)
        members.endObject()
        let content = String(decoding: members.bytes, as: UTF8.self)
        let id = EventID.derived(from: .platformNamespace, "inventory|\(tenant.rawValue)|\(type)|\(site)|\(at)|\(content)")
        events.append(
            EventWriter.event(id: id, type: type, tenant: tenant, site: SiteID(site), timestamp: at, payload: members.bytes))
    }
}
