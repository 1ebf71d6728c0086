import TowerModel

/// Minutes until the load disconnect opens, from charge, voltage and current. Thin: replaced by the physical model of the
/// detection room where that is present.
struct AutonomyEstimator: Sendable {
    private let ampHours: Double
    private let loadKilowatts: Double
    private let isLithium: Bool
    private var busVolts = Double.nan
    private var amps = Double.nan
    private var charge = Double.nan
    private var at = Timestamp.distantPast

    init(ratedAmpHours: Double, strings: Int, chemistry: String, loadKilowatts: Double) {
        self.ampHours = ratedAmpHours * Double(max(1, strings))
        self.loadKilowatts = loadKilowatts
        self.isLithium = chemistry == "lfp"
    }

    mutating func observe(at: Timestamp, busVolts: Double?, amps: Double?, stateOfChargePercent: Double?, temperature: Double?) {
        self.at = at
        if let busVolts { self.busVolts = busVolts }
        if let amps { self.amps = self.amps.isNaN ? amps : self.amps + 0.3 * (amps - self.amps) }
        if let charge = stateOfChargePercent { self.charge = charge / 100 }
    }

    func forecast(at: Timestamp) -> (p10: Double, p50: Double, p90: Double, endsWith: String)? {
        var current = -amps
        if current.isNaN || current <= 0.5 { current = loadKilowatts * 1000 / (busVolts.isNaN ? 48 : busVolts) }
        guard current > 0.5, ampHours > 0 else { return nil }
        var share = charge
        if share.isNaN {
            guard !busVolts.isNaN else { return nil }
            // A resting lead battery falls from 51 V full to 43.2 V at the disconnect, roughly in proportion.
            share = min(1, max(0, (busVolts - 43.2) / (isLithium ? 9 : 8)))
        }
        let usable = max(0, share - 0.2)
        let middle = usable * ampHours * 0.9 / current * 60
        return (middle * 0.72, middle, middle * 1.25, "lvd2")
    }
}
