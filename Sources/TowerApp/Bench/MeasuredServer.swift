import Foundation
import Glibc

/// A real `towerco serve` in a process and folder of its own, for measuring.
public final class MeasuredServer {
    static let tenant = "bench"
    static let key = "bench-key-0123456789abcdef"
    let port: Int
    let process: ChildProcess
    /// From the start of the process to a 200 of `/readyz`, seconds.
    let readySeconds: Double

    /// Starts it and waits until it is ready.
    ///
    /// - Parameters:
    ///   - binary: path of `towerco`; `nil` is the running one.
    ///   - directory: data folder.
    ///   - roles: `all`, or role names.
    init(binary: String?, directory: String, roles: [String]) throws {
        var arguments = ["serve", "--data", directory, "--port", "0", "--set", "log.level=error"]
        if roles != ["all"] { for role in roles { arguments += ["--role", role] } }
        var environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("TOWERCO_") }
        environment["TOWERCO_BOOTSTRAP_KEY"] = "\(Self.tenant):\(Self.key)"
        let process = try ChildProcess(binary ?? Self.ownPath(), arguments, environment: environment)
        self.process = process
        guard let port = process.wait(seconds: 600, for: Self.port(in:)) else {
            throw CommandFailure("The server to be measured did not start. It said:\n\(process.said.suffix(2000))")
        }
        self.port = port
        while try !Self.isReady(port: port) {
            usleep(500)
            guard ProcessorTime.nanoseconds() - process.startedNs < 600_000_000_000 else {
                throw CommandFailure(
                    "The server to be measured was not ready after ten minutes. It said:\n\(process.said.suffix(2000))")
            }
        }
        readySeconds = Double(ProcessorTime.nanoseconds() - process.startedNs) / 1e9
    }

    static func ownPath() throws -> String {
        do { return try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") } catch {
            throw CommandFailure("Could not find this program's own file: \(error.localizedDescription). Name it with --binary.")
        }
    }

    /// The port of the address that a server announces.
    static func port(in text: String) -> Int? {
        guard let range = text.range(of: "http://127.0.0.1:") else { return nil }
        let digits = text[range.upperBound...].prefix(while: \.isNumber)
        // The number is whole when something follows it.
        guard text[range.upperBound...].count > digits.count else { return nil }
        return Int(digits)
    }

    /// Asks once, on a connection of its own. Not reachable is not ready.
    static func isReady(port: Int) throws -> Bool {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard socket >= 0 else { throw CommandFailure("Could not open a socket: \(String(cString: strerror(errno)))") }
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port)).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { return false }
        let request = Array("GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".utf8)
        guard send(socket, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else { return false }
        var answer = [UInt8](repeating: 0, count: 64)
        let count = recv(socket, &answer, answer.count, 0)
        return count > 12 && answer.starts(with: Array("HTTP/1.1 200".utf8))
    }

    /// Asks it to stop and waits.
    ///
    /// - Throws: when it had to be killed: what it leaves is then not what a clean end leaves.
    func stop() throws {
        guard process.stop(SIGTERM, patienceSeconds: 120) else {
            throw CommandFailure(
                "The measured server did not stop within two minutes of SIGTERM. It said:\n\(process.said.suffix(2000))")
        }
    }
}
