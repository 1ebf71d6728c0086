import TowerModel
import TowerStores

/// Links and sites over time.
enum VersionRows {
    private static let linkColumns =
        "tenant, low, high, valid_from, event, kind, a, b, parent, frequency_ghz, length_km, provenance, is_removed, is_any_kind, is_exact"
    private static let siteColumns = "tenant, site, valid_from, event, inventory, is_removed, is_exact"

    static func insert(_ versions: [LinkVersion]) -> PGStatement {
        PGStatement(
            """
            INSERT INTO link_versions(\(linkColumns))
            SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
            ON CONFLICT(tenant, low, high, valid_from, event, kind) DO UPDATE SET a = excluded.a, b = excluded.b, parent = excluded.parent,
                frequency_ghz = excluded.frequency_ghz, length_km = excluded.length_km, provenance = excluded.provenance,
                is_removed = excluded.is_removed, is_any_kind = excluded.is_any_kind, is_exact = excluded.is_exact
            """,
            [
                .texts(versions.map(\.link.tenantID.rawValue)), .texts(versions.map(\.link.pair.low)), .texts(versions.map(\.link.pair.high)),
                .ints(versions.map(\.at.microseconds)), .ids(versions.map(\.id)), .texts(versions.map(\.link.kind.rawValue)),
                .texts(versions.map(\.link.a)), .texts(versions.map(\.link.b)), .texts(versions.map(\.link.parent)),
                .doubles(versions.map(\.link.frequencyGHz)), .doubles(versions.map(\.link.lengthKilometres)),
                .texts(versions.map(\.link.provenance)), .bools(versions.map(\.isRemoved)), .bools(versions.map(\.isOfAnyKind)),
                .bools(versions.map(\.isExact)),
            ])
    }

    static func insert(_ versions: [SiteVersion]) throws -> PGStatement {
        PGStatement(
            """
            INSERT INTO site_versions(\(siteColumns)) SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT(tenant, site, valid_from, event) DO UPDATE SET inventory = excluded.inventory, is_removed = excluded.is_removed,
                is_exact = excluded.is_exact
            """,
            [
                .texts(versions.map(\.site.tenantID.rawValue)), .texts(versions.map(\.site.siteID.rawValue)),
                .ints(versions.map(\.at.microseconds)), .ids(versions.map(\.id)), .texts(try versions.map { try ColumnJSON.encode($0.site) }),
                .bools(versions.map(\.isRemoved)), .bools(versions.map(\.isExact)),
            ])
    }

    /// Every version between the ends that the slice speaks of; the newest are kept.
    static func select(_ versions: [LinkVersion]) -> PGStatement {
        PGStatement(
            """
            SELECT \(linkColumns) FROM
                (SELECT v.*, row_number() OVER (PARTITION BY v.tenant, v.low, v.high ORDER BY v.valid_from DESC, v.event DESC) AS place
                 FROM (SELECT DISTINCT * FROM unnest($1, $2, $3) AS k(tenant, low, high)) AS k
                 JOIN link_versions v ON v.tenant = k.tenant AND v.low = k.low AND v.high = k.high) AS v
            WHERE place <= \(NetworkHistory.maximumVersions) ORDER BY tenant, low, high, valid_from, event, kind
            """,
            [
                .texts(versions.map(\.link.tenantID.rawValue)), .texts(versions.map(\.link.pair.low)), .texts(versions.map(\.link.pair.high)),
            ])
    }

    static func newest(_ versions: [SiteVersion]) -> PGStatement {
        PGStatement(
            """
            SELECT DISTINCT ON (v.tenant, v.site) \(siteColumns.split(separator: ", ").map { "v.\($0)" }.joined(separator: ", "))
            FROM unnest($1, $2) AS k(tenant, site) JOIN site_versions v ON v.tenant = k.tenant AND v.site = k.site
            ORDER BY v.tenant, v.site, v.valid_from DESC, v.event DESC
            """, [.texts(versions.map(\.site.tenantID.rawValue)), .texts(versions.map(\.site.siteID.rawValue))])
    }

    /// Everything of a tenant.
    static func links(_ tenant: TenantID) -> PGStatement {
        PGStatement(
            "SELECT \(linkColumns) FROM link_versions WHERE tenant = $1 ORDER BY low, high, valid_from, event, kind", [.text(tenant.rawValue)])
    }

    static func sites(_ tenant: TenantID) -> PGStatement {
        PGStatement("SELECT \(siteColumns) FROM site_versions WHERE tenant = $1 ORDER BY site, valid_from, event", [.text(tenant.rawValue)])
    }

