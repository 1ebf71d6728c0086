import TowerModel
import TowerStores

extension ProjectionWriter {
    /// The inventory of the slice; of a site named twice the later counts.
    func siteStatement() -> PGStatement? {
        var places: [SiteKey: Int] = [:]
        var sites: [Site] = []
        for site in batch.sites where !site.siteID.rawValue.isEmpty {
            let key = SiteKey(tenant: site.tenantID, site: site.siteID)
            if let place = places[key] {
                sites[place] = site
            } else {
                places[key] = sites.count
                sites.append(site)
            }
        }
        guard !sites.isEmpty else { return nil }
        let columns = [
            "search", "name", "lat", "lon", "region", "timezone", "operators", "grid_class", "feeder", "is_hub", "load_kw",
            "battery_strings", "battery_ah", "battery_chemistry", "battery_installed", "dg_kva", "dg_tank", "solar_kwp",
        ]
        let numbers = (1...columns.count + 2).map { "$\($0)" }.joined(separator: ", ")
        return PGStatement(
            """
            INSERT INTO sites(tenant, site, \(columns.joined(separator: ", "))) SELECT * FROM unnest(\(numbers))
            ON CONFLICT(tenant, site) DO UPDATE SET \(columns.map { "\($0) = excluded.\($0)" }.joined(separator: ", "))
            """,
            [
                .texts(sites.map(\.tenantID.rawValue)), .texts(sites.map(\.siteID.rawValue)),
                .texts(sites.map { SiteColumns.search($0.siteID, $0.name) }), .texts(sites.map(\.name)), .doubles(sites.map(\.latitude)),
                .doubles(sites.map(\.longitude)), .texts(sites.map(\.region)), .texts(sites.map(\.timezone)),
                .texts(sites.map { SiteColumns.operators($0.operators) }), .texts(sites.map(\.gridClass)), .texts(sites.map(\.feederID)),
                .bools(sites.map(\.isHub)), .doubles(sites.map(\.loadKilowatts)), .ints(sites.map { $0.battery.map { Int64($0.strings) } }),
                .doubles(sites.map(\.battery?.ampHours)), .texts(sites.map(\.battery?.chemistry)), .texts(sites.map(\.battery?.installed)),
                .doubles(sites.map(\.generator?.kva)), .doubles(sites.map(\.generator?.tankLitres)),
                .doubles(sites.map(\.solarKilowattsPeak)),
            ])
    }

    func linkStatement() -> PGStatement? {
        struct Key: Hashable {
            let tenant: TenantID
            let low: String
            let high: String
            let kind: String
        }
        var places: [Key: Int] = [:]
        var links: [(key: Key, link: TopologyLink)] = []
        for link in batch.links {
            let (low, high) = link.a < link.b ? (link.a, link.b) : (link.b, link.a)
            let key = Key(tenant: link.tenantID, low: low, high: high, kind: link.kind.rawValue)
            if let place = places[key] {
                links[place].link = link
            } else {
                places[key] = links.count
                links.append((key, link))
            }
        }
        guard !links.isEmpty else { return nil }
        return PGStatement(
            """
            INSERT INTO links(tenant, low, high, kind, a, b, parent, frequency_ghz, length_km)
            SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9)
            ON CONFLICT(tenant, low, high, kind) DO UPDATE SET a = excluded.a, b = excluded.b, parent = excluded.parent,
                frequency_ghz = excluded.frequency_ghz, length_km = excluded.length_km
            """,
            [
                .texts(links.map(\.key.tenant.rawValue)), .texts(links.map(\.key.low)), .texts(links.map(\.key.high)),
                .texts(links.map(\.key.kind)), .texts(links.map(\.link.a)), .texts(links.map(\.link.b)), .texts(links.map(\.link.parent)),
                .doubles(links.map(\.link.frequencyGHz)), .doubles(links.map(\.link.lengthKilometres)),
            ])
    }
}

extension AlarmRows {
    /// Each alarm once.
    static func upsert(_ alarms: [Alarm]) -> PGStatement {
        PGStatement(
            """
            INSERT INTO alarms(tenant, alarm, site, object, type, cause, severity, state, is_active, raised_at, changed_at, cleared_at,
                occurrences, is_flapping, source, text, incident, events)
            SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
            ON CONFLICT(tenant, alarm) DO UPDATE SET site = excluded.site, object = excluded.object, type = excluded.type,
                cause = excluded.cause, severity = excluded.severity, state = excluded.state, is_active = excluded.is_active,
                raised_at = excluded.raised_at, changed_at = excluded.changed_at, cleared_at = excluded.cleared_at,
                occurrences = excluded.occurrences, is_flapping = excluded.is_flapping, source = excluded.source,
                text = excluded.text, incident = COALESCE(excluded.incident, alarms.incident), events = excluded.events
            """,
            [
                .texts(alarms.map(\.tenantID.rawValue)), .ids(alarms.map(\.alarmID)), .texts(alarms.map(\.siteID.rawValue)),
                .texts(alarms.map(\.managedObject)), .texts(alarms.map(\.alarmType)), .ints(alarms.map { $0.probableCause.map { Int64($0) } }),
                .ints(alarms.map { Int64($0.severity.rank) }), .texts(alarms.map(\.state.rawValue)),
                .bools(alarms.map { $0.state != .cleared }), .ints(alarms.map(\.raisedAt.microseconds)),
                .ints(alarms.map(\.changedAt.microseconds)), .ints(alarms.map { $0.clearedAt?.microseconds }),
                .ints(alarms.map { Int64($0.occurrences) }), .bools(alarms.map(\.isFlapping)), .texts(alarms.map(\.source.rawValue)),
                .texts(alarms.map(\.text)), .ids(alarms.map(\.incidentID)),
                .byteStrings(alarms.map { alarm in
                    var bytes: [UInt8] = []
                    bytes.reserveCapacity(alarm.eventIDs.count * 16)
                    for id in alarm.eventIDs { bytes.append(value: id) }
                    return bytes
                }),
            ])
    }
}
