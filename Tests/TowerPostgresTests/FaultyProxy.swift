import Glibc
import Synchronization

/// A wire between a client and a server that a test can cut: it counts what clients send and calls back at a byte.
final class FaultyProxy: Sendable {
    private struct State: Sendable {
        var sockets: Set<Int32> = []
        var sent = 0
        var trap: (at: Int, action: @Sendable () -> Void)?
        var isClosed = false
    }
    let port: Int
    private let listener: Int32
    private let target: Int
    private let state = Mutex(State())

    init(to target: Int) throws {
        self.target = target
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && listen(descriptor, 64) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard isBound else { throw PostgresServer.Failure(description: "the proxy could not listen") }
        listener = descriptor
        port = Int(UInt16(bigEndian: address.sin_port))
        thread { self.accept() }
    }

    /// Runs `action` once, when clients have sent that many more bytes; those that come with them do not arrive before it.
    func trap(after bytes: Int, _ action: @escaping @Sendable () -> Void) {
        state.withLock { $0.trap = ($0.sent + bytes, action) }
    }

    /// Whether the trap is still set; it is taken away.
    func disarm() -> Bool {
        state.withLock { state in
            defer { state.trap = nil }
            return state.trap != nil
        }
    }

    /// Resets every connection, as a firewall does: neither side hears a goodbye.
    func cut() {
        let sockets = state.withLock { state in
            defer { state.sockets = [] }
            return state.sockets
        }
        for descriptor in sockets {
            var abrupt = linger(l_onoff: 1, l_linger: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &abrupt, socklen_t(MemoryLayout<linger>.size))
            shutdown(descriptor, Int32(SHUT_RDWR))
        }
    }

    func close() {
        state.withLock { $0.isClosed = true }
        shutdown(listener, Int32(SHUT_RDWR))
        cut()
    }

    private func accept() {
        while true {
            let client = Glibc.accept(listener, nil, nil)
            guard client >= 0 else {
                if state.withLock({ $0.isClosed }) { break }
                continue
            }
            let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var address = Self.loopback(target)
            let isConnected = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 }
            }
            guard isConnected else {
                Glibc.close(client)
                Glibc.close(server)
                continue
            }
            state.withLock { $0.sockets.formUnion([client, server]) }
            let finished = Finish(client: client, server: server)
            thread { self.pump(from: client, to: server, isClient: true, finished) }
            thread { self.pump(from: server, to: client, isClient: false, finished) }
        }
        Glibc.close(listener)
    }

    /// Closes both descriptors once, when both directions have ended.
    private final class Finish: Sendable {
        private let client: Int32
        private let server: Int32
        private let left = Mutex(2)
        init(client: Int32, server: Int32) {
            self.client = client
            self.server = server
        }
        func end() {
            let isLast = left.withLock { left in
                left -= 1
                return left == 0
            }
            guard isLast else {
                shutdown(client, Int32(SHUT_RDWR))
                shutdown(server, Int32(SHUT_RDWR))
                return
            }
            Glibc.close(client)
            Glibc.close(server)
        }
        var descriptors: [Int32] { [client, server] }
    }

    private func pump(from source: Int32, to target: Int32, isClient: Bool, _ finished: Finish) {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = recv(source, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            if isClient {
                let action = state.withLock { state -> (@Sendable () -> Void)? in
                    state.sent += count
                    guard let trap = state.trap, state.sent >= trap.at else { return nil }
                    state.trap = nil
                    return trap.action
                }
                action?()
            }
            var sent = 0
            while sent < count {
                let part = buffer.withUnsafeBytes { send(target, $0.baseAddress?.advanced(by: sent), count - sent, Int32(MSG_NOSIGNAL)) }
                guard part > 0 else { break }
                sent += part
            }
            guard sent == count else { break }
        }
        state.withLock { $0.sockets.subtract(finished.descriptors) }
        finished.end()
    }

    private func thread(_ body: @escaping @Sendable () -> Void) {
        final class Box {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        }
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body() }
                return nil
            }, Unmanaged.passRetained(Box(body)).toOpaque())
        pthread_detach(thread)
    }

    private static func loopback(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return address
    }
}
