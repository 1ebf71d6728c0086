import Synchronization
public import TowerModel
public import TowerStreaming
import TowerWire

/// The door: bytes of an authenticated tenant become checked, deduplicated, durable records, or say line by line why not.
///
/// - Promise: what the report calls accepted or a duplicate survives a power cut; a bad line never costs a good one; the
///   good lines of a body keep their order.
/// - Concurrency: any number of tasks. One append, and so at most one sync, a request, unless it repeats an event
///   that another request is appending at that moment.
/// - Errors: `IngestError` when the request as a whole could not be answered. Sending it again is always safe: what became
///   durable nevertheless is then a duplicate.
public final class IngestDoor: Sendable {
    struct Shared: ~Copyable {
        var window: DuplicateWindow
        /// Who waits for the end of which ticket.
        var waiters: [DuplicateWindow.Ticket: [CheckedContinuation<Void, Never>]] = [:]
        /// What the archive is to get; `nil` without one, and before `recall`.
        var outbox: KeyOutbox?
    }

    let log: any EventLog
    let symbols: SymbolTable
    let catalog: EventCatalog
    let limits: IngestLimits
    let clock: @Sendable () -> Timestamp
    let archive: (any KeyArchive)?
    /// What keys are blended with.
    let secret: WideKey
    let shared: Mutex<Shared>
    private let workers = Mutex<[DoorWorker]>([])
    private let totals = Mutex(IngestCounters())
    let onAccepted: (@Sendable (AcceptedBatch) -> Void)?
    private let guarding: @Sendable (TenantID) -> PayloadGuard?
    let onAppended: (@Sendable (Duration, TraceContext?) -> Void)?

    /// - Parameters:
    ///   - symbols: shared with the readers of the log, so that their batches speak of the same names.
    ///   - archive: keeps the newest ids beside the log, so that a start need not read all of them; see `recall`.
    ///   - clock: stamps dead letters.
    ///   - guarding: what a tenant's own schemas ask of its payloads; asked once a request.
    ///   - onAccepted: told of events once they are durable, in no particular order; must be quick.
    ///   - onAppended: told how long the log took for a request's records and of what trace they are; must be quick.
    public init(
        log: any EventLog, symbols: SymbolTable, catalog: EventCatalog = .standard, limits: IngestLimits = .standard,
        archive: (any KeyArchive)? = nil, clock: @escaping @Sendable () -> Timestamp,
        guarding: @escaping @Sendable (TenantID) -> PayloadGuard? = { _ in nil },
        onAccepted: (@Sendable (AcceptedBatch) -> Void)? = nil, onAppended: (@Sendable (Duration, TraceContext?) -> Void)? = nil
    ) {
        self.guarding = guarding
        self.archive = archive
        secret = archive?.secret ?? WideKey(high: .random(in: .min ... .max), low: .random(in: .min ... .max))
        self.onAccepted = onAccepted
        self.onAppended = onAppended
        self.log = log
        self.symbols = symbols
        self.catalog = catalog
        self.limits = limits
        self.clock = clock
        self.shared = Mutex(Shared(window: DuplicateWindow(generationIDs: limits.duplicateIDs)))
    }

    /// Takes a body in.
    public func ingest(_ request: IngestRequest) async throws -> IngestReport {
        do {
            return try await take(request)
        } catch {
            totals.withLock {
                $0.requests += 1
                $0.refusedRequests += 1
            }
            throw error
        }
    }

    /// What passed since the start.
    public var counters: IngestCounters {
        var counters = totals.withLock { $0 }
        counters.rememberedIDs = Int64(shared.withLock { $0.window.count })
        return counters
    }

    private func take(_ request: IngestRequest) async throws -> IngestReport {
        var request = request
        request.body = try unpacked(request.body, request.contentEncoding)
        // The worker is given back before the wait for the disk: there are as many as requests being read, not as requests.
        var worker = workers.withLock { $0.popLast() } ?? DoorWorker(symbols: symbols, catalog: catalog, limits: limits.decode)
        let outcome = Result { () throws(IngestError) in try read(request, &worker) }
        giveBack(worker)
        var reading = try outcome.get()
        reading.trace = request.trace?.child("append")
        reading.isCanary = request.isCanary
        reading.cause = request.cause
        var report = IngestReport(rejected: reading.rejections)
        if !request.keepsLetters { reading.rejections = [] }
        try await append(reading, tenant: request.tenant, source: request.source, trace: request.trace, &report)
        // What comes from a letter was counted when it became one.
        if !request.isCanary, request.keepsLetters {
            count(report, request.body, letters: min(reading.rejections.count, limits.maxDeadLetters))
        } else if !request.keepsLetters {
            countRetry(report)
        }
        return report
    }

