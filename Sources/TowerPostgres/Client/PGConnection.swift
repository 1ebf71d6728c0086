import CPostgres
import Glibc

/// One connection to PostgreSQL, for the thread that made it.
///
/// - Waits only in `poll` and never longer than its deadlines: a server that was stopped answers nothing and closes nothing.
/// - Statements go out in pipelines: what is handed over together costs one round trip.
/// - Errors: `PGFailure`. After one with `isBroken` the connection is of no use.
final class PGConnection {
    private let raw: OpaquePointer
    private let target: PGTarget
    /// Asked while waiting: the instant after which nobody wants the answer any more, `.max` for never.
    var giveUpAt: () -> Int64 = { .max }
    private(set) var isBroken = false
    private var names: [StatementKey: String] = [:]
    private var nextName = 0
    /// `BEGIN` was asked for and goes out with the next statements.
    private var isBeginDue = false

    private struct StatementKey: Hashable {
        let sql: String
        let types: [Oid]
    }

    /// Statements kept prepared at most; all of ours are fewer, lists with filters included.
    private static let maxPrepared = 512

    init(_ target: PGTarget) throws {
        self.target = target
        guard let raw = PQconnectStart(target.url) else { throw PGFailure(state: nil, message: "out of memory", isBroken: true) }
        self.raw = raw
        // By default libpq writes notices to standard error.
        PQsetNoticeProcessor(raw, { _, _ in }, nil)
        try connect()
        guard PQsetnonblocking(raw, 1) == 0 else { throw broken() }
        try execute(
            """
            SET client_encoding = 'UTF8'; SET application_name = 'towerco'; SET jit = off; SET TIME ZONE 'UTC';
            SET statement_timeout = \(target.statementMs); SET lock_timeout = \(target.statementMs);
            SET idle_in_transaction_session_timeout = \(max(target.statementMs, 10_000))
            """)
    }

    deinit { PQfinish(raw) }

    /// 150018 is 15.18.
    var serverVersion: Int { Int(PQserverVersion(raw)) }

    /// No transaction is open and no answer outstanding.
    var isIdle: Bool { !isBroken && PQstatus(raw) == CONNECTION_OK && PQtransactionStatus(raw) == PQTRANS_IDLE }

    static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    private func connect() throws {
        let deadline = Self.now() + target.connectMs
        var isReading = false
        while true {
            guard PQstatus(raw) != CONNECTION_BAD else { throw broken() }
            try wait(Int16(isReading ? POLLIN : POLLOUT), until: deadline, "the connection")
            switch PQconnectPoll(raw) {
            case PGRES_POLLING_READING: isReading = true
            case PGRES_POLLING_WRITING: isReading = false
            case PGRES_POLLING_OK: return
            default: throw broken()
            }
        }
    }

    // MARK: Statements

    /// Runs the statements in order, in one round trip; answers one result each.
    func run(_ statements: [PGStatement], timeoutMs: Int64? = nil) throws -> [PGRows] {
        let deadline = Self.now() + (timeoutMs ?? target.statementMs + Self.graceMs)
        var statements = statements
        let hasBegin = isBeginDue
        if hasBegin { statements.insert(PGStatement("BEGIN"), at: 0) }
        isBeginDue = false
        if PQpipelineStatus(raw) == PQ_PIPELINE_OFF, PQenterPipelineMode(raw) == 0 { throw broken() }
        var steps: [(prepares: StatementKey?, name: String)] = []
        for statement in statements { try send(statement, &steps) }
        guard PQpipelineSync(raw) == 1 else { throw broken() }
        try flush(deadline)
        var rows = try receive(steps, deadline)
        if hasBegin { rows.removeFirst() }
        return rows
    }

    func run(_ sql: String, _ values: PGValue...) throws -> PGRows { try run([PGStatement(sql, values)])[0] }

    /// A server that enforces its own time-out is waited for a little longer, so that it can say so.
    private static let graceMs: Int64 = 2000

