import Foundation
import Glibc
import Synchronization
import Testing

/// A PostgreSQL server of the tests' own: its folder, its port on the loopback, its processes.
///
/// initdb refuses root: run as root, the server runs as the user `postgres` that Debian's package makes.
final class PostgresServer: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let port: Int
    private let folder: String
    private let binaries: String
    private let processID = Mutex<pid_t>(0)

    /// One for all tests of a run that do not hurt it; each takes a database of its own.
    static let shared = Shared()
    actor Shared {
        private var server: PostgresServer?
        func get() throws -> PostgresServer {
            if let server { return server }
            let server = try PostgresServer()
            try server.start()
            self.server = server
            PostgresServer.stopAtExit(server)
            return server
        }
    }

    private static let atExit = Mutex<[PostgresServer]>([])
    private static func stopAtExit(_ server: PostgresServer) {
        atExit.withLock { servers in
            if servers.isEmpty { atexit { PostgresServer.atExit.withLock { for server in $0 { server.remove() } } } }
            servers.append(server)
        }
    }

    /// Makes the folder and the database cluster; `start` runs it.
    init() throws {
        binaries = try Self.findBinaries()
        port = try Self.freePort()
        // The user postgres must reach it: not below a folder that only root may enter.
        folder = "/tmp/towerco-pg-\(getpid())-\(port)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        if getuid() == 0 {
            guard let user = getpwnam("postgres") else {
                throw Failure(description: "there is no user postgres: install postgresql-15, scripts/setup.sh does")
            }
            chown(folder, user.pointee.pw_uid, user.pointee.pw_gid)
        }
        let made = try run([binaries + "/initdb", "-D", data, "-A", "trust", "-U", "towerco", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"])
        guard made.status == 0 else { throw Failure(description: "initdb failed: \(made.output)") }
        let settings = """
            listen_addresses = '127.0.0.1'
            port = \(port)
            unix_socket_directories = ''
            max_connections = 300
            fsync = on
            logging_collector = off
            checkpoint_timeout = 1h
            autovacuum = on

            """
        let path = data + "/postgresql.conf"
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        handle.seekToEndOfFile()
        handle.write(Data(settings.utf8))
        try handle.close()
    }

    deinit { remove() }

    private var data: String { folder + "/data" }

    func url(_ database: String, port: Int? = nil) -> String { "postgres://towerco@127.0.0.1:\(port ?? self.port)/\(database)?sslmode=disable" }

    /// A database that nobody has used.
    func newDatabase() throws -> String {
        let name = "t_" + UUID().uuidString.lowercased().replacingOccurrences(of: "-", with: "")
        try sql("CREATE DATABASE \(name)")
        return name
    }

    @discardableResult
    func sql(_ text: String, database: String = "postgres") throws -> String {
        let answer = try run([binaries + "/psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url(database), "-c", text])
        guard answer.status == 0 else { throw Failure(description: "psql failed: \(answer.output)") }
        return answer.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    // MARK: Life and death

    /// Starts the server and returns when it takes connections.
    func start() throws {
        let answer = try run([binaries + "/pg_ctl", "-D", data, "-l", folder + "/log", "-w", "-t", "60", "start"])
        guard answer.status == 0 else {
            let log = (try? String(contentsOfFile: folder + "/log", encoding: .utf8)) ?? ""
            throw Failure(description: "the server did not start: \(answer.output)\n\(log)")
        }
        let file = try String(contentsOfFile: data + "/postmaster.pid", encoding: .utf8)
        let number = file.split(separator: "\n").first.flatMap { pid_t($0) } ?? 0
        guard number > 0 else { throw Failure(description: "the server has no process id") }
        processID.withLock { $0 = number }
    }

    /// The postmaster and all its children.
    private var processes: [pid_t] {
        let first = processID.withLock { $0 }
        guard first > 0 else { return [] }
        let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        let children = all.compactMap { name -> pid_t? in
            guard let number = pid_t(name), let stat = try? String(contentsOfFile: "/proc/\(name)/stat", encoding: .utf8),
                let end = stat.lastIndex(of: ")")
            else { return nil }
            let fields = stat[stat.index(after: end)...].split(separator: " ")
            return fields.count > 1 && pid_t(fields[1]) == first ? number : nil
        }
        return [first] + children
    }

    func signal(_ number: Int32) { for process in processes { kill(process, number) } }

    /// SIGKILL to every process at once, as when the machine stops; returns when they are gone.
    func killHard() {
        let all = processes
        for process in all { kill(process, SIGKILL) }
        for process in all {
            // They are not our children: gone is when nobody has the number.
            while Self.isAlive(process) { sched_yield() }
        }
        unlink(data + "/postmaster.pid")
        processID.withLock { $0 = 0 }
    }

    /// A process that has ended and that nobody has taken note of counts as gone.
    private static func isAlive(_ process: pid_t) -> Bool {
        guard let stat = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8), let end = stat.lastIndex(of: ")") else {
            return false
        }
        return !["Z", "X"].contains(String(stat[end...].dropFirst(2).prefix(1)))
    }

    func remove() {
        signal(SIGCONT)
        if processID.withLock({ $0 }) > 0 { killHard() }
        try? FileManager.default.removeItem(atPath: folder)
    }

    // MARK: Processes

    private func run(_ command: [String]) throws -> (status: Int32, output: String) {
        var arguments = command
        if getuid() == 0 { arguments = ["/usr/sbin/runuser", "-u", "postgres", "--"] + command }
        // Not Foundation's Process: it waits for a descriptor that the server inherits from pg_ctl. A file takes the output for
        // the same reason.
        let path = "/tmp/towerco-pg-out-\(UUID().uuidString)"
        defer { unlink(path) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var strings: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for string in strings { free(string) } }
        var process = pid_t()
        let result = posix_spawn(&process, arguments[0], &actions, nil, &strings, environ)
        guard result == 0 else { throw Failure(description: "could not run \(arguments[0]): error \(result)") }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        let output = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        return (status, output)
    }

    private static func findBinaries() throws -> String {
        for version in ["15", "16", "17", "18"] {
            let path = "/usr/lib/postgresql/\(version)/bin"
            if FileManager.default.isExecutableFile(atPath: path + "/initdb") { return path }
        }
        throw Failure(description: "PostgreSQL 15 or newer is not installed: scripts/setup.sh does")
    }

    static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0 }
        }
        guard isBound else { throw Failure(description: "no free port") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
