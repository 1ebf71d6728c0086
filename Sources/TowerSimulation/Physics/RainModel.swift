import Glibc

/// Specific attenuation by rain, ITU-R P.838-3, vertical polarisation: γ = k·R^α in dB/km.
enum RainModel {
    static func decibelsPerKilometre(frequencyGHz: Double, millimetresPerHour rate: Double) -> Double {
        guard rate > 0.01 else { return 0 }
        let (k, alpha): (Double, Double)
        switch frequencyGHz {
        case ..<16.5: (k, alpha) = (0.0501, 1.044)
        case ..<20.5: (k, alpha) = (0.0771, 1.003)
        case ..<30: (k, alpha) = (0.1284, 0.963)
        case ..<60: (k, alpha) = (0.384, 0.855)
        default: (k, alpha) = (1.167, 0.702)
        }
        return k * pow(rate, alpha)
    }
}
