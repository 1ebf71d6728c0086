import TowerThreads

/// Syncs several files at the same time: a round that touched both classes waits for the slower sync, not for the sum.
///
/// - Concurrency: one caller, and a thread of its own that starts with the first round of more than one file.
final class SideBySideSync: Sendable {
    private struct State {
        var files: [any DiskFile] = []
        var isBusy = false
        var error: DiskError?
        var hasThread = false
        var isStopping = false
    }
    private let monitor = Monitor(State())

    /// Returns when all files are synced; throws the error of the first in order that was not.
    func sync(_ files: [any DiskFile]) throws(DiskError) {
        guard files.count > 1, startIfNeeded() else {
            for file in files { try file.sync() }
            return
        }
        monitor.update { state in
            state.files = Array(files[1...])
            state.isBusy = true
            state.error = nil
        }
        var first: DiskError?
        do {
            try files[0].sync()
        } catch {
            first = error
        }
        let second = monitor.wait { state -> DiskError?? in state.isBusy ? nil : .some(state.error) }
        if let error = first ?? second { throw error }
    }

    /// Ends the thread. For whoever calls `sync`.
    func stop() {
        monitor.update { $0.isStopping = true }
    }

    /// Without a second thread the files are synced one after another.
    private func startIfNeeded() -> Bool {
        if monitor.read({ $0.hasThread }) { return true }
        do {
            let monitor = monitor
            try startWorker("journal-sync") { Self.run(monitor) }
        } catch {
            return false
        }
        monitor.update { $0.hasThread = true }
        return true
    }

    private static func run(_ monitor: Monitor<State>) {
        while let files = monitor.wait({ state -> [any DiskFile]?? in
            if !state.files.isEmpty { return .some(state.files) }
            return state.isStopping ? .some(nil) : nil
        }) {
            var failure: DiskError?
            do {
                for file in files { try file.sync() }
            } catch {
                failure = error
            }
            monitor.update { state in
                state.files = []
                state.error = failure
                state.isBusy = false
            }
        }
    }
}
