import Glibc
import TowerStreaming
import TowerThreads

/// Does what need not be done before an append is answered: footers of sealed segments, zero-filling of the next one; and,
/// when nobody else wants the processor, what can wait: compressing, compacting, retention.
///
/// - Concurrency: one thread for each of the two, jobs in order, so that a long rewriting delays neither a footer nor the next
///   segment; or, for tests that count disk calls, at once in the caller's thread.
final class Housekeeper: Sendable {
    private struct State {
        var jobs: [@Sendable () -> Void] = []
        var isStopping = false
        var isDone = false
    }
    private let prompt: Monitor<State>?
    private let patient: Monitor<State>?

    init(isInline: Bool) throws(DiskError) {
        guard !isInline else {
            prompt = nil
            patient = nil
            return
        }
        let prompt = Monitor(State())
        let patient = Monitor(State())
        self.prompt = prompt
        self.patient = patient
        try startWorker("journal-keeper") { Self.work(prompt) }
        do throws(DiskError) {
            try startWorker("journal-rewriter") {
                // Of this thread only, on Linux. Refused or not, the work is done.
                _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 19)
                Self.work(patient)
            }
        } catch {
            prompt.update { $0.isStopping = true }
            throw error
        }
    }

    private static func work(_ monitor: Monitor<State>) {
        while let job = monitor.wait({ state -> (@Sendable () -> Void)?? in
            if !state.jobs.isEmpty { return .some(state.jobs.removeFirst()) }
            return state.isStopping ? .some(nil) : nil
        }) { job() }
        monitor.update { $0.isDone = true }
    }

    func submit(_ job: @escaping @Sendable () -> Void) {
        guard let prompt else { return job() }
        prompt.update { $0.jobs.append(job) }
    }

    /// Whether the journal is closing: a long job should leave off.
    var isStopping: Bool { patient?.update { $0.isStopping } ?? false }

    /// Runs `job` when there is time and answers what it gave. Jobs never run at the same time as one another.
    func whenIdle<Answer: Sendable>(_ job: @escaping @Sendable () -> Result<Answer, any Error>) async throws -> Answer {
        guard let patient else { return try job().get() }
        return try await withUnsafeThrowingContinuation { continuation in
            let isTaken = patient.update { state -> Bool in
                guard !state.isStopping else { return false }
                state.jobs.append { continuation.resume(with: job()) }
                return true
            }
            if !isTaken { continuation.resume(throwing: EventLogError(.closed, "the log was closed")) }
        }
    }

    /// Does what is queued, ends the threads, then returns. For a thread of our own: it waits.
    func stop() {
        for monitor in [patient, prompt] {
            guard let monitor else { continue }
            monitor.update { $0.isStopping = true }
            monitor.wait { $0.isDone ? () : nil }
        }
    }
}
