/// What the way from sensor to platform does to events (DOMAIN 5.1). Every knob at 0 is "none"; truth is never touched.
public struct NoiseModel: Sendable, Hashable {
    /// Probability that one alarm or notice is lost, each independently.
    public var lost: Double = 0
    /// Share of (site, alarm type) pairs that were never wired: none of their alarms ever arrives.
    public var unwired: Double = 0
    /// Probability that one reading is lost.
    public var telemetry: Double = 0
    /// Probability that an event arrives twice, byte for byte.
    public var duplicates: Double = 0
    /// Each site's clock is off by a constant, uniform within ± this many seconds.
    public var skew: Double = 0
    /// Probability, per site and hour, that the controller buffers and sends up to 24 h later, out of order.
    public var late: Double = 0
    /// Probability that a raised alarm chatters (clears and comes back one to four times) before it settles.
    public var flapping: Double = 0
    /// Share of sites with one lying sensor: stuck fuel, inverted generator status, frozen temperature, grid stuck at 230 V.
    public var lying: Double = 0

    public static let none = NoiseModel()

    public init() {}

    /// Sets `lost` and `unwired` so that in the mean `share` of the alarms never arrive, half of them for lack of wiring.
    public mutating func setMissing(_ share: Double) {
        unwired = share / 2
        lost = share >= 1 ? 1 : (share - unwired) / (1 - unwired)
    }

    /// Reads `none` or `missing=0.1,duplicates=0.005,skew=120`. `missing` stands for `lost` and `unwired` together.
    /// - Throws: `simulation.noise` naming the part that could not be read.
    public init(parsing text: String) throws(SimulationError) {
        guard text != "none", !text.isEmpty else { return }
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let sides = part.split(separator: "=", omittingEmptySubsequences: false)
            guard sides.count == 2, let value = Double(String(sides[1])), value.isFinite else {
                throw SimulationError(
                    .noise, "could not read \"\(part)\" of the noise; write name=number, as in missing=0.1,skew=120")
            }
            switch sides[0] {
            case "missing":
                guard value >= 0, value <= 1 else { throw SimulationError(.noise, "missing is \(value); give 0 to 1") }
                setMissing(value)
            case "lost": lost = value
            case "unwired": unwired = value
            case "telemetry": telemetry = value
            case "duplicates": duplicates = value
            case "skew": skew = value
            case "late": late = value
            case "flapping": flapping = value
            case "lying": lying = value
            default:
                throw SimulationError(
                    .noise,
                    "no noise is called \"\(sides[0])\"; there are missing, lost, unwired, telemetry, duplicates, skew, "
                        + "late, flapping, lying"
                )
            }
        }
        try validate()
    }

    func validate() throws(SimulationError) {
        let shares = [
            ("lost", lost), ("unwired", unwired), ("telemetry", telemetry), ("duplicates", duplicates), ("late", late),
            ("flapping", flapping), ("lying", lying),
        ]
        for (name, value) in shares where !(value >= 0 && value <= 1) {
            throw SimulationError(.noise, "\(name) is \(value); give a probability, 0 to 1")
        }
        guard skew >= 0, skew <= 86_400 else { throw SimulationError(.noise, "skew is \(skew); give 0 to 86400 seconds") }
    }

    var isNone: Bool { self == .none }
}
