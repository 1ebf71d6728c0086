/// Bounds and strictness of decoding.
public struct DecodeLimits: Sendable, Hashable {
    /// What a site may be called.
    public enum SiteNames: Sendable, Hashable {
        /// The contract: `[A-Za-z0-9._:-]`. Such a name is also a topic's.
        case contract
        /// Any printable text without control characters: for streams of others that are analysed, never stored.
        case foreign
    }

    /// Bytes of one event. Range 1...2^30.
    public var maxBytes: Int
    /// Nesting of objects and arrays, the event itself included. Range 1...512.
    public var maxDepth: Int
    /// Keys of one event at all levels. Range 8...65,536.
    public var maxKeys: Int
    /// Bytes of one key. Range 16...65,535.
    public var maxKeyBytes: Int
    public var siteNames: SiteNames
    /// Names the decoder remembers so as not to ask the shared table; when there are more it forgets and starts anew.
    public var rememberedNames: Int

    public init(
        maxBytes: Int = 1 << 20, maxDepth: Int = 32, maxKeys: Int = 8192, maxKeyBytes: Int = 1024,
        siteNames: SiteNames = .contract,
        rememberedNames: Int = 1 << 19
    ) {
        self.maxBytes = min(max(maxBytes, 1), 1 << 30)
        self.maxDepth = min(max(maxDepth, 1), 512)
        self.maxKeys = min(max(maxKeys, 8), 65_536)
        self.maxKeyBytes = min(max(maxKeyBytes, 16), 65_535)
        self.siteNames = siteNames
        self.rememberedNames = max(rememberedNames, 1024)
    }

    /// The door's.
    public static let standard = DecodeLimits()
    /// For `towerco analyze`: public streams name their sites as they like.
    public static let offline = DecodeLimits(siteNames: .foreign)
}
