import Foundation
import Glibc
import TowerStores

/// Asks a measured server what it has of a load with malformed lines: every event in the log, every other line in the dead letters.
struct LetterCensus {
    let port: Int

    private struct Topics: Decodable {
        struct Row: Decodable {
            var topic: String
            var end_offset: Int
        }
        var items: [Row]
    }

    /// - Throws: `CommandFailure` when anything is missing or there is anything twice.
    func check(_ sent: LoadTally, _ result: inout BenchResult) throws {
        let topics = try get("/api/v1/topics", as: Topics.self)
        let stored = topics.items.first { $0.topic == "towerco.sites.*.events" }?.end_offset ?? 0
        let summary = try get("/api/v1/dead-letters/summary", as: DeadLetterSummary.self)
        let named = summary.byReason.filter { $0.reasonCode != "unknown" }.reduce(0) { $0 + $1.count }
        let placed = summary.byOrigin.filter { !$0.origin.isEmpty }.reduce(0) { $0 + $1.count }
        result.add("events_in_log", stored)
        result.add("letters", summary.total)
        result.add("letter_reasons", summary.byReason.map { "\($0.reasonCode)=\($0.count)" }.joined(separator: ","))
        guard stored == sent.accepted, summary.total == sent.malformed, named == sent.malformed, placed == sent.malformed else {
            throw CommandFailure(
                """
                The server did not keep what it was sent: of \(sent.accepted) events \(stored) are in the log, of \(sent.malformed) other \
                lines \(summary.total) in the dead letters, \(named) with a reason and \(placed) with an origin.
                """)
        }
    }

    private func get<Value: Decodable>(_ path: String, as: Value.Type) throws -> Value {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard socket >= 0 else { throw CommandFailure("Could not open a socket: \(String(cString: strerror(errno)))") }
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port)).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        let request = Array(
            "GET \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer \(MeasuredServer.key)\r\n\r\n".utf8)
        guard connected == 0, send(socket, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
            throw CommandFailure("Could not ask the measured server for \(path): \(String(cString: strerror(errno))).")
        }
        var answer = HTTPAnswer()
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        while !answer.isWhole {
            let count = recv(socket, &piece, piece.count, 0)
            guard count > 0 else { throw CommandFailure("The measured server did not answer \(path).") }
            do { try piece.withUnsafeBytes { try answer.take(UnsafeRawBufferPointer(rebasing: $0[..<count])) } } catch {
                throw CommandFailure("The measured server's answer to \(path) could not be read: \(error).")
            }
        }
        guard answer.status == 200, let body = answer.body else {
            throw CommandFailure("The measured server answered \(path) with \(answer.status).")
        }
        return try JSONDecoder().decode(Value.self, from: Data(answer.bytes[body]))
    }
}
