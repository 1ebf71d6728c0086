import ServiceLifecycle

/// The port once it is known.
struct PortAnnouncement: Sendable {
    private let ports: AsyncStream<Int>
    private let sender: AsyncStream<Int>.Continuation

    init() { (ports, sender) = AsyncStream.makeStream() }

    func set(_ port: Int) {
        sender.yield(port)
        sender.finish()
    }

    /// `nil` when the server ends before it listens, for instance because another process has the port.
    func value() async -> Int? {
        for await port in ports { return port }
        return nil
    }
}

/// Tells the person at the terminal where to go, once connections are accepted.
struct AnnouncementService: Service {
    let port: PortAnnouncement
    let host: String
    let login: DemoLogin?
    let announce: @Sendable (String) -> Void

    func run() async throws {
        guard let port = await cancelWhenGracefulShutdown({ await port.value() }) else { return }
        var text = "\n  Towerco AIOps \(Version.current)\n  http://\(host):\(port)\n"
        if let login { text += "  user \(login.user)  password \(login.password)\n" }
        announce(text + "\n")
        try? await gracefulShutdown()
    }
}
