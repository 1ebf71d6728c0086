/// One fault to inject, with everything drawn beforehand except what physics decides.
struct FaultPlan: Sendable {
    var scenario: ScenarioID
    /// The scenario that the truth names, where it is another: S30 is made of an S02 and an S14.
    var reportedAs: ScenarioID?
    /// The site, where the fault sits at one; -1 otherwise.
    var site: Int = -1
    /// The link for S13 and S15, and the core of S14.
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
    /// What else was drawn, by the name in the scenario's file.
    var drawn: [String: Double] = [:]
    /// Which of a scenario's variants; 0 for the first.
    var variant = 0
    /// Other sites that the fault reaches by itself: S17's victims, S28's next sites, those that feel the same wind.
    var neighbours: [Int] = []
    /// Seconds before the run began at which the slow part did; 0 when it begins inside.
    var headStart = 0.0

    /// A harmless outage, a sensor that lies about a sound asset, work with a permit.
    var benign: Bool {
        switch scenario {
        case .s01, .s24: true
        case .s26: variant == 0
        default: false
        }
    }

    /// A drawn value; 0 for a name that the scenario does not have.
    subscript(_ name: String) -> Double { drawn[name] ?? 0 }

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
