import Glibc

/// A shelter as a first-order thermal body (DOMAIN 5.1: time constant 0.5 to 2 h, 10 to 25 K above the outdoor air when
/// nothing cools), its air conditioner, and the heat that the equipment bears.
struct Shelter: Sendable, Hashable {
    /// s
    var timeConstant: Double
    /// K above the outdoor air at the mean load without any cooling.
    var rise: Double
    /// K above the air of the shelter inside a rack.
    var rackRise: Double
    /// Rack temperature at which the radio lowers its power (50 to 55 Cel) and at which it shuts down (60 to 65 Cel).
    var derateCelsius: Double
    var shutCelsius: Double

    static let setpoint = 24.0
    /// The compressor goes from standstill to full duty over this many kelvin.
    static let band = 4.0
    /// K by which the sun heats the walls at noon.
    static let sunRise = 3.0
    /// kW of a compressor at full duty.
    static let compressorKilowatts = 1.1

    /// A shelter of its own for each site, whatever else is drawn.
    static func typical(_ generator: inout SeededGenerator) -> Shelter {
        Shelter(
            timeConstant: generator.uniform(1800, 7200), rise: generator.uniform(12, 24), rackRise: 8,
            derateCelsius: generator.uniform(50, 55), shutCelsius: generator.uniform(60, 62))
    }

    /// K by which full duty lowers the air: sized for the hottest hour with a margin of 45 %.
    var coolingPower: Double { 1.45 * (rise + Self.sunRise + 8) }

    /// Share of full duty at an indoor temperature.
    static func duty(_ celsius: Double) -> Double { min(1, max(0, (celsius - setpoint) / band)) }

    enum Cooling: Sendable {
        /// Compressor with this share of its power.
        case compressor(Double)
        /// No mains: fans on the battery blow outdoor air through.
        case freeAir
        case none
    }

    /// Indoor temperature `seconds` later.
    func step(_ celsius: Double, seconds: Double, outdoor: Double, sun: Double, load: Double, cooling: Cooling) -> Double {
        let loose = outdoor + rise * load + Self.sunRise * sun
        switch cooling {
        case .none: return approach(celsius, loose, seconds, timeConstant)
        case .freeAir: return approach(celsius, outdoor + 2.4, seconds, timeConstant)
        case .compressor(let share):
            let power = coolingPower * share
            // Inside the band the duty answers the temperature: the same body with a stiffer spring.
            let target = (loose + power * Self.setpoint / Self.band) / (1 + power / Self.band)
            if target > Self.setpoint + Self.band { return approach(celsius, loose - power, seconds, timeConstant) }
            if target < Self.setpoint { return approach(celsius, loose, seconds, timeConstant) }
            return approach(celsius, target, seconds, timeConstant / (1 + power / Self.band))
        }
    }

    private func approach(_ celsius: Double, _ target: Double, _ seconds: Double, _ constant: Double) -> Double {
        target + (celsius - target) * exp(-seconds / constant)
    }
}
