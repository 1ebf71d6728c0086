import ServiceLifecycle

/// The port once it is known.
actor PortAnnouncement {
    private var port: Int?
    private var waiters: [CheckedContinuation<Int, Never>] = []

    func set(_ port: Int) {
        self.port = port
        for waiter in waiters { waiter.resume(returning: port) }
        waiters = []
    }

    func value() async -> Int {
        if let port { return port }
        return await withCheckedContinuation { waiters.append($0) }
    }
}

/// Tells the person at the terminal where to go, once connections are accepted.
struct AnnouncementService: Service {
    let port: PortAnnouncement
    let host: String
    let login: DemoLogin?
    let announce: @Sendable (String) -> Void

    func run() async throws {
        let port = await port.value()
        var text = "\n  Towerco AIOps \(Version.current)\n  http://\(host):\(port)\n"
        if let login { text += "  user \(login.user)  password \(login.password)\n" }
        announce(text + "\n")
        try? await gracefulShutdown()
    }
}
