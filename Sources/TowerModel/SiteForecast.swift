/// What a forecast of a site is about: a closed list, each with its unit.
public enum ForecastKind: String, Sendable, Codable, CaseIterable {
    /// Hours until the generator's tank is empty, at the burn that is expected and without a delivery.
    case fuelEmpty = "fuel_empty"
    /// Chance that the generator does not start when it is asked next.
    case generatorStartFailure = "generator_start_failure"
    /// Days until the shelter passes 35 °C in the hottest hour, if cooling goes on weakening as it does.
    case coolingLimit = "cooling_limit"
    /// Ratio of the rated capacity that the battery has now.
    case batteryHealth = "battery_health"
    /// Days until the battery has less than 80 % of its rated capacity (IEEE 1188).
    case batteryLife = "battery_life"

    /// UCUM; `1` for a ratio.
    public var unit: String {
        switch self {
        case .fuelEmpty: "h"
        case .generatorStartFailure, .batteryHealth: "1"
        case .coolingLimit, .batteryLife: "d"
        }
    }

    /// Largest value that is told: it stands for "not within that time".
    public var most: Double {
        switch self {
        case .fuelEmpty: 8760
        case .generatorStartFailure: 1
        case .batteryHealth: 1.2
        case .coolingLimit: 365
        case .batteryLife: 7300
        }
    }
}

/// What the engine expects of one asset of a site, as quantiles; battery autonomy has a forecast of its own.
public struct SiteForecast: Sendable, Codable, Hashable {
    public var siteID: SiteID
    /// The instant the forecast was made for (event time).
    public var at: Timestamp
    public var kind: ForecastKind
    /// Rising, in `unit`.
    public var p10: Double
    public var p50: Double
    public var p90: Double
    public var unit: String
    /// Why, in an operator's words: the numbers that it rests on.
    public var basis: String
    public var eventIDs: [EventID]

    public init(
        siteID: SiteID, at: Timestamp, kind: ForecastKind, p10: Double, p50: Double, p90: Double, basis: String, eventIDs: [EventID]
    ) {
        self.siteID = siteID
        self.at = at
        self.kind = kind
        func bounded(_ number: Double) -> Double { min(max(number, 0), kind.most) }
        self.p50 = bounded(p50)
        self.p10 = min(bounded(p10), self.p50)
        self.p90 = max(bounded(p90), self.p50)
        self.unit = kind.unit
        self.basis = basis
        self.eventIDs = eventIDs
    }

    enum CodingKeys: String, CodingKey {
        case at, kind, p10, p50, p90, unit, basis
        case siteID = "site_id"
        case eventIDs = "event_ids"
    }
}
