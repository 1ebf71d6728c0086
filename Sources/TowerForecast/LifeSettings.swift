/// How remaining life is learned. One setting for every kind of unit; what depends on the data is learned from it.
public struct LifeSettings: Sendable, Hashable {
    /// Remaining life beyond which units look alike, in cycles; `nil` learns it from the history.
    public var cap: Double?
    /// Remaining lives up to this share of the median life decide between models.
    public var scoredShare = 0.75
    /// Failed units without which nothing is learned.
    public var minimumUnits = 8
    /// Parts of the history that are left out in turn.
    public var folds = 5
    /// A measurement is used when its squared correlation with age, mean over units, is at least this.
    public var minimumTrend = 0.1
    /// Measurements used at most, the strongest trends first.
    public var maximumSensors = 24
    /// Cycles a life is divided into at most: longer lives are averaged into coarser cycles.
    public var maximumCycles = 1000
    /// Rows that the trees and the nets learn from at most.
    public var maximumRows = 30_000
    /// Failed units learned from at most, the latest failures first.
    public var maximumUnits = 2000
    public var trees = TreeSettings()
    public var net = NetSettings()
    /// Nets averaged.
    public var nets = 4
    public var seed: UInt64 = 1

    public init() {}
}

/// Gradient-boosted regression trees on squared error.
public struct TreeSettings: Sendable, Hashable {
    public var rounds = 300
    public var depth = 5
    public var rate = 0.035
    /// Share of the rows a tree sees, and of the columns.
    public var rowShare = 0.6
    public var columnShare = 0.4
    public var leafRows = 20.0
    public var seed: UInt64 = 1
    public init() {}
}

/// A net of two hidden layers.
public struct NetSettings: Sendable, Hashable {
    public var first = 64
    public var second = 32
    public var epochs = 12
    public var batch = 64
    public var rate: Float = 0.002
    /// Pull of every weight towards 0, a step, relative to the batch's gradient.
    public var decay: Float = 0.004
    public init() {}
}
