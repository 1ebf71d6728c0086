public import TowerModel

/// What stands at one site: everything about it that never changes during a simulation.
public struct SiteSpec: Sendable, Hashable {
    public var siteID: String
    public var name: String
    public var region: String
    public var latitude: Double
    public var longitude: Double
    public var timezone: String
    public var operators: [String]
    /// `A`, `B`, `C`, `D` or `off`.
    public var gridClass: String
    /// Index into `Fleet.feeders`; `nil` off the grid.
    public var feeder: Int?
    public var isHub: Bool
    /// Mean telecom load.
    public var loadKilowatts: Double
    public var strings: Int
    /// Rated capacity of one string.
    public var stringAmpHours: Double
    /// Ratio 0...1.
    public var stateOfHealth: Double
    public var batteryInstalled: String
    public var generator: Site.Generator?
    /// Litres in the tank when the simulation begins.
    public var fuelLitres: Double
    public var solarKilowattsPeak: Double
    /// Share of the load behind LVD1, 0...1.
    public var nonCriticalShare: Double
    public var lvd1Volts: Double
    public var lvd2Volts: Double
    /// Cells, three an operator; the last `nonCriticalCells` hang on LVD1.
    public var cells: Int
    public var nonCriticalCells: Int

    var ampHours: Double { Double(strings) * stringAmpHours }
    /// Usable charge from full, as aged.
    var effectiveAmpHours: Double { ampHours * stateOfHealth }
    var isOffGrid: Bool { feeder == nil }
    /// Hours from full to LVD2 at the mean load, a rough figure for planning.
    var autonomyHours: Double { effectiveAmpHours / (loadKilowatts * 1000 / 48) }
}
