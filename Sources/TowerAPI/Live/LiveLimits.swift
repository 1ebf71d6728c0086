/// Bounds of the live feed.
public struct LiveLimits: Sendable {
    /// Changes waiting for one client from which on changes of the same item are merged.
    public var coalesceFrom = 512
    /// Different items waiting for one client beyond which it is cut (1013) and may resume.
    public var changesMax = 20_000
    /// Changes remembered per tenant for `since`.
    public var ringChangesMax = 20_000
    public var clientsMax = 2000
    public var frameBytesMax = 64 << 10
    public var heartbeatSeconds = 10.0
    /// A client that has not subscribed by then is closed (1008).
    public var subscribeSeconds = 30.0
    /// A client of whom nothing, not even a pong, was heard for that long is gone.
    public var silenceSeconds = 60.0
    /// A frame that could not be written for that long means that the reader stands still.
    public var stallSeconds = 30.0
    /// How long the other side may take to answer a close frame.
    public var closeSeconds = 5.0
    /// How long a snapshot may wait for its slices to be published.
    public var snapshotSeconds = 10.0
    public var alarmsInSnapshot = 500
    public var resolvedHours = 24.0
    public init() {}
}