    private func unpacked(_ body: [UInt8], _ contentEncoding: String?) throws(IngestError) -> [UInt8] {
        guard body.count <= limits.maxBodyBytes else {
            throw IngestError(.tooLarge, status: 413, "The body has \(body.count) bytes; \(limits.maxBodyBytes) are allowed")
        }
        switch contentEncoding?.lowercased().filter({ $0 != " " }) ?? "" {
        case "", "identity": return body
        case "gzip", "x-gzip":
            return try Inflate.gzip(body, maxBytes: limits.maxInflatedBytes, maxRatio: limits.maxInflationRatio)
        case "zstd":
            return try Inflate.zstd(body, maxBytes: limits.maxInflatedBytes, maxRatio: limits.maxInflationRatio)
        case let other:
            throw IngestError(
                .unsupportedEncoding, status: 415,
                "Content-Encoding \(other.prefix(40)) is not understood; send gzip, zstd or none")
        }
    }

    private func read(_ request: IngestRequest, _ worker: inout DoorWorker) throws(IngestError) -> DoorWorker.Reading {
        // A probe is the platform's own: no tenant's schema may stop it.
        let guarding = request.isCanary ? nil : guarding(request.tenant)
        let expected = symbols.intern(request.tenant.rawValue)
        guard expected != .none else {
            throw IngestError(.unavailable, status: 503, "The table of names is full: restart the process", retryAfterSeconds: 60)
        }
        if let mode = try CloudEventBody.Mode.of(contentType: request.contentType, headers: request.attributes) {
            return worker.read(
                request, try cloudEvents(request, mode), mode, tenant: expected, symbols: symbols, guarding: guarding)
        }
        // A closure of `withUnsafeBytes` cannot throw this type, so the result carries it out.
        let limits = limits
        let pieces: Result<[BodyPieces.Piece], IngestError> = request.body.withUnsafeBytes { bytes in
            do throws(IngestError) {
                let format = try BodyFormat.of(contentType: request.contentType, bytes)
                let pieces = try BodyPieces(bytes, as: format, maxLines: limits.maxLines).pieces
                guard pieces.contains(where: { !$0.range.isEmpty || $0.fault != nil }) || format == .array else {
                    throw IngestError(.empty, status: 400, "The body holds no event")
                }
                return .success(pieces)
            } catch {
                return .failure(error)
            }
        }
        return worker.read(request.body, try pieces.get(), tenant: expected, symbols: symbols, guarding: guarding)
    }

    private func cloudEvents(_ request: IngestRequest, _ mode: CloudEventBody.Mode) throws(IngestError) -> CloudEventBody {
        let limits = limits
        let receivedAt = clock()
        let result: Result<CloudEventBody, IngestError> = request.body.withUnsafeBytes { bytes in
            Result { () throws(IngestError) in
                try CloudEventBody(
                    bytes, mode: mode, contentType: request.contentType, headers: request.attributes,
                    tenant: request.tenant.rawValue, receivedAt: receivedAt, maxLines: limits.maxLines, limits: limits.decode)
            }
        }
        return try result.get()
    }

    private func giveBack(_ worker: DoorWorker) {
        workers.withLock { if $0.count < 8 { $0.append(worker) } }
    }

    private func countRetry(_ report: IngestReport) {
        totals.withLock { totals in
            totals.requests += 1
            totals.accepted += Int64(report.accepted)
            totals.duplicates += Int64(report.duplicates)
            totals.flagged += Int64(report.flagged)
        }
    }

    private func count(_ report: IngestReport, _ body: [UInt8], letters: Int) {
        var rejected: [(code: String, count: Int64)] = []
        for rejection in report.rejected {
            // Few codes a request: looked for in a row before the lock, not in the table of all under it.
            if let known = rejected.firstIndex(where: { $0.code == rejection.code }) {
                rejected[known].count += 1
            } else {
                rejected.append((rejection.code, 1))
            }
        }
        totals.withLock { totals in
            totals.requests += 1
            totals.bytes += Int64(body.count)
            totals.accepted += Int64(report.accepted)
            totals.duplicates += Int64(report.duplicates)
            totals.flagged += Int64(report.flagged)
            for (code, count) in rejected { totals.rejected[code, default: 0] += count }
            totals.deadLetters += Int64(letters)
            totals.deadLettersDropped += Int64(report.rejected.count - letters)
        }
    }
}
