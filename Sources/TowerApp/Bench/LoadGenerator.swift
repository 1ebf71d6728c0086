import Dispatch
import Foundation
import Glibc
import Synchronization

/// Puts a planned load on a server and tells what became of it.
///
/// Threads of its own and `poll`, no event loop of a library: a generator must cost little beside the server that it shares
/// a machine with.
public final class LoadGenerator: Sendable {
    private let plan: LoadPlan
    /// Requests handed out so far, to whichever connection is free.
    private let claimed = Atomic<Int>(0)
    /// Monotonic nanoseconds: when the load begins, 0 before it is known.
    private let startNs = Atomic<Int64>(0)
    private let outcome = Mutex<(tally: LoadTally, error: (any Error)?)>((LoadTally(), nil))
    private let connected = DispatchGroup()
    private let ended = DispatchGroup()
    private let go = DispatchSemaphore(value: 0)

    /// - Throws: `CommandFailure` for a plan that makes no sense.
    public init(_ plan: LoadPlan) throws {
        try plan.check()
        self.plan = plan
    }

    /// Runs the load to its end; blocks the calling thread.
    ///
    /// - Parameter started: called when all connections stand, immediately before the first request.
    /// - Throws: `CommandFailure` when a connection could not be made or was lost.
    public func run(started: () -> Void = {}) throws -> LoadTally {
        let threads = plan.pace == .closed ? min(plan.threads, plan.connections) : plan.connections
        for thread in 0..<threads {
            let numbers = Array(stride(from: thread, to: plan.connections, by: threads))
            connected.enter()
            ended.enter()
            Thread { self.drive(numbers) }.start()
        }
        connected.wait()
        started()
        startNs.store(ProcessorTime.nanoseconds(), ordering: .releasing)
        for _ in 0..<threads { go.signal() }
        ended.wait()
        let (tally, error) = outcome.withLock { $0 }
        if let error { throw error }
        return tally
    }

    /// One thread's life.
    private func drive(_ numbers: [Int]) {
        var connections: [LoadConnection] = []
        var failure: (any Error)?
        do { connections = try numbers.map { try LoadConnection(plan: plan, number: $0) } } catch { failure = error }
        connected.leave()
        go.wait()
        if failure == nil {
            do { try loop(connections) } catch { failure = error }
        }
        outcome.withLock { outcome in
            for connection in connections { outcome.tally.merge(connection.tally) }
            outcome.error = outcome.error ?? failure
        }
        // One that failed ends the run for all.
        if failure != nil { claimed.store(.max / 2, ordering: .relaxed) }
        ended.leave()
    }

    private func loop(_ connections: [LoadConnection]) throws {
        let start = startNs.load(ordering: .acquiring)
        let stop = start + Int64(plan.seconds * 1e9)
        var polled = [pollfd](repeating: pollfd(), count: connections.count)
        while true {
            for connection in connections where !connection.isBusy {
                guard let due = nextDue(start: start, stop: stop) else { break }
                try connection.begin(dueNs: due)
            }
            guard connections.contains(where: \.isBusy) else { return }
            for (index, connection) in connections.enumerated() {
                polled[index] = pollfd(fd: connection.isBusy ? connection.socket : -1, events: connection.interest, revents: 0)
            }
            // A server that says nothing for a minute is not measured any more.
            let ready = poll(&polled, nfds_t(polled.count), 60_000)
            if ready == 0 { throw CommandFailure("The server at port \(plan.port) gave no answer for a minute.") }
            for index in polled.indices where polled[index].revents != 0 { try connections[index].proceed() }
        }
    }

    /// Takes the next request and waits until it is due; `nil` when there is none left.
    private func nextDue(start: Int64, stop: Int64) -> Int64? {
        let number = claimed.wrappingAdd(1, ordering: .relaxed).oldValue
        guard number < plan.requests else { return nil }
        guard case .open(let rate) = plan.pace else {
            let now = ProcessorTime.nanoseconds()
            return now < stop ? now : nil
        }
        // A server that falls behind for as long as the whole schedule was to take is not waited for.
        guard ProcessorTime.nanoseconds() < start + 2 * (stop - start) else { return nil }
        let due = start + Int64(Double(number) * Double(plan.batch) / rate * 1e9)
        while true {
            let left = due - ProcessorTime.nanoseconds()
            guard left > 0 else { return due }
            usleep(UInt32(min(left / 1000 + 1, 1_000_000)))
        }
    }
}
