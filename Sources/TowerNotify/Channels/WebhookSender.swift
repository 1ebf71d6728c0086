import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
public import TowerModel

/// Posts messages as JSON, signed with the route's secret, to addresses that the rules allow.
///
/// - Addresses: a name is resolved once, every address of it is checked, and the connection goes to the one that was checked, so
///   that a name cannot change in between. Each redirect is checked the same way.
/// - Answers: 2xx is success; 408, 425, 429 and 5xx may pass; 307 and 308 are followed; any other status is final.
public struct WebhookSender: NotificationSending {
    public typealias Resolve = @Sendable (_ host: String) async throws -> [IPAddress]

    private let rules: AddressRules
    private let secrets: SecretBox?
    private let clock: @Sendable () -> Timestamp
    private let resolve: Resolve
    private let tls: TLSConfiguration
    private let timeout: TimeAmount
    private static let redirectsMax = 3

    /// - Parameters:
    ///   - secrets: opens what routes keep sealed.
    ///   - clock: for the signature's time.
    ///   - resolve: every address of a name.
    /// - Errors: the TLS library's, for roots that cannot be read.
    public init(
        rules: AddressRules, secrets: SecretBox?, roots: TLSRoots = TLSRoots(), timeoutSeconds: Int = 10,
        clock: @escaping @Sendable () -> Timestamp, resolve: @escaping Resolve = WebhookSender.systemResolve
    ) throws {
        self.rules = rules
        self.secrets = secrets
        self.clock = clock
        self.resolve = resolve
        tls = try roots.configuration()
        timeout = .seconds(Int64(timeoutSeconds))
    }

    /// The machine's resolver, on a thread that may block.
    public static let systemResolve: Resolve = { host in
        try await NIOThreadPool.singleton.runIfActive { try IPAddress.resolve(host) }
    }

    public func send(_ delivery: NotificationDelivery) async -> DeliveryAttempt {
        guard var address = delivery.target.url.flatMap(WebhookAddress.init) else {
            return .refused(reason: "webhook.bad_url", detail: "the route's address is no http or https address")
        }
        var secret: String?
        if let sealed = delivery.target.secret {
            secret = secrets?.open(sealed, for: NotificationRoute.secretOwner(delivery.tenantID, delivery.routeID))
            guard secret != nil else {
                return .refused(reason: "webhook.sealed", detail: "the secret was sealed with another key; save the route anew with its secret")
            }
        }
        for _ in 0...Self.redirectsMax {
            switch await post(delivery, to: address, secret) {
            case .done(let attempt): return attempt
            case .redirect(let location):
                guard let next = address.following(location) else {
                    return .refused(reason: "webhook.redirect", detail: "it redirects to what is no address to follow")
                }
                address = next
            }
        }
        return .refused(reason: "webhook.redirect", detail: "it redirects more than \(Self.redirectsMax) times")
    }

    private enum Answer {
        case done(DeliveryAttempt)
        case redirect(String)
    }

    private func post(_ delivery: NotificationDelivery, to address: WebhookAddress, _ secret: String?) async -> Answer {
        let target: IPAddress
        do {
            let found = try await resolve(address.host)
            for one in found {
                if let why = rules.refusal(of: one) {
                    return .done(
                        .refused(
                            reason: "webhook.refused_address",
                            detail: "\(address.host) is at a \(why) address, which notify.allow_private does not list"))
                }
            }
            guard let first = found.first else {
                return .done(.failed(reason: "webhook.name", detail: "\(address.host) has no address"))
            }
            target = first
        } catch {
            let isFinal = (error as? NameError)?.isFinal ?? false
            let detail = "\(address.host) cannot be resolved"
            return .done(isFinal ? .refused(reason: "webhook.name", detail: detail) : .failed(reason: "webhook.name", detail: detail))
        }
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls, redirectConfiguration: .disallow, timeout: .init(connect: .seconds(5), read: timeout))
        configuration.httpVersion = .http1Only
        configuration.dnsOverride = [address.host: target.description]
        let client = HTTPClient(eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup.singleton), configuration: configuration)
        let answer: Answer
        do {
            answer = Self.answer(to: try await client.execute(request(delivery, to: address, secret), timeout: timeout))
        } catch {
            answer = .done(Self.failure(error))
        }
        try? await client.shutdown()
        return answer
    }

    private func request(_ delivery: NotificationDelivery, to address: WebhookAddress, _ secret: String?) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: address.url)
        let body = delivery.message.json
        let timestamp = clock().milliseconds / 1000
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        request.headers.add(name: "user-agent", value: "towerco-notify")
        request.headers.add(name: "idempotency-key", value: delivery.deliveryID.description)
        request.headers.add(name: "X-Towerco-Kind", value: delivery.kind.rawValue)
        request.headers.add(name: WebhookSignature.timestampHeader, value: String(timestamp))
        if let secret {
            request.headers.add(
                name: WebhookSignature.header, value: WebhookSignature.value(secret: secret, timestamp: timestamp, body: body))
        }
        request.body = .bytes(ByteBuffer(bytes: body))
        return request
    }

    private static func answer(to response: HTTPClientResponse) -> Answer {
        let status = Int(response.status.code)
        let detail = "it answered \(status)"
        switch status {
        case 200..<300: return .done(.sent(detail: detail))
        case 307, 308:
            guard let location = response.headers.first(name: "location") else {
                return .done(.refused(reason: "webhook.redirect", detail: "\(detail) without a Location"))
            }
            return .redirect(location)
        case 408, 425, 429, 500..<600:
            let after = response.headers.first(name: "retry-after").flatMap { Int($0) }.map { min(max($0, 0), 86_400) }
            return .done(.failed(reason: "webhook.status", detail: detail, retryAfterSeconds: after))
        default: return .done(.refused(reason: "webhook.status", detail: detail))
        }
    }

    /// The library's errors may name addresses of the inside; what is told is the kind of failure.
    private static func failure(_ error: any Error) -> DeliveryAttempt {
        switch error {
        case let error as HTTPClientError where error == .connectTimeout || error == .readTimeout || error == .deadlineExceeded:
            .failed(reason: "webhook.timeout", detail: "it did not answer in time")
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError:
            .refused(reason: "webhook.tls", detail: "its certificate or TLS was not accepted")
        default: .failed(reason: "webhook.connection", detail: "it cannot be reached, or the connection broke")
        }
    }
}

extension NotificationRoute {
    /// Who a sealed secret belongs to.
    public static func secretOwner(_ tenant: TenantID, _ route: EventID) -> String { "\(tenant.rawValue)/\(route)" }
}