    /// A site that is no more has no row; nobody's word makes it one but the inventory's.
    static func retire(_ sites: [Site]) -> [PGStatement] {
        guard !sites.isEmpty else { return [] }
        let keys: [PGValue] = [.texts(sites.map(\.tenantID.rawValue)), .texts(sites.map(\.siteID.rawValue))]
        return [
            PGStatement("DELETE FROM sites s USING unnest($1, $2) AS k(tenant, site) WHERE s.tenant = k.tenant AND s.site = k.site", keys),
            PGStatement("INSERT INTO retired_sites(tenant, site) SELECT * FROM unnest($1, $2) ON CONFLICT DO NOTHING", keys),
        ]
    }

    static func restore(_ sites: [Site]) -> [PGStatement] {
        guard !sites.isEmpty else { return [] }
        let keys: [PGValue] = [.texts(sites.map(\.tenantID.rawValue)), .texts(sites.map(\.siteID.rawValue))]
        return [
            PGStatement("DELETE FROM retired_sites r USING unnest($1, $2) AS k(tenant, site) WHERE r.tenant = k.tenant AND r.site = k.site", keys)
        ]
    }

    static func link(_ row: PGRow) -> LinkVersion {
        LinkVersion(
            TopologyLink(
                tenantID: TenantID(row.text(0)), a: row.text(6), b: row.text(7), kind: TopologyLink.Kind(rawValue: row.text(5)) ?? .adjacent,
                parent: row.optionalText(8), frequencyGHz: row.optionalDouble(9), lengthKilometres: row.optionalDouble(10),
                provenance: row.optionalText(11)),
            at: row.time(3), id: row.id(4), isRemoved: row.bool(12), isOfAnyKind: row.bool(13), isExact: row.bool(14))
    }

    static func site(_ row: PGRow) throws -> SiteVersion {
        SiteVersion(
            try ColumnJSON.decode(Site.self, row.text(4), "a site's inventory"), at: row.time(2), id: row.id(3), isRemoved: row.bool(5),
            isExact: row.bool(6))
    }
}

/// The links that hold now.
enum LinkRows {
    static func select(_ tenant: TenantID) -> PGStatement {
        PGStatement(
            """
            SELECT a, b, kind, parent, frequency_ghz, length_km, provenance, valid_from FROM links l WHERE tenant = $1 AND NOT EXISTS
                (SELECT FROM retired_sites r WHERE r.tenant = $1 AND r.site IN (l.a, l.b))
            ORDER BY low, high, kind
            """, [.text(tenant.rawValue)])
    }

    static func links(_ rows: PGRows, tenant: TenantID) -> [TopologyLink] {
        rows.map { row in
            var link = TopologyLink(
                tenantID: tenant, a: row.text(0), b: row.text(1), kind: TopologyLink.Kind(rawValue: row.text(2)) ?? .adjacent,
                parent: row.optionalText(3), frequencyGHz: row.optionalDouble(4), lengthKilometres: row.optionalDouble(5),
                provenance: row.optionalText(6))
            link.validFrom = row.optionalTime(7)
            return link
        }
    }

    /// Between the ends that versions speak of these links hold, and no other.
    static func replace(_ versions: [LinkVersion], _ links: [TopologyLink]) -> [PGStatement] {
        guard !versions.isEmpty else { return [] }
        var statements = [
            PGStatement(
                """
                DELETE FROM links l USING (SELECT DISTINCT * FROM unnest($1, $2, $3) AS k(tenant, low, high)) AS k
                WHERE l.tenant = k.tenant AND l.low = k.low AND l.high = k.high
                """,
                [
                    .texts(versions.map(\.link.tenantID.rawValue)), .texts(versions.map(\.link.pair.low)), .texts(versions.map(\.link.pair.high)),
                ])
        ]
        guard !links.isEmpty else { return statements }
        statements.append(
            PGStatement(
                """
                INSERT INTO links(tenant, low, high, kind, a, b, parent, frequency_ghz, length_km, provenance, valid_from)
                SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
                """,
                [
                    .texts(links.map(\.tenantID.rawValue)), .texts(links.map(\.pair.low)), .texts(links.map(\.pair.high)),
                    .texts(links.map(\.kind.rawValue)), .texts(links.map(\.a)), .texts(links.map(\.b)), .texts(links.map(\.parent)),
                    .doubles(links.map(\.frequencyGHz)), .doubles(links.map(\.lengthKilometres)), .texts(links.map(\.provenance)),
                    .ints(links.map { $0.validFrom?.microseconds }),
                ]))
        return statements
    }
}