    private func send(_ statement: PGStatement, _ steps: inout [(prepares: StatementKey?, name: String)]) throws {
        let types = statement.values.map(\.type)
        let key = StatementKey(sql: statement.sql, types: types)
        var name = names[key] ?? steps.first { $0.prepares == key }?.name
        if name == nil {
            nextName += 1
            let fresh = "t\(nextName)"
            guard PQsendPrepare(raw, fresh, statement.sql, Int32(types.count), types) == 1 else { throw broken() }
            steps.append((key, fresh))
            name = fresh
        }
        var bytes: [UInt8] = []
        var offsets: [Int?] = []
        var lengths: [Int32] = []
        for value in statement.values {
            let start = bytes.count
            let isThere = value.append(to: &bytes)
            offsets.append(isThere ? start : nil)
            lengths.append(Int32(truncatingIfNeeded: bytes.count - start))
        }
        bytes.append(0)
        let sent = bytes.withUnsafeBytes { memory in
            let start = memory.baseAddress?.assumingMemoryBound(to: CChar.self)
            let pointers = offsets.map { offset in offset.flatMap { start?.advanced(by: $0) } }
            return PQsendQueryPrepared(
                raw, name, Int32(offsets.count), pointers, lengths, [Int32](repeating: 1, count: offsets.count), 1)
        }
        guard sent == 1 else { throw broken() }
        steps.append((nil, name ?? ""))
    }

    /// Reads one answer a step up to the end of the pipeline; the first failure counts, those behind it follow from it.
    private func receive(_ steps: [(prepares: StatementKey?, name: String)], _ deadline: Int64) throws -> [PGRows] {
        var rows: [PGRows] = []
        var failure: PGFailure?
        for step in steps {
            guard let result = try nextResult(deadline) else { throw broken() }
            switch PQresultStatus(result) {
            case PGRES_TUPLES_OK, PGRES_COMMAND_OK:
                if let key = step.prepares {
                    PQclear(result)
                    if names.count >= Self.maxPrepared { names.removeAll() }
                    names[key] = step.name
                } else {
                    rows.append(PGRows(result))
                }
            default:
                if failure == nil { failure = self.failure(result) }
                PQclear(result)
            }
            // Each step ends with nothing.
            if try nextResult(deadline) != nil { throw broken() }
        }
        guard let end = try nextResult(deadline), PQresultStatus(end) == PGRES_PIPELINE_SYNC else { throw broken() }
        PQclear(end)
        if let failure { throw failure }
        return rows
    }

    /// Runs statements without parameters, separated by semicolons: for set-up and schemas.
    func execute(_ script: String, timeoutMs: Int64? = nil) throws {
        let deadline = Self.now() + (timeoutMs ?? target.statementMs + Self.graceMs)
        try leavePipeline()
        if isBeginDue {
            isBeginDue = false
            try execute("BEGIN")
        }
        guard PQsendQuery(raw, script) == 1 else { throw broken() }
        try flush(deadline)
        try finish(deadline)
    }

