import Synchronization
public import TowerModel
public import TowerStores

extension PostgresStore {
    /// Which rows of `series` the numbers of a numbering are, as far as they were met.
    struct SeriesRows: Sendable {
        let numbering: SampleBatch.Numbering
        /// Of the read models: another process may have emptied them.
        let generation: Int64
        var ids: [Int64] = []
    }

    public func store(_ batch: SampleBatch, _ move: PositionMove) async throws {
        let known = seriesRows.withLock { $0 }
        // What is repeated after a broken commit is either due or recognised as written.
        let rows = try await pool.run(.samples, "store samples", isRepeatable: true) { connection in
            try connection.transaction { connection -> SeriesRows? in
                guard let generation = try Positions.begin(connection, move) else { return nil }
                var rows = SeriesRows(numbering: batch.numbering, generation: generation)
                if let known, known.numbering === batch.numbering, known.generation == generation { rows = known }
                try Self.addSeries(connection, batch.series, &rows)
                try Self.insert(connection, batch, rows.ids)
                _ = try connection.run([Positions.write(move)])
                return rows
            }
        }
        // Only now: what a rollback took back must not be remembered.
        if let rows { seriesRows.withLock { $0 = rows } }
    }

    /// Writes points in the order of the table: staged by COPY, then merged in one statement.
    private static func insert(_ connection: PGConnection, _ batch: SampleBatch, _ ids: [Int64]) throws {
        let order = batch.order(by: ids, isUnique: true)
        guard !order.isEmpty else { return }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(order.count * 38)
        for index in order {
            let point = batch.points[index]
            bytes.append(value: Int16(3))
            bytes.append(value: Int32(8))
            bytes.append(value: ids[Int(point.series)])
            bytes.append(value: Int32(8))
            bytes.append(value: point.at.microseconds)
            bytes.append(value: Int32(8))
            bytes.append(value: point.value)
        }
        try connection.execute(
            """
            CREATE TEMP TABLE IF NOT EXISTS staged_samples(series bigint, at bigint, value double precision) ON COMMIT DELETE ROWS
            """)
        try connection.copy(into: "staged_samples(series, at, value)", bytes)
        _ = try connection.run(
            """
            INSERT INTO samples(series, at, value) SELECT series, at, value FROM staged_samples
            ON CONFLICT(series, at) DO UPDATE SET value = excluded.value
            """)
    }

    /// Finds or makes the rows of those series that are not known yet.
    private static func addSeries(_ connection: PGConnection, _ series: [SampleBatch.Series], _ rows: inout SeriesRows) throws {
        let new = series.dropFirst(rows.ids.count)
        guard !new.isEmpty else { return }
        let names: [PGValue] = [
            .texts(new.map(\.tenantID.rawValue)), .texts(new.map(\.siteID.rawValue)), .texts(new.map(\.metric)),
        ]
        // Two processes may meet a series at once: the second waits for the first, and then reads its row.
        let answers = try connection.run([
            PGStatement(
                """
                INSERT INTO series(tenant, site, metric) SELECT DISTINCT tenant, site, metric
                FROM unnest($1, $2, $3) AS n(tenant, site, metric) ORDER BY 1, 2, 3 ON CONFLICT DO NOTHING
                """, names),
            PGStatement(
                """
                SELECT s.id FROM unnest($1, $2, $3) WITH ORDINALITY AS n(tenant, site, metric, place)
                JOIN series s ON s.tenant = n.tenant AND s.site = n.site AND s.metric = n.metric ORDER BY n.place
                """, names),
        ])
        guard answers[1].count == new.count else {
            throw StoreError(.unavailable, "could not name \(new.count) series: another process emptied the read models meanwhile")
        }
        rows.ids += answers[1].map { $0.int(0) }
    }

    public func series(tenant: TenantID, site: SiteID, metrics: [String], from: Timestamp, to: Timestamp, maxPoints: Int) async throws
        -> [SeriesView]
    {
        try await read("read series") { connection in
            guard from < to, maxPoints > 0, !metrics.isEmpty else {
                return metrics.map { SeriesView(siteID: site, metric: $0, points: []) }
            }
            let answers = try connection.run(
                metrics.map { metric in
                    PGStatement(
                        """
                        SELECT at, value FROM samples
                        WHERE series = (SELECT id FROM series WHERE tenant = $1 AND site = $2 AND metric = $3) AND at >= $4 AND at < $5
                        ORDER BY at
                        """,
                        [.text(tenant.rawValue), .text(site.rawValue), .text(metric), .int(from.microseconds), .int(to.microseconds)])
                })
            return zip(metrics, answers).map { metric, rows in
                var thinner = Downsampler(from: from, to: to, maxPoints: maxPoints, count: rows.count)
                rows.forEach { thinner.add($0.time(0), $0.double(1)) }
                return SeriesView(siteID: site, metric: metric, points: thinner.finish())
            }
        }
    }

    public func dropSamples(before: Timestamp) async throws {
        // A few series a transaction, on a connection that no projection waits for.
        let ids = try await read("list series") { try $0.run("SELECT id FROM series ORDER BY id").map { $0.int(0) } }
        for chunk in stride(from: 0, to: ids.count, by: 256) {
            let part = Array(ids[chunk..<min(chunk + 256, ids.count)])
            try await write("drop old samples") { connection in
                _ = try connection.run(
                    "DELETE FROM samples WHERE series = ANY($1) AND at < $2", .ints(part), .int(before.microseconds))
            }
        }
    }
}
