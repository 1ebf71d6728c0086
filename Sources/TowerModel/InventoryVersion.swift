/// Something the inventory said, and since when it is so.
protocol InventoryVersion: Sendable, Hashable {
    var at: Timestamp { get set }
    var id: EventID { get set }
}

extension InventoryVersion {
    func saysTheSame(as other: Self) -> Bool {
        var same = other
        same.at = at
        same.id = id
        return same == self
    }
}

/// What one event says of a link, and since when it is so.
///
/// - Order: versions of one pair count by `at`, then by `id`, whatever order they came in.
public struct LinkVersion: InventoryVersion {
    public var link: TopologyLink
    /// Since when: event time.
    public var at: Timestamp
    public var id: EventID
    /// The link ended then.
    public var isRemoved: Bool
    /// A removal that names no kind ends every link of the pair.
    public var isOfAnyKind: Bool
    /// The event says itself since when (`valid_from`): what was before is not guessed.
    public var isExact: Bool

    public init(
        _ link: TopologyLink, at: Timestamp = .distantPast, id: EventID = .none, isRemoved: Bool = false, isOfAnyKind: Bool = false,
        isExact: Bool = false
    ) {
        self.link = link
        self.at = at
        self.id = id
        self.isRemoved = isRemoved
        self.isOfAnyKind = isOfAnyKind
        self.isExact = isExact
    }

    /// The end that reaches the core over this link; both where no end is called the parent. A feeder link's is `a`.
    public var children: [String] {
        if link.kind == .feeder { return [link.a] }
        guard let parent = link.parent else { return [link.a, link.b] }
        return [parent == link.a ? link.b : link.a]
    }
}

/// What one event says of a site, and since when it is so.
public struct SiteVersion: InventoryVersion {
    public var site: Site
    /// Since when: event time.
    public var at: Timestamp
    public var id: EventID
    /// The site was decommissioned then.
    public var isRemoved: Bool
    /// The event says itself since when (`valid_from`).
    public var isExact: Bool

    public init(_ site: Site, at: Timestamp = .distantPast, id: EventID = .none, isRemoved: Bool = false, isExact: Bool = false) {
        self.site = site
        self.at = at
        self.id = id
        self.isRemoved = isRemoved
        self.isExact = isExact
    }
}

extension EventID {
    /// Of something that no event told.
    public static let none = EventID(high: 0, low: 0)
}

extension TopologyLink {
    /// The two ends in the order of their names.
    public var pair: LinkPair { LinkPair(a, b) }
}

/// Two ends in the order of their names.
public struct LinkPair: Sendable, Hashable, Comparable {
    public let low: String
    public let high: String
    public init(_ a: String, _ b: String) { (low, high) = a < b ? (a, b) : (b, a) }
    public static func < (left: Self, right: Self) -> Bool { (left.low, left.high) < (right.low, right.high) }
}