    /// Writes `rows`, already in the binary form of COPY without its head and end.
    ///
    /// - Parameter destination: table and columns, `samples(series, at, value)`.
    func copy(into destination: String, _ rows: [UInt8]) throws {
        let deadline = Self.now() + target.statementMs + Self.graceMs
        try leavePipeline()
        if isBeginDue {
            isBeginDue = false
            try execute("BEGIN")
        }
        guard PQsendQuery(raw, "COPY \(destination) FROM STDIN (FORMAT binary)") == 1 else { throw broken() }
        try flush(deadline)
        guard let ready = try nextResult(deadline) else { throw broken() }
        let status = PQresultStatus(ready)
        let refusal = status == PGRES_COPY_IN ? nil : failure(ready)
        PQclear(ready)
        if let refusal {
            try? finish(deadline)
            throw refusal
        }
        var head: [UInt8] = Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0x00]
        head.append(value: Int64(0))
        try put(head[...], deadline)
        for start in stride(from: 0, to: rows.count, by: 1 << 20) { try put(rows[start..<min(start + 1 << 20, rows.count)], deadline) }
        try put([0xFF, 0xFF], deadline)
        while true {
            let ended = PQputCopyEnd(raw, nil)
            if ended == 1 { break }
            guard ended == 0 else { throw broken() }
            try flush(deadline)
        }
        try flush(deadline)
        try finish(deadline)
    }

    private func put(_ bytes: ArraySlice<UInt8>, _ deadline: Int64) throws {
        while true {
            let sent = bytes.withUnsafeBytes { memory in
                PQputCopyData(raw, memory.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(truncatingIfNeeded: memory.count))
            }
            if sent == 1 { return try flush(deadline) }
            guard sent == 0 else { throw broken() }
            try flush(deadline)
        }
    }

    // MARK: Transactions

    /// Everything that `body` runs, or nothing. When this throws something broken, nobody knows which of the two.
    func transaction<Value>(_ body: (PGConnection) throws -> Value) throws -> Value {
        isBeginDue = true
        do {
            let value = try body(self)
            if isBeginDue {
                isBeginDue = false
                return value
            }
            let tag = try run("COMMIT").tag
            guard tag == "COMMIT" else { throw PGFailure(state: "40000", message: "the transaction was rolled back", isBroken: false) }
            return value
        } catch {
            let wasSent = !isBeginDue
            isBeginDue = false
            if !isBroken, wasSent {
                do { _ = try run("ROLLBACK") } catch { isBroken = true }
            }
            throw error
        }
    }

    // MARK: The wire

    private func leavePipeline() throws {
        guard PQpipelineStatus(raw) != PQ_PIPELINE_OFF else { return }
        guard PQexitPipelineMode(raw) == 1 else { throw broken() }
    }

    /// Reads what is left of a script's answers and throws the first failure.
    private func finish(_ deadline: Int64) throws {
        var failure: PGFailure?
        while let result = try nextResult(deadline) {
            switch PQresultStatus(result) {
            case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: break
            default: if failure == nil { failure = self.failure(result) }
            }
            PQclear(result)
        }
        if let failure { throw failure }
    }

    private func nextResult(_ deadline: Int64) throws -> OpaquePointer? {
        while PQisBusy(raw) == 1 {
            try wait(Int16(POLLIN), until: deadline, "an answer")
            guard PQconsumeInput(raw) == 1 else { throw broken() }
        }
        return PQgetResult(raw)
    }

    private func flush(_ deadline: Int64) throws {
        while true {
            let left = PQflush(raw)
            if left == 0 { return }
            guard left == 1 else { throw broken() }
            // The server may have to get rid of answers before it takes more.
            let ready = try wait(Int16(POLLIN | POLLOUT), until: deadline, "the server to take statements")
            if ready & Int16(POLLIN) != 0, PQconsumeInput(raw) != 1 { throw broken() }
        }
    }

    /// Waits in short turns, so that a caller who gives up is noticed.
    @discardableResult
    private func wait(_ events: Int16, until deadline: Int64, _ what: String) throws -> Int16 {
        while true {
            let now = Self.now()
            let end = min(deadline, giveUpAt())
            guard now < end else {
                isBroken = true
                throw PGFailure(state: nil, message: "\(target.name) did not answer in time (waiting for \(what))", isBroken: true)
            }
            var watched = pollfd(fd: PQsocket(raw), events: events, revents: 0)
            let count = poll(&watched, 1, Int32(min(end - now, 200)))
            if count > 0 { return watched.revents }
            if count < 0, errno != EINTR { throw broken() }
        }
    }

    private func failure(_ result: OpaquePointer) -> PGFailure {
        func field(_ code: Character) -> String? {
            guard let value = PQresultErrorField(result, Int32(code.asciiValue ?? 0)) else { return nil }
            return String(cString: value)
        }
        let state = field("C")
        guard PQstatus(raw) == CONNECTION_OK else {
            isBroken = true
            return PGFailure(state: nil, message: field("M") ?? words(), isBroken: true)
        }
        return PGFailure(state: state, message: "\(field("M") ?? words()) (SQLSTATE \(state ?? "none"))", isBroken: false)
    }

    /// libpq could not go on.
    private func broken() -> PGFailure {
        isBroken = true
        return PGFailure(state: nil, message: words(), isBroken: true)
    }

    private func words() -> String {
        let text = String(cString: PQerrorMessage(raw)).split(separator: "\n").map { $0.drop { $0 == " " || $0 == "\t" } }
        return text.isEmpty ? "the connection to \(target.name) was lost" : text.joined(separator: "; ")
    }
}

/// SQL with its parameters, `$1` first.
struct PGStatement {
    var sql: String
    var values: [PGValue]
    init(_ sql: String, _ values: [PGValue] = []) {
        self.sql = sql
        self.values = values
    }
}
