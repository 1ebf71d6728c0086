import Glibc

/// An independent little battery for tests: two wells of charge (kinetic model), so that rate effects come from diffusion
/// and not from Peukert's exponent, with its own voltage curve. It shares no formula with what is tested.
struct BatteryBench {
    var health: Double
    var ampHours: Double
    var isLithium = false
    var temperature = 25.0
    /// Systematic error of the bus meter, volts.
    var meterOffset = 0.0
    private var available: Double
    private var bound: Double

    private var share: Double { isLithium ? 0.95 : 0.62 }
    private var capacity: Double {
        // A kinetic battery delivers less than it holds at the 10-hour rate: hold more, so that the rating is met.
        let cold = isLithium ? 1 + 0.004 * min(temperature - 25, 0) : 1 + 0.0065 * (temperature - 25)
        return ampHours * health * cold * (isLithium ? 1.0 : 1.06)
    }

    init(ampHours: Double, health: Double, isLithium: Bool = false, temperature: Double = 25) {
        self.ampHours = ampHours
        self.health = health
        self.isLithium = isLithium
        self.temperature = temperature
        available = 0
        bound = 0
        available = capacity * share
        bound = capacity * (1 - share)
    }

    /// True bus volts at a current.
    func volts(amps: Double) -> Double {
        let head = max(available / (capacity * share), 0)
        let rate = amps / (ampHours * health)
        if isLithium {
            return 48 + 1.2 * head + 0.5 * tanh(20 * (head - 0.95)) - 6.5 * exp(-head / 0.035) - 2 * rate
        }
        return 45.4 + 4.3 * pow(head, 0.85) - 2.6 * exp(-head / 0.06) - 4 * rate
    }

    mutating func draw(amps: Double, hours: Double) {
        let head = available / share
        let tail = bound / (1 - share)
        let flow = (isLithium ? 3.0 : 0.7) * (tail - head) * share * (1 - share) * hours
        available += flow - amps * hours
        bound -= flow
    }
}
