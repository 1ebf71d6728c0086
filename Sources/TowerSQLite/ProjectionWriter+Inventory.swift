import GRDB
import TowerModel
import TowerStores

extension ProjectionWriter {
    /// Keeps every version; the newest by event time is what the site is now.
    mutating func writeSites() throws {
        for version in batch.siteVersions where !version.site.siteID.rawValue.isEmpty {
            let (tenant, site) = (version.site.tenantID, version.site.siteID)
            try VersionRows.insert(db, version)
            guard let newest = try VersionRows.newest(db, tenant: tenant, site: site) else { continue }
            if newest.isRemoved {
                try retire(tenant, site)
            } else {
                try restore(tenant, site)
                try SiteRows.upsert(db, newest.site)
            }
            ensured.remove(SiteKey(tenant: tenant, site: site))
            touch(tenant, site, always: true)
        }
    }

    private mutating func retire(_ tenant: TenantID, _ site: SiteID) throws {
        try db.execute(sql: "DELETE FROM sites WHERE tenant = ? AND site = ?", arguments: [tenant.rawValue, site.rawValue])
        try db.execute(sql: "INSERT OR IGNORE INTO retired_sites VALUES (?, ?)", arguments: [tenant.rawValue, site.rawValue])
        retiring.insert(tenant)
    }

    private mutating func restore(_ tenant: TenantID, _ site: SiteID) throws {
        try db.cachedStatement(sql: "DELETE FROM retired_sites WHERE tenant = ? AND site = ?").execute(arguments: [tenant.rawValue, site.rawValue])
        if db.changesCount > 0 { retiring.insert(tenant) }
    }

    /// Keeps every version, and of each pair of ends the links that hold now.
    mutating func writeLinks() throws {
        guard !batch.linkVersions.isEmpty || !retiring.isEmpty else { return }
        var tenants = retiring
        for version in batch.linkVersions {
            let link = version.link
            let pair = link.pair
            try VersionRows.insert(db, version)
            var history = NetworkHistory()
            for known in try VersionRows.links(db, tenant: link.tenantID, pair: pair) { history.insert(known) }
            try LinkRows.replace(db, tenant: link.tenantID, pair: pair, history.live(pair, at: .distantFuture))
            tenants.insert(link.tenantID)
            guard link.kind != .feeder, !version.isRemoved else { continue }
            try ensure(link.tenantID, SiteID(link.a))
            try ensure(link.tenantID, SiteID(link.b))
        }
        for tenant in tenants.sorted() { try writeDependents(tenant) }
    }
}

/// The links that hold now.
enum LinkRows {
    static func fetch(_ db: Database, tenant: TenantID) throws -> [TopologyLink] {
        let statement = try db.cachedStatement(
            sql: """
                SELECT a, b, kind, parent, frequency_ghz, length_km, provenance, valid_from FROM links l WHERE tenant = ?1 AND NOT EXISTS
                    (SELECT 1 FROM retired_sites r WHERE r.tenant = ?1 AND r.site IN (l.a, l.b))
                ORDER BY low, high, kind
                """)
        return try Row.fetchAll(statement, arguments: [tenant.rawValue]).map { row in
            var link = TopologyLink(
                tenantID: tenant, a: row[0], b: row[1], kind: TopologyLink.Kind(rawValue: row[2]) ?? .adjacent, parent: row[3],
                frequencyGHz: row[4], lengthKilometres: row[5], provenance: row[6])
            link.validFrom = Timestamp(column: row[7])
            return link
        }
    }

    static func replace(_ db: Database, tenant: TenantID, pair: LinkPair, _ links: [TopologyLink]) throws {
        try db.cachedStatement(sql: "DELETE FROM links WHERE tenant = ? AND low = ? AND high = ?")
            .execute(arguments: [tenant.rawValue, pair.low, pair.high])
        for link in links {
            let values: [(any DatabaseValueConvertible)?] = [
                tenant.rawValue, pair.low, pair.high, link.kind.rawValue, link.a, link.b, link.parent, link.frequencyGHz, link.lengthKilometres,
                link.provenance, link.validFrom?.microseconds,
            ]
            try db.cachedStatement(
                sql: """
                    INSERT INTO links(tenant, low, high, kind, a, b, parent, frequency_ghz, length_km, provenance, valid_from)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """
            ).execute(arguments: StatementArguments(storable: values))
        }
    }
}

/// Links and sites over time.
enum VersionRows {
    private static let linkColumns = "valid_from, event, kind, a, b, parent, frequency_ghz, length_km, provenance, is_removed, is_any_kind, is_exact"

