import CPostgres
import TowerStores

/// Why a statement failed, as PostgreSQL or libpq said it.
struct PGFailure: Error {
    /// `SQLSTATE`, five characters; `nil` when the connection failed and nobody answered.
    var state: String?
    var message: String
    /// The connection is of no use any more.
    var isBroken: Bool

    /// The failure as a store's: what may pass is `unavailable`, a constraint is a `conflict`, the rest a broken schema or a bug.
    func storeError(_ what: String) -> StoreError { StoreError(code, "could not \(what): \(message)") }

    private var code: StoreError.Code {
        guard let state else { return .unavailable }
        if Self.passing.contains(state) || Self.passingClasses.contains(String(state.prefix(2))) { return .unavailable }
        return state.hasPrefix("23") ? .conflict : .corrupt
    }

    /// Connection, transaction rolled back (serialization, deadlock), resources (disk, memory, connections), operator
    /// intervention (shutdown, starting up, cancelled by timeout), system error, credentials.
    private static let passingClasses: Set<String> = ["08", "40", "53", "57", "58", "28"]
    /// Lock not available, idle in transaction or object in use, read-only standby, no such database yet.
    private static let passing: Set<String> = ["55P03", "55006", "25P03", "25P02", "25006", "3D000"]
}

/// How to reach the server, and for how long to wait for it.
struct PGTarget: Sendable {
    /// libpq's connection string or URL. Holds a password: it is never printed.
    let url: String
    /// Host, port and database, for people.
    let name: String
    var connectMs: Int64
    /// For the server to answer one round of statements; also its own limit for each.
    var statementMs: Int64

    /// - Errors: `StoreError.unavailable` when libpq cannot read the URL. Its own words would quote the password.
    init(url: String, connectMs: Int64, statementMs: Int64) throws {
        self.url = url
        self.connectMs = connectMs
        self.statementMs = statementMs
        guard let options = PQconninfoParse(url, nil) else {
            throw StoreError(
                .unavailable,
                "store.url is not a PostgreSQL URL; write postgres://user:password@host:5432/database?sslmode=require, with "
                    + "characters like @ : / % in the password as %40 %3A %2F %25")
        }
        defer { PQconninfoFree(options) }
        var values: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { values[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        let host = values["host"] ?? values["hostaddr"] ?? "localhost"
        name = "\(host):\(values["port"] ?? "5432")/\(values["dbname"] ?? values["user"] ?? "")"
    }
}
