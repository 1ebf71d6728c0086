/// A fault scenario of DOMAIN 5.2.
public enum ScenarioID: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
    /// Grid lost, generator or battery carries it: harmless.
    case s01 = "S01"
    /// Grid lost and the generator does not start.
    case s02 = "S02"
    /// Grid lost, generator runs until the tank is empty.
    case s03 = "S03"
    /// Rectifier system fails while the grid is there.
    case s05 = "S05"
    /// Fibre cut at an aggregation link.
    case s13 = "S13"
    /// A rain cell fades microwave hops, which heal by themselves.
    case s14 = "S14"
    /// Site controller offline: blind, not down.
    case s23 = "S23"
    /// A shared feeder loses power.
    case s25 = "S25"

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

    var label: String {
        switch self {
        case .s01: "Grid outage carried by generator or battery"
        case .s02: "Grid outage and the generator does not start"
        case .s03: "Fuel runs out during a grid outage"
        case .s05: "Rectifier system failed with the grid present"
        case .s13: "Fibre cut"
        case .s14: "Rain fade of microwave hops"
        case .s23: "Site controller offline"
        case .s25: "Feeder outage"
        }
    }

    /// Who answers for it (DOMAIN 3, 9).
    var responsible: String {
        switch self {
        case .s01, .s25: "utility"
        case .s02, .s03, .s05, .s23: "towerco"
        case .s13: "fibre_vendor"
        case .s14: "weather"
        }
    }

    /// Whether downtime counts against the tower company: it sells power, so every power cause does.
    var isChargeable: Bool {
        switch self {
        case .s02, .s03, .s05, .s25: true
        case .s01, .s13, .s14, .s23: false
        }
    }

    var firstAction: String {
        switch self {
        case .s01: "None: watch until the grid is back"
        case .s02: "Send a technician with a starter battery; shed the non-critical load meanwhile"
        case .s03: "Send a fuel truck"
        case .s05: "Send a technician with rectifier modules"
        case .s13: "Call the fibre vendor with the span; reroute where a ring allows"
        case .s14: "None: wait for the rain to pass, do not dispatch"
        case .s23: "Restart the modem remotely, then check the SIM; the site itself works"
        case .s25: "Call the utility with the feeder; order the sites by autonomy and send portable generators"
        }
    }
}
