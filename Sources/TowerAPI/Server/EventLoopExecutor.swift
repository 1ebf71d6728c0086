import NIOCore

/// Runs a task on a connection's own event loop, so that an answer needs no hop between threads.
///
/// - Concurrency: a job runs where NIO's callbacks of that loop run: it must not block.
final class EventLoopExecutor: TaskExecutor {
    private let eventLoop: any EventLoop

    init(_ eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        eventLoop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
