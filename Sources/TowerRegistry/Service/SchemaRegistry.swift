import TowerModel
public import TowerStreaming
import Synchronization

/// The registry of this platform: a log topic, and its fold in memory.
///
/// - Durability: a call that changes something returns after its append; then every process that reads the topic knows it.
/// - Order: one change at a time in a process. Of two processes that took the same id or version the log's first wins; the
///   other notices, takes its record back and tries again.
/// - Errors: `RegistryError`. Nothing changed when it throws, except that a change whose append failed with 50001 may still
///   have become durable; doing it again is harmless.
public actor SchemaRegistry {
    let log: any EventLog
    /// Tells this process's records from another's.
    let writer: String
    private var offset: Int64 = 0
    private var isBusy = false
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var parsed = ParsedSchemaCache()
    /// Read without waiting by those who ask often.
    private nonisolated let shared: Mutex<RegistryState>

    /// - Parameter writer: unlike any other process's; a random text.
    public init(log: any EventLog, writer: String) {
        self.log = log
        self.writer = writer
        shared = Mutex(RegistryState())
    }

    /// What is known now.
    public nonisolated var state: RegistryState { shared.withLock { $0 } }
    public nonisolated var revision: UInt64 { shared.withLock { $0.revision } }

    /// Reads what others wrote.
    public func catchUp() async throws(RegistryError) {
        await acquire()
        defer { release() }
        _ = try await read()
    }

    // MARK: Changing

    /// Decides under the registry's turn, appends, applies. `decide` may be called again when another process was first.
    ///
    /// - Returns: the answer of the last decision.
    func change<Answer: Sendable>(
        _ decide: (isolated SchemaRegistry, RegistryState) throws(RegistryError) -> (records: [RegistryRecord], answer: Answer)
    ) async throws(RegistryError) -> Answer {
        await acquire()
        defer { release() }
        for _ in 0..<16 {
            _ = try await read()
            let (records, answer) = try decide(self, state)
            guard !records.isEmpty else { return answer }
            do {
                _ = try await log.append(records.map(\.record))
            } catch {
                throw .backend("\(error)")
            }
            let lost = try await read().filter { $0.isOurs(writer) && records.contains($0) }
            if lost.isEmpty { return answer }
            let taken = lost.compactMap(\.takenBack).map(\.record)
            if !taken.isEmpty {
                do { _ = try await log.append(taken) } catch { throw .backend("\(error)") }
            }
        }
        throw .backend("other processes were first sixteen times")
    }

    /// Applies what is new in the topic.
    ///
    /// - Returns: records that did not count.
    private func read() async throws(RegistryError) -> [RegistryRecord] {
        var lost: [RegistryRecord] = []
        do {
            while true {
                let records = try await log.fetch(topic: RegistryRecord.topic, from: offset, maxBytes: 4 << 20)
                guard let last = records.last else { return lost }
                let news = records.compactMap { $0.offset >= offset ? RegistryRecord($0.record) : nil }
                lost += shared.withLock { state in news.filter { state.apply($0) == .lost } }
                offset = last.offset + 1
            }
        } catch let error as EventLogError where error.code == .unknownTopic {
            return lost
        } catch {
            throw .backend("\(error)")
        }
    }

    /// One at a time, in the order of asking, also across suspensions.
    private func acquire() async {
        guard isBusy else {
            isBusy = true
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    private func release() {
        if waiting.isEmpty { isBusy = false } else { waiting.removeFirst().resume() }
    }

    // MARK: Understanding

    /// The schema with everything it refers to, as the tenant sees it.
    func parse(_ tenant: TenantID, _ content: SchemaContent, in state: RegistryState) throws(RegistryError) -> ParsedSchema {
        if let known = parsed[tenant, content] { return known }
        let schema = try state.parse(tenant, content)
        parsed[tenant, content] = schema
        return schema
    }
}

extension RegistryRecord {
    func isOurs(_ writer: String) -> Bool {
        switch self {
        case .version(let version): version.writer == writer
        case .versionGone(_, _, _, let other): other == writer
        default: true
        }
    }

    /// What makes a record that did not count disappear from the topic.
    var takenBack: RegistryRecord? {
        guard case .version(let version) = self else { return nil }
        return .versionGone(tenant: version.tenant, subject: version.subject, version: version.version, writer: version.writer)
    }
}
