/// A fault scenario of DOMAIN 5.2.
public enum ScenarioID: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
    /// Grid lost, generator or battery carries it: harmless.
    case s01 = "S01"
    /// Grid lost and the generator does not start.
    case s02 = "S02"
    /// Grid lost, generator runs until the tank is empty.
    case s03 = "S03"
    /// One rectifier module of N+1 fails.
    case s04 = "S04"
    /// Rectifier system fails while the grid is there.
    case s05 = "S05"
    /// Air conditioning stops, the shelter heats up.
    case s06 = "S06"
    /// Refrigerant leaks for weeks until a hot day ends it.
    case s07 = "S07"
    /// Battery has aged: the next outage finds it short.
    case s08 = "S08"
    /// Intruders take the battery; the next dip darkens the site.
    case s09 = "S09"
    /// The battery is taken and no door tells.
    case s10 = "S10"
    /// Fuel is drained in minutes.
    case s11 = "S11"
    /// Fuel goes litre by litre, or was never delivered.
    case s12 = "S12"
    /// Fibre cut at an aggregation link.
    case s13 = "S13"
    /// A rain cell fades microwave hops, which heal by themselves.
    case s14 = "S14"
    /// Wind turns an antenna; its level stays low in dry weather.
    case s15 = "S15"
    /// Water creeps into a feeder.
    case s16 = "S16"
    /// A site loses satellite time and disturbs its neighbours.
    case s17 = "S17"
    /// Copper and feeders are cut and taken.
    case s18 = "S18"
    /// Lightning hits: unrelated devices fail at once.
    case s19 = "S19"
    /// Generator runs, but the transfer switch does not bring it on load.
    case s20 = "S20"
    /// Obstruction light out.
    case s21 = "S21"
    /// Guy wire or foundation gives way; the tower tilts.
    case s22 = "S22"
    /// Site controller offline: blind, not down.
    case s23 = "S23"
    /// A sensor lies; the asset is well.
    case s24 = "S24"
    /// A shared feeder loses power.
    case s25 = "S25"
    /// Work at the site, with a permit or without.
    case s26 = "S26"
    /// A cell sleeps: no traffic and no alarm.
    case s27 = "S27"
    /// Water enters the site and its neighbours downstream.
    case s28 = "S28"
    /// Panels are stolen or soiled.
    case s29 = "S29"
    /// Two independent faults at the same time.
    case s30 = "S30"

    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    /// Reads `all`, `none` or `S02,S13`, in either case; sorted, each once.
    public static func parse(list text: String) throws(SimulationError) -> [ScenarioID] {
        if text == "all" { return allCases }
        if text == "none" || text.isEmpty { return [] }
        var found: Set<ScenarioID> = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let scenario = ScenarioID(rawValue: part.uppercased()) else {
                let known = allCases.map(\.rawValue).joined(separator: ", ")
                throw SimulationError(.scenario, "no scenario is called \"\(part)\"; give all, none or some of \(known)")
            }
            found.insert(scenario)
        }
        return found.sorted()
    }
}
