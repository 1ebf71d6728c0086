public import TowerModel

/// Bounds and places of the HTTP server. Every default is what one machine with a few thousand sites needs.
public struct APIConfiguration: Sendable {
    public var host = "127.0.0.1"
    /// 0 takes a free port.
    public var port = 8080
    /// Largest body of `POST /events` as it arrives, compressed or not.
    public var eventBodyBytesMax = 64 << 20
    /// Largest body of any other request.
    public var commandBodyBytesMax = 64 << 10
    /// A new connection must have sent the head of its first request within this time.
    public var headSecondsMax = 15.0
    /// A request must have arrived whole within this time.
    public var requestSecondsMax = 30.0
    /// A connection without a request is closed after this time.
    public var idleSecondsMax = 75.0
    /// How long a session token from `POST /sessions` lives.
    public var sessionSeconds = 12.0 * 3600
    /// Sessions asked per address and user: this many at once, then one per `loginRefillSeconds`.
    public var loginBurst = 5
    public var loginRefillSeconds = 12.0
    /// Cost of password hashes; see `PasswordHasher.Cost`.
    public var passwordCost = PasswordHasher.Cost.standard
    /// A token's principal is asked of the store at most this often.
    public var tokenCacheSeconds = 30.0
    public var tokenCacheEntriesMax = 10_000
    /// Records looked at by one `GET /events`, and by a look-up by id.
    public var historyScanMax = 20_000
    public var eventLookupScanMax = 200_000
    public var live = LiveLimits()
    /// Whose administrators may move, pause and resume consumer groups; `nil`: the only tenant's while there is only one.
    public var platformTenant: TenantID?
    public init() {}
}
