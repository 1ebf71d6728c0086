import Glibc

/// A bank of 24-cell VRLA strings: terminal voltage from charge and current (DOMAIN 5.1, tunable priors).
///
/// Discharge: a slow linear fall, then a knee; at a five-hour rate 48 V is passed near 35 % charge, LVD1 (46 to 47 V) near
/// 12 %, LVD2 (43.2 V) at the end. Charge: constant current to 54.5 V, then a taper.
enum BatteryModel {
    /// Share of the charge put in that comes out again.
    static let chargeEfficiency = 0.92

    /// - Parameters:
    ///   - charge: 0...1 of the aged capacity.
    ///   - rate: discharge current per ampere-hour of aged capacity, 1/h.
    static func dischargeVolts(charge: Double, rate: Double) -> Double {
        46.6 + 4.5 * charge - 3.6 * exp(-charge / 0.07) - 1.25 * rate
    }

    /// Bus voltage while a rectifier charges; LVDs reconnect on its way up (49 to 51 V).
    static func chargeVolts(charge: Double, celsius: Double) -> Double {
        let float = 54.5 - 0.072 * (celsius - 25)
        return min(float, 49.4 + 5.6 * charge.squareRoot())
    }

    /// Current that the bank takes, per ampere-hour of aged capacity: 0.12 C, tapering over the last 15 %.
    static func acceptance(charge: Double) -> Double {
        charge >= 0.9995 ? 0.0006 : 0.12 * min(1, max(0.012, (1 - charge) / 0.15))
    }
}
