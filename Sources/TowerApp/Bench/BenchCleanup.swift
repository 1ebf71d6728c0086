import Dispatch
import Foundation
import Glibc
import Synchronization

/// What must not outlive an interrupted measurement: gigabytes in the temporary folder, and servers.
enum BenchCleanup {
    private struct State {
        var folders: Set<String> = []
        var processes: Set<Int32> = []
        var sources: [any DispatchSourceSignal] = []
    }
    private static let state = Mutex(State())

    /// Cleans up on Ctrl-C and SIGTERM from now on, then ends this process with the usual code of an interrupted one.
    private static func watch(_ state: inout State) {
        guard state.sources.isEmpty else { return }
        for number in [SIGINT, SIGTERM] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                cleanUp()
                exit(128 + number)
            }
            source.resume()
            state.sources.append(source)
        }
    }

    private static func cleanUp() {
        let (folders, processes) = state.withLock { ($0.folders, $0.processes) }
        for process in processes { kill(process, SIGKILL) }
        for folder in folders { try? FileManager.default.removeItem(atPath: folder) }
    }

    static func add(folder: String) {
        state.withLock { state in
            watch(&state)
            state.folders.insert(folder)
        }
    }

    static func remove(folder: String) { state.withLock { _ = $0.folders.remove(folder) } }

    static func add(process: Int32) {
        state.withLock { state in
            watch(&state)
            state.processes.insert(process)
        }
    }

    static func remove(process: Int32) { state.withLock { _ = $0.processes.remove(process) } }
}