    static func insert(_ db: Database, _ version: LinkVersion) throws {
        let link = version.link
        let pair = link.pair
        let values: [(any DatabaseValueConvertible)?] = [
            link.tenantID.rawValue, pair.low, pair.high, version.at.microseconds, version.id.blob, link.kind.rawValue, link.a, link.b,
            link.parent, link.frequencyGHz, link.lengthKilometres, link.provenance, version.isRemoved, version.isOfAnyKind, version.isExact,
        ]
        try db.cachedStatement(
            sql: "INSERT OR REPLACE INTO link_versions(tenant, low, high, \(linkColumns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        ).execute(arguments: StatementArguments(storable: values))
        try db.cachedStatement(
            sql: """
                DELETE FROM link_versions WHERE tenant = ?1 AND low = ?2 AND high = ?3 AND valid_from <
                    (SELECT valid_from FROM link_versions WHERE tenant = ?1 AND low = ?2 AND high = ?3
                     ORDER BY valid_from DESC, event DESC LIMIT 1 OFFSET \(NetworkHistory.maximumVersions - 1))
                """
        ).execute(arguments: [link.tenantID.rawValue, pair.low, pair.high])
    }

    static func insert(_ db: Database, _ version: SiteVersion) throws {
        let (tenant, site) = (version.site.tenantID.rawValue, version.site.siteID.rawValue)
        let values: [(any DatabaseValueConvertible)?] = [
            tenant, site, version.at.microseconds, version.id.blob, try ColumnJSON.encode(version.site), version.isRemoved, version.isExact,
        ]
        try db.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO site_versions(tenant, site, valid_from, event, inventory, is_removed, is_exact)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: StatementArguments(storable: values))
        try db.cachedStatement(
            sql: """
                DELETE FROM site_versions WHERE tenant = ?1 AND site = ?2 AND valid_from <
                    (SELECT valid_from FROM site_versions WHERE tenant = ?1 AND site = ?2
                     ORDER BY valid_from DESC, event DESC LIMIT 1 OFFSET \(NetworkHistory.maximumVersions - 1))
                """
        ).execute(arguments: [tenant, site])
    }

    static func newest(_ db: Database, tenant: TenantID, site: SiteID) throws -> SiteVersion? {
        let row = try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT valid_from, event, inventory, is_removed, is_exact FROM site_versions WHERE tenant = ? AND site = ?
                    ORDER BY valid_from DESC, event DESC LIMIT 1
                    """), arguments: [tenant.rawValue, site.rawValue])
        return try row.map(Self.site)
    }

    static func links(_ db: Database, tenant: TenantID, pair: LinkPair) throws -> [LinkVersion] {
        let statement = try db.cachedStatement(
            sql: "SELECT \(linkColumns) FROM link_versions WHERE tenant = ? AND low = ? AND high = ?")
        return try Row.fetchAll(statement, arguments: [tenant.rawValue, pair.low, pair.high]).map { link($0, tenant) }
    }

    /// Everything of a tenant.
    static func history(_ db: Database, tenant: TenantID) throws -> NetworkHistory {
        var history = NetworkHistory()
        let links = try Row.fetchCursor(
            db, sql: "SELECT \(linkColumns) FROM link_versions WHERE tenant = ? ORDER BY low, high, valid_from, event, kind",
            arguments: [tenant.rawValue])
        while let row = try links.next() { history.insert(link(row, tenant)) }
        let sites = try Row.fetchCursor(
            db, sql: "SELECT valid_from, event, inventory, is_removed, is_exact FROM site_versions WHERE tenant = ? ORDER BY site, valid_from, event",
            arguments: [tenant.rawValue])
        while let row = try sites.next() { history.insert(try site(row)) }
        return history
    }

    private static func link(_ row: Row, _ tenant: TenantID) -> LinkVersion {
        LinkVersion(
            TopologyLink(
                tenantID: tenant, a: row[3], b: row[4], kind: TopologyLink.Kind(rawValue: row[2]) ?? .adjacent, parent: row[5],
                frequencyGHz: row[6], lengthKilometres: row[7], provenance: row[8]),
            at: Timestamp(microseconds: row[0]), id: EventID(blob: row[1]) ?? .none, isRemoved: row[9], isOfAnyKind: row[10], isExact: row[11])
    }

    private static func site(_ row: Row) throws -> SiteVersion {
        SiteVersion(
            try ColumnJSON.decode(Site.self, row[2], "a site's inventory"), at: Timestamp(microseconds: row[0]),
            id: EventID(blob: row[1]) ?? .none, isRemoved: row[3], isExact: row[4])
    }
}
