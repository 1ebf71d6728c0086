import Foundation
import Glibc

/// A process started for a measurement, its output read through a pipe. Ended at the latest when this value goes.
///
/// Foundation's `Process` needs a run loop and adds milliseconds to a start that is itself measured in milliseconds.
final class ChildProcess {
    let id: Int32
    /// When it was started, monotonic nanoseconds.
    let startedNs: Int64
    private let output: Int32
    private var isOver = false
    private var text = ""

    /// - Parameters:
    ///   - arguments: without the program's own name.
    ///   - environment: the whole of it.
    init(_ program: String, _ arguments: [String], environment: [String: String]) throws {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw CommandFailure("Could not make a pipe: \(String(cString: strerror(errno)))") }
        _ = fcntl(ends[0], F_SETFD, FD_CLOEXEC)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 2)
        posix_spawn_file_actions_addclose(&actions, ends[1])
        // This process ignores the signals it cleans up on; the child must not inherit that.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
        var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
        var settings: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for word in words + settings { free(word) } }
        var process: pid_t = 0
        startedNs = ProcessorTime.nanoseconds()
        let result = posix_spawn(&process, program, &actions, &attributes, &words, &settings)
        close(ends[1])
        output = ends[0]
        id = process
        guard result == 0 else {
            isOver = true
            throw CommandFailure("Could not start \(program): \(String(cString: strerror(result))). --binary names another.")
        }
        BenchCleanup.add(process: process)
    }

    deinit {
        stop(SIGKILL)
        close(output)
    }

    /// Reads output until `find` sees what it looks for; `nil` when the process ended or said nothing for so long.
    func wait<Found>(seconds: Int, for find: (String) -> Found?) -> Found? {
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            if let found = find(text) { return found }
            var polled = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
            guard poll(&polled, 1, Int32(seconds) * 1000) > 0 else { return nil }
            let count = read(output, &chunk, chunk.count)
            guard count > 0 else { return nil }
            text += String(decoding: chunk[..<count], as: UTF8.self)
        }
    }

    /// What it has said so far.
    var said: String { text }

    /// Sends the signal and waits for the end; one that takes longer than `patienceSeconds` is killed. Calling it again does
    /// nothing.
    ///
    /// - Returns: whether it ended by itself.
    @discardableResult
    func stop(_ signal: Int32, patienceSeconds: Int = 30) -> Bool {
        guard !isOver else { return true }
        isOver = true
        kill(id, signal)
        let deadline = ProcessorTime.nanoseconds() + Int64(patienceSeconds) * 1_000_000_000
        var status: Int32 = 0
        var isPatient = true
        while waitpid(id, &status, isPatient ? WNOHANG : 0) == 0 {
            drain()
            guard isPatient, ProcessorTime.nanoseconds() > deadline else { continue }
            isPatient = false
            kill(id, SIGKILL)
        }
        BenchCleanup.remove(process: id)
        return isPatient
    }

    /// Takes what is there within 5 ms: a process that writes must not wait for a reader that is gone.
    private func drain() {
        var chunk = [UInt8](repeating: 0, count: 4096)
        var polled = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
        guard poll(&polled, 1, 5) > 0 else { return }
        if read(output, &chunk, chunk.count) <= 0 { usleep(5000) }
    }
}
