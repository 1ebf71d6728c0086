import TowerModel
import TowerStores

extension ProjectionWriter {
    /// What sites are now.
    func siteStatement(_ sites: [Site]) -> PGStatement? {
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

    /// Keeps every version, and answers what makes links and sites what they are now, with the tenants whose links change.
    func inventoryStatements() throws -> (statements: [PGStatement], tenants: Set<TenantID>) {
        let links = lastOfEach(batch.linkVersions) { VersionKey(tenant: $0.link.tenantID, place: $0.link.pair.text, at: $0.at, id: $0.id) }
        let sites = lastOfEach(batch.siteVersions.filter { !$0.site.siteID.rawValue.isEmpty }) {
            VersionKey(tenant: $0.site.tenantID, place: $0.site.siteID.rawValue, at: $0.at, id: $0.id)
        }
        guard !links.isEmpty || !sites.isEmpty else { return ([], []) }
        let answers = try connection.run([
            VersionRows.insert(links), try VersionRows.insert(sites), VersionRows.select(links), VersionRows.newest(sites),
        ])
        var statements: [PGStatement] = []
        let current = try answers[3].map { try VersionRows.site($0) }
        let retired = current.filter(\.isRemoved).map(\.site)
        let present = current.filter { !$0.isRemoved }.map(\.site)
        statements += VersionRows.retire(retired) + VersionRows.restore(present)
        if let statement = siteStatement(present) { statements.append(statement) }

        var histories: [TenantID: NetworkHistory] = [:]
        answers[2].forEach { row in
            let version = VersionRows.link(row)
            histories[version.link.tenantID, default: NetworkHistory()].insert(version)
        }
        let live = histories.flatMap { _, history in history.knownPairs.flatMap { history.live($0, at: .distantFuture) } }
        statements += LinkRows.replace(links, live)
        return (statements, Set(links.map(\.link.tenantID)).union(retired.map(\.tenantID)).union(present.map(\.tenantID)))
    }

    private struct VersionKey: Hashable {
        let tenant: TenantID
        let place: String
        let at: Timestamp
        let id: EventID
    }

    private func lastOfEach<Version>(_ versions: [Version], _ key: (Version) -> VersionKey) -> [Version] {
        var places: [VersionKey: Int] = [:]
        var chosen: [Version] = []
        for version in versions {
            if let place = places[key(version)] {
                chosen[place] = version
            } else {
                places[key(version)] = chosen.count
                chosen.append(version)
            }
        }
        return chosen
    }
}

extension LinkPair {
    /// One text for both ends; no id holds a line break.
    fileprivate var text: String { "\(low)\n\(high)" }
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
