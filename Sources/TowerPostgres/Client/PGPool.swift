import Synchronization
import TowerStores
import TowerThreads

/// Connections with a thread each, in lanes: what waits in one lane never waits for another.
///
/// - Bounds: a connection a thread, `maxWaiting` jobs a lane. A server that is away is asked again after 0.1 s, then twice as
///   long each time up to 5 s; in between everybody is refused at once.
/// - Concurrency: callers are tasks and are suspended, never blocked.
final class PGPool: Sendable {
    /// One job after the other on one connection, or several side by side.
    enum Lane: Int, CaseIterable, Sendable {
        /// Read models: one writer a process.
        case projection
        case samples
        /// Readers and accounts.
        case shared
    }

    private static let maxWaiting = 1024
    private static let firstPauseMs: Int64 = 100
    private static let longestPauseMs: Int64 = 5000

    private struct Job: Sendable {
        /// Given up at, in milliseconds of `PGConnection.now`.
        let cancel: CancelTime
        let run: @Sendable (PGConnection) -> Bool
        let fail: @Sendable (any Error) -> Void
    }
    private struct Queue: Sendable {
        var jobs: [Job] = []
        var isClosed = false
        var threads = 0
    }

    private let target: PGTarget
    private let queues: [Monitor<Queue>]

    /// - Parameter connections: at least 3; all but two are shared.
    init(_ target: PGTarget, connections: Int) throws {
        self.target = target
        queues = Lane.allCases.map { _ in Monitor(Queue()) }
        for lane in Lane.allCases {
            for number in 0..<(lane == .shared ? max(connections - 2, 1) : 1) {
                let queue = queues[lane.rawValue]
                queue.update { $0.threads += 1 }
                do { try startThread("store-\(lane)\(number)") { Self.work(target, queue) } } catch {
                    throw StoreError(.unavailable, error.description)
                }
            }
        }
    }

    deinit { for queue in queues { queue.update { $0.isClosed = true } } }

    /// Runs `body` on a connection of `lane`.
    ///
    /// - Parameter isRepeatable: a connection that turns out to be dead is replaced and the body run once more.
    /// - Errors: `StoreError`, or what `body` throws.
    func run<Value: Sendable>(
        _ lane: Lane, _ what: String, isRepeatable: Bool, _ body: @escaping @Sendable (PGConnection) throws -> Value
    ) async throws -> Value {
        let cancel = CancelTime()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Value, any Error>) in
                let isSecond = Mutex(false)
                let job = Job(
                    cancel: cancel,
                    run: { connection in
                        do {
                            let value = try body(connection)
                            continuation.resume(returning: value)
                        } catch let failure as PGFailure {
                            let isAgain = isSecond.withLock { seen in
                                defer { seen = true }
                                return !seen && isRepeatable && failure.isBroken && !cancel.isSet
                            }
                            if isAgain { return true }
                            continuation.resume(throwing: cancel.isSet ? CancellationError() : failure.storeError(what))
                        } catch {
                            continuation.resume(throwing: error)
                        }
                        return false
                    },
                    fail: { error in
                        let shown = (error as? PGFailure)?.storeError(what) ?? error
                        continuation.resume(throwing: cancel.isSet ? CancellationError() : shown)
                    })
                let refusal: String? = queues[lane.rawValue].update { queue in
                    if queue.isClosed { return "the store is closed" }
                    if queue.jobs.count >= Self.maxWaiting { return "\(queue.jobs.count) calls wait for \(target.name) already" }
                    queue.jobs.append(job)
                    return nil
                }
                if let refusal { continuation.resume(throwing: StoreError(.unavailable, "could not \(what): \(refusal)")) }
            }
        } onCancel: {
            cancel.set(PGConnection.now() + Self.cancelGraceMs)
        }
    }

    /// What was begun when its caller gave up may still end well.
    private static let cancelGraceMs: Int64 = 2000

    /// Refuses new calls and returns when the last one has been answered and every connection is closed.
    func close() async {
        for queue in queues {
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                queue.update { $0.isClosed = true }
                do {
                    try startThread("store-close") {
                        queue.wait { $0.threads == 0 ? () : nil }
                        continuation.resume()
                    }
                } catch { continuation.resume() }
            }
        }
    }

    /// A thread's life: take a job, see to a connection, run it.
    private static func work(_ target: PGTarget, _ queue: Monitor<Queue>) {
        var connection: PGConnection?
        var pauseMs = firstPauseMs
        var awayUntil: Int64 = 0
        var lastError: any Error = StoreError(.unavailable, "\(target.name) is away")
        while true {
            let next: Job?? = queue.wait { queue in
                if !queue.jobs.isEmpty { return .some(queue.jobs.removeFirst()) }
                return queue.isClosed ? .some(nil) : nil
            }
            guard case .some(.some(let job)) = next else { break }
            var isAgain = true
            while isAgain {
                isAgain = false
                do {
                    if connection == nil {
                        guard PGConnection.now() >= awayUntil else { throw lastError }
                        connection = try PGConnection(target)
                        pauseMs = firstPauseMs
                    }
                } catch {
                    if PGConnection.now() >= awayUntil {
                        awayUntil = PGConnection.now() + pauseMs
                        pauseMs = min(pauseMs * 2, longestPauseMs)
                        lastError = error
                    }
                    job.fail(error)
                    break
                }
                guard let current = connection else { break }
                current.giveUpAt = { job.cancel.at }
                isAgain = job.run(current)
                current.giveUpAt = { .max }
                if !current.isIdle { connection = nil }
            }
        }
        connection = nil
        queue.update { $0.threads -= 1 }
    }
}

/// When a caller gave up.
final class CancelTime: Sendable {
    private let value = Atomic<Int64>(.max)
    var at: Int64 { value.load(ordering: .relaxed) }
    var isSet: Bool { at != .max }
    func set(_ at: Int64) { value.store(at, ordering: .relaxed) }
}
