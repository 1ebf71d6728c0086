/// One fault to inject, with everything drawn beforehand except what physics decides.
struct FaultPlan: Sendable {
    var scenario: ScenarioID
    /// The site for S01, S02, S03, S05, S23; -1 otherwise.
    var site: Int = -1
    /// The link for S13 and the core of S14.
    var link: Int = -1
    /// For S25.
    var feeder: Int = -1
    /// Seconds after the start.
    var onset: Double
    /// Seconds from onset to clear; for S02, S03 from LVD2 to the return of the grid.
    var duration: Double
    /// S03: seconds that the generator runs before the tank is empty.
    var lead: Double = 0
    var storm: Storm?
    /// S02: whether a weak starter battery was reported before.
    var reportsWeakStarter = false
    /// S02: fixed times instead of drawn ones.
    var cranking: Cranking?
    var benign: Bool { scenario == .s01 }

    /// Seconds of each part of a start attempt.
    struct Cranking: Sendable {
        var startDelay: Double
        var crank: Double
        var rest: Double
    }

    struct Storm: Sendable {
        /// mm/h at the core.
        var rate: Double
        var widthKilometres: Double
        /// km/s east and north.
        var velocityEast: Double
        var velocityNorth: Double
        /// Seconds from onset until the core is over the middle of the link.
        var arrival: Double
        /// Links within reach, sorted.
        var links: [Int32]
    }
}
