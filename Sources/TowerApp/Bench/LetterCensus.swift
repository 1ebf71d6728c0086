import Foundation
import Glibc
import TowerJournal
import TowerStores
import TowerStreaming

/// Holds what a measured server kept of a load with malformed lines against what it was sent: every event in the log, once, and
/// every other line in the dead letters.
struct LetterCensus {
    let sent: LoadTally

    /// Asks the running server for its letters.
    ///
    /// - Throws: `CommandFailure` when one is missing, there twice, or without reason or origin.
    func checkLetters(of port: Int, _ result: inout BenchResult) throws {
        let summary = try get("/api/v1/dead-letters/summary", of: port, as: DeadLetterSummary.self)
        let named = summary.byReason.filter { $0.reasonCode != "unknown" }.reduce(0) { $0 + $1.count }
        let placed = summary.byOrigin.filter { !$0.origin.isEmpty }.reduce(0) { $0 + $1.count }
        result.add("letters", summary.total)
        result.add("letter_reasons", summary.byReason.map { "\($0.reasonCode)=\($0.count)" }.joined(separator: ","))
        guard summary.total == sent.malformed, named == sent.malformed, placed == sent.malformed else {
            throw CommandFailure(
                """
                The server did not keep what it refused: of \(sent.malformed) lines \(summary.total) are in the dead letters, \(named) with a \
                reason and \(placed) with an origin.
                """)
        }
    }

    /// Counts the events in the log that the stopped server left.
    func checkEvents(of data: String, _ result: inout BenchResult) async throws {
        let log = try await Journal.forBench(data + "/log")
        var cursor = LogCursor.start
        var stored = 0
        while true {
            let block = try await log.fetchBlock(matching: [.siteEvents], from: cursor, maxRecords: 50_000, maxBytes: 32 << 20)
            stored += block.count
            guard block.next > cursor else { break }
            cursor = block.next
        }
        try await log.close()
        result.add("events_in_log", stored)
        guard stored == sent.accepted else {
            throw CommandFailure("The server did not keep what it accepted: of \(sent.accepted) events \(stored) are in the log.")
        }
    }

    private func get<Value: Decodable>(_ path: String, of port: Int, as: Value.Type) throws -> Value {
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
