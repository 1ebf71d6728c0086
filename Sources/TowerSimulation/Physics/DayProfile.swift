import Glibc

/// What the hour of the day does to load, weather and sun. Hours are site-local.
enum DayProfile {
    static func localHour(_ secondsSinceEpoch: Double) -> Double {
        let day = secondsSinceEpoch - 86_400 * (secondsSinceEpoch / 86_400).rounded(.down)
        return day / 3600
    }

    /// Telecom load relative to its mean, 0.86...1.14: low before dawn, high in the evening.
    static func load(_ hour: Double) -> Double {
        1 + 0.10 * cos((hour - 19.5) * Double.pi / 12) + 0.04 * cos((hour - 12) * Double.pi / 6)
    }

    /// Outdoor temperature, Cel.
    static func outdoor(_ hour: Double) -> Double { 27.5 + 4.5 * cos((hour - 15) * Double.pi / 12) }

    /// Plane-of-array irradiance as a share of 1 kW/m².
    static func sun(_ hour: Double) -> Double { max(0, sin((hour - 6) * Double.pi / 12)) * 0.92 }

    /// Traffic of a day of the week relative to the busiest: Sundays are quiet, Fridays full.
    static func weekday(_ secondsSinceEpoch: Double) -> Double {
        // The epoch was a Thursday.
        let day = (Int((secondsSinceEpoch / 86_400).rounded(.down)) + 3) % 7
        return [0.93, 0.93, 0.94, 0.96, 1, 0.86, 0.74][max(0, day)]
    }

    /// Traffic relative to the busy hour.
    static func traffic(_ hour: Double) -> Double { 0.55 + 0.40 * cos((hour - 20) * Double.pi / 12) }
}
