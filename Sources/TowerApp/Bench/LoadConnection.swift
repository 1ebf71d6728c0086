import Glibc

/// One keep-alive connection: sends prepared requests, reads answers, keeps the tally. Belongs to one thread.
final class LoadConnection {
    private let plan: LoadPlan
    let socket: Int32
    private var request: EventBody
    private var answer = HTTPAnswer()
    private var sent = 0
    /// When the request under way was due, nanoseconds of the monotonic clock.
    private var dueNs: Int64 = 0
    private(set) var isBusy = false
    private(set) var tally = LoadTally()

    init(plan: LoadPlan, number: Int) throws {
        self.plan = plan
        var mix = TelemetryMix(tenant: plan.tenant, seed: UInt64(number))
        request = EventBody(
            lines: MalformedLines.mixed(into: mix.lines(plan.batch, first: number), mix.lines(plan.malformed, first: number)), sites: plan.sites, seed: plan.seed &+ UInt64(number) &* 0x1000_0000,
            head: { length in
                "POST \(plan.path) HTTP/1.1\r\nHost: \(plan.host):\(plan.port)\r\n"
                    + (plan.key.map { "Authorization: Bearer \($0)\r\n" } ?? "")
                    + "Content-Type: application/x-ndjson\r\nContent-Length: \(length)\r\n\r\n"
            })
        socket = try Self.connect(host: plan.host, port: plan.port)
    }

    deinit { close(socket) }

    private static func connect(host: String, port: Int) throws -> Int32 {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard socket >= 0 else {
            throw CommandFailure("Could not open a socket: \(reason()). `ulimit -n` bounds the connections.")
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port)).bigEndian
        guard inet_pton(AF_INET, host, &address.sin_addr) == 1 else {
            close(socket)
            throw CommandFailure("`\(host)` is no IPv4 address; the load generator looks no names up.", isUsage: true)
        }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            let text = reason()
            close(socket)
            throw CommandFailure("Could not connect to \(host):\(port): \(text). Is the server running there?")
        }
        var one: Int32 = 1
        setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        guard fcntl(socket, F_SETFL, O_NONBLOCK) == 0 else { throw CommandFailure("Could not set the socket up: \(reason())") }
        return socket
    }

    private static func reason() -> String { String(cString: strerror(errno)) }

    /// What to wait for.
    var interest: Int16 { Int16(sent < request.bytes.count ? POLLOUT | POLLIN : POLLIN) }

    /// Begins the next request with new events.
    func begin(dueNs: Int64) throws {
        request.renew(milliseconds: SystemSources.nowMilliseconds())
        answer.reset()
        sent = 0
        self.dueNs = dueNs
        isBusy = true
        try send()
    }

    /// Goes on after the socket became ready.
    func proceed() throws {
        if sent < request.bytes.count { try send() }
        try receive()
    }

    private func send() throws {
        while sent < request.bytes.count {
            let from = sent
            let written = request.bytes.withUnsafeBytes { memory in
                Glibc.send(socket, memory.baseAddress?.advanced(by: from), memory.count - from, Int32(MSG_NOSIGNAL))
            }
            if written > 0 {
                sent += written
            } else if errno == EAGAIN {
                return
            } else if errno != EINTR {
                throw lost("while sending")
            }
        }
    }

    private func receive() throws {
        try withUnsafeTemporaryAllocation(byteCount: 16 << 10, alignment: 8) { memory in
            while isBusy {
                let count = recv(socket, memory.baseAddress, memory.count, 0)
                if count > 0 {
                    do { try answer.take(UnsafeRawBufferPointer(rebasing: memory[..<count])) } catch {
                        throw CommandFailure("The server's answer could not be read: \(error).")
                    }
                    if answer.isWhole { finish() }
                } else if count < 0, errno == EAGAIN {
                    return
                } else if count == 0 || errno != EINTR {
                    throw lost("while waiting for an answer")
                }
            }
        }
    }

    private func lost(_ when: String) -> CommandFailure {
        CommandFailure(
            "The connection to \(plan.host):\(plan.port) was lost \(when) (\(tally.requests) requests answered). Its log may say why."
        )
    }

    private func finish() {
        isBusy = false
        tally.requests += 1
        let isSuccess = (200...299).contains(answer.status)
        if isSuccess {
            tally.events += request.count - plan.malformed
            tally.malformed += plan.malformed
            tally.bytes += request.bodyBytes
            tally.latency.record(ProcessorTime.nanoseconds() - dueNs)
            let accepted = answer.count(of: "accepted")
            tally.accepted += accepted ?? (plan.isPlain ? request.count : 0)
            tally.duplicates += answer.count(of: "duplicates") ?? 0
            tally.rejected += answer.objects(in: "rejected") ?? 0
        } else if answer.status == 429 || answer.status == 503 {
            tally.refused += 1
        } else {
            tally.failed += 1
        }
        if tally.firstTrouble == nil, !isSuccess || tally.accepted != tally.events, let body = answer.body {
            tally.firstTrouble = "\(answer.status) \(String(decoding: answer.bytes[body].prefix(300), as: UTF8.self))"
        }
    }
}
