import Hummingbird
import NIOCore

/// Hummingbird's request context with the caller's address, which the login limiter needs.
struct APIContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let remoteAddress: SocketAddress?

    init(source: ApplicationRequestContextSource) {
        self.coreContext = .init(source: source)
        self.remoteAddress = source.channel.remoteAddress
    }

    /// Without the port, so that a caller stays the same over connections.
    var clientAddress: String { remoteAddress?.ipAddress ?? "local" }
}
