/// Where a message goes.
public struct NotificationTarget: Sendable, Codable, Hashable {
    public enum Channel: String, Sendable, Codable, Hashable, CaseIterable { case webhook, mail }

    public var channel: Channel
    /// Webhook: an http or https address.
    public var url: String?
    /// Webhook: what its requests are signed with. As a caller sends it, in the clear; in the log, sealed (`SecretBox`); in an
    /// answer never there.
    public var secret: String?
    /// In answers only: whether there is a secret.
    public var hasSecret: Bool?
    /// Mail: who gets it.
    public var to: [String]?

    public init(channel: Channel, url: String? = nil, secret: String? = nil, to: [String]? = nil) {
        self.channel = channel
        self.url = url
        self.secret = secret
        self.to = to
    }

    public static func webhook(_ url: String, secret: String? = nil) -> Self { Self(channel: .webhook, url: url, secret: secret) }
    public static func mail(_ to: [String]) -> Self { Self(channel: .mail, to: to) }

    /// As anybody may see it.
    public var forReaders: NotificationTarget {
        var copy = self
        copy.hasSecret = channel == .webhook ? secret != nil : nil
        copy.secret = nil
        return copy
    }

    enum CodingKeys: String, CodingKey {
        case channel, url, secret, to
        case hasSecret = "has_secret"
    }
}
