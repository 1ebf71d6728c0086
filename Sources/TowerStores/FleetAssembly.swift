public import TowerModel

/// What a store's rows become on their way to a `FleetView`: every store counts alike, whatever database it asks.
public struct FleetAssembly {
    /// Availability older than this says nothing of today.
    public static let staleAfterSeconds = 86_400.0
    public static let nextToFallCount = 5
    /// Bins of the overview's alarm chart: six hours of five minutes.
    private static let binCount = 72

    /// The sites of one region in one state. Shares are summed as whole billionths: that sum is the same in whatever order rows
    /// are read, and in every database.
    public struct Group {
        public var region: String
        public var state: String
        public var count: Int
        /// Sum in billionths, and how many sites are in it.
        public var availability: (sum: Int64, count: Int)
        public var power: (sum: Int64, count: Int)

        public init(region: String, state: String, count: Int, availability: (sum: Int64, count: Int), power: (sum: Int64, count: Int)) {
            self.region = region
            self.state = state
            self.count = count
            self.availability = availability
            self.power = power
        }
    }

    /// When the alarm chart begins and ends, microseconds since the epoch: the newest bin holds `now`, the end is left out.
    public let binLength = AlarmStorm.binSeconds * 1_000_000
    public var firstBin: Int64 { lastBin - Int64(Self.binCount - 1) }
    public var binsStart: Int64 { firstBin * binLength }
    public var binsEnd: Int64 { (lastBin + 1) * binLength }

    public var fleet: FleetView
    private let lastBin: Int64
    private var regions: [(region: FleetView.Region, availability: (sum: Int64, count: Int))] = []
    private var power = (sum: Int64(0), count: 0)
    private var bins: [Int]

    public init(now: Timestamp) {
        lastBin = now.microseconds / binLength
        bins = [Int](repeating: 0, count: Self.binCount)
        fleet = FleetView(
            totalSites: 0, states: [:], openIncidents: 0, needsPerson: 0, oldestUnownedAt: nil, shortestAutonomy: nil,
            nextToFall: [], regions: [], alarmsPerBin: [], binsStartAt: nil, stormSince: nil, activeAlarms: 0,
            powerAvailability: nil)
        for state in SiteState.allCases { fleet.states[state.rawValue] = 0 }
    }

    /// Groups come in the order of their regions.
    public mutating func add(_ group: Group) {
        fleet.totalSites += group.count
        fleet.states[group.state, default: 0] += group.count
        power = (power.sum + group.power.sum, power.count + group.power.count)
        // No region and an empty one stand side by side and are one.
        if regions.last?.region.region != group.region {
            regions.append((FleetView.Region(region: group.region, sites: 0, down: 0, onBattery: 0, availability: nil), (0, 0)))
        }
        let last = regions.count - 1
        regions[last].region.sites += group.count
        if group.state == SiteState.down.rawValue { regions[last].region.down += group.count }
        if group.state == SiteState.onBattery.rawValue { regions[last].region.onBattery += group.count }
        regions[last].availability.sum += group.availability.sum
        regions[last].availability.count += group.availability.count
    }

    /// Alarms raised in a bin, counted since the epoch in `binLength`.
    public mutating func addAlarms(bin: Int64, count: Int) {
        let index = Int(bin - firstBin)
        if bins.indices.contains(index) { bins[index] = count }
    }

    public mutating func finish() -> FleetView {
        fleet.shortestAutonomy = fleet.nextToFall.first?.autonomy
        fleet.powerAvailability = Self.share(power)
        fleet.regions = regions.map { entry in
            var region = entry.region
            region.availability = Self.share(entry.availability)
            return region
        }
        let start = Timestamp(microseconds: binsStart)
        fleet.alarmsPerBin = bins
        fleet.binsStartAt = start
        fleet.stormSince = AlarmStorm.since(bins: bins, startAt: start)
        return fleet
    }

    private static func share(_ total: (sum: Int64, count: Int)) -> Double? {
        total.count > 0 ? Double(total.sum) / (Double(total.count) * 1e9) : nil
    }
}
