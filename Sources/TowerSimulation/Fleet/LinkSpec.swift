public import TowerModel

/// One transport link; `parent` is the end nearer the core.
public struct LinkSpec: Sendable, Hashable {
    public var child: Int
    public var parent: Int
    /// `hop`, `fibre` or `ring` (the fibre that closes a ring).
    public var kind: TopologyLink.Kind
    /// 0 for fibre.
    public var frequencyGHz: Double
    public var lengthKilometres: Double
    /// Whether the parent's radio hangs on LVD1, so that the branch falls before the hub does.
    public var isParentEndShed: Bool
    /// Fade that takes the link down.
    public var fadeMarginDecibels: Double
    /// Received level in dry weather.
    public var nominalLevel: Double
    /// Part of a ring: its loss is protected.
    public var isInRing: Bool

    var isFibre: Bool { kind != .hop }
}
