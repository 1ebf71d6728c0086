import TowerStores

/// The positions of consumer groups, held and moved inside the transaction that writes what lies between.
enum Positions {
    static func fetch(_ connection: PGConnection, _ group: String) throws -> StorePosition {
        let rows = try connection.run("SELECT part, next FROM positions WHERE consumer_group = $1", .text(group))
        return StorePosition(rows: Dictionary(rows.map { ($0.text(0), $0.int(1)) }, uniquingKeysWith: { $1 }))
    }

    /// Takes hold of the rows of a move until the transaction ends, and answers the generation of the read models, or `nil` when
    /// the move was made before. Another writer of the same rows waits here.
    static func begin(_ connection: PGConnection, _ move: PositionMove, and more: [PGStatement] = []) throws -> Int64? {
        let parts = PGValue.texts(move.rows.map(\.part))
        let group = PGValue.text(move.group)
        let answers = try connection.run(
            [
                // A row that is not there cannot be held.
                PGStatement(
                    """
                    INSERT INTO positions(consumer_group, part, next) SELECT $1, part, 0 FROM unnest($2) AS p(part) ORDER BY part
                    ON CONFLICT DO NOTHING
                    """, [group, parts]),
                PGStatement(
                    "SELECT part, next FROM positions WHERE consumer_group = $1 AND part = ANY($2) ORDER BY part FOR UPDATE",
                    [group, parts]),
                PGStatement("SELECT generation FROM read_model_state"),
            ] + more)
        let stored = Dictionary(answers[1].map { ($0.text(0), $0.int(1)) }, uniquingKeysWith: { $1 })
        guard try move.isDue(stored) else { return nil }
        return answers[2].first?.int(0) ?? 0
    }

    static func write(_ move: PositionMove) -> PGStatement {
        PGStatement(
            """
            UPDATE positions p SET next = n.next FROM unnest($2, $3) AS n(part, next) WHERE p.consumer_group = $1 AND p.part = n.part
            """, [.text(move.group), .texts(move.rows.map(\.part)), .ints(move.rows.map(\.to))])
    }
}
