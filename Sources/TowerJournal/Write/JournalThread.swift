import TowerThreads

/// A thread of the journal's: syncs must not block the tasks' few threads. One that could not be started is an error of the disk's
/// kind, as everything is that keeps the journal from writing.
func startWorker(_ name: String, _ body: @escaping @Sendable () -> Void) throws(DiskError) {
    do { try startThread(name, body) } catch { throw DiskError(operation: "start thread", path: error.name, number: error.number) }
}
