import Glibc
public import TowerModel

/// How long a site's battery still carries its load, as quantiles, from charge balance and the discharge curve together.
///
/// Several healths of the battery are carried side by side. Each counts the ampere hours taken out against its own
/// capacity (corrected for rate and temperature), predicts the bus voltage from its own depth of discharge, and gains or
/// loses weight by how well the voltage agrees; a constant offset of the meter or of the curve is estimated with each.
///
/// - Unit: volts at the bus, amperes over all strings (negative while discharging), percent, °C; answers in minutes.
/// - Missing data: any reading may be absent. Without a current in the last `Settings.staleAfter` seconds, or while not
///   discharging, the answer is `nil`. Between readings the last load is carried on.
/// - Late data: a reading older than the newest is dropped.
/// - Source: Peukert's law; IEEE 485 temperature factors; discharge curves of a 24-cell lead-acid and a 15-cell LFP string.
public struct BatteryAutonomy: Sendable {
    public struct Settings: Sendable, Hashable {
        /// Bus volts at which non-critical loads are disconnected, and at which all are.
        public var firstDisconnectVolts = 46.5
        public var secondDisconnectVolts = 43.2
        /// Discharge is a current below minus this many amperes; less is metering noise.
        public var minimumAmps = 1.0
        /// Seconds a current reading speaks for.
        public var staleAfter = 7200.0
        /// Relative standard deviation of the load to come, and of the model.
        public var loadSpread = 0.05
        public var modelSpread = 0.07
        /// Share of the capacity over which the offset seen now loses its say: curves differ in shape, not only in height.
        public var offsetReach = 3.0
        /// Standard deviation of a controller's own state of health, as a ratio.
        public var reportedHealthSpread = 0.08
        /// Standard deviation of the volts at which sites' first contactors open, until a site's own is seen.
        public var firstDisconnectSpread = 0.18
        /// How much of the time between the contactors the gentle knee of the curve gives is really there: many bend harder.
        public var kneePace = 0.75
        /// Spread of the model behind the first contactor, in the knee.
        public var kneeSpread = 0.16
        /// Share of the load that stays on after the first contactor, until a site's own is learned.
        public var keptShare = 0.65
        /// Charge a full float leaves: standby batteries are seldom at 100 %.
        public var initialCharge = 0.98
        public init() {}
        public static let standard = Settings()
    }

    /// Which contactor ends a forecast.
    public enum Disconnect: String, Sendable, CaseIterable { case lvd1, lvd2 }

    let settings: Settings
    let curve: DischargeCurve
    /// Rated ampere hours of all strings together.
    let ratedAmpHours: Double
    let ratedLoadWatts: Double

    var hypotheses: [Hypothesis]
    var newest = Timestamp.distantPast
    var currentAt = Timestamp.distantPast
    /// Discharge current, positive, smoothed; `nil` while not discharging.
    var dischargeAmps: Double?
    var busVolts: Double?
    var temperature = 25.0
    /// What the controller says of its capacity, as a ratio of the rated one.
    var reportedHealth: Double?
    /// The first contactor has opened in this discharge.
    var isFirstOpen = false
    /// Bus volts at which the first contactor of this site really opens, and the share of the load that stays on then.
    var firstVolts: Double
    var isFirstKnown = false
    var keptShare: Double
    var fall = VoltageFall()
    /// Discharge current just before the first contactor opened, until the one behind it is heard.
    var ampsBefore: Double?

    /// One health of the battery and what it believes.
    struct Hypothesis: Sendable {
        /// Capacity over rated capacity.
        var health: Double
        /// Ratio of its capacity taken out, 0...1 and beyond.
        var depth: Double
        var logWeight: Double
        /// Voltage offset of meter and curve: mean and variance.
        var offset = 0.0
        var offsetVariance = 0.09
    }

    /// - Parameters:
    ///   - ratedAmpHours: of one string at its 10-hour rate.
    ///   - chemistry: `vrla` or `lfp`; anything else is taken as `vrla`.
    ///   - loadKilowatts: what the site draws by its inventory, for use until a current is heard.
    public init(ratedAmpHours: Double, strings: Int, chemistry: String, loadKilowatts: Double) {
        self.init(
            ratedAmpHours: ratedAmpHours, strings: strings, chemistry: chemistry, loadKilowatts: loadKilowatts,
            settings: .standard)
    }

    public init(ratedAmpHours: Double, strings: Int, chemistry: String, loadKilowatts: Double, settings: Settings) {
        self.settings = settings
        self.ratedAmpHours = max(ratedAmpHours, 1) * Double(max(strings, 1))
        self.ratedLoadWatts = max(loadKilowatts, 0) * 1000
        curve = DischargeCurve(isLithium: chemistry.lowercased().hasPrefix("l"))
        hypotheses = Self.prior(depth: 1 - settings.initialCharge)
        firstVolts = settings.firstDisconnectVolts
        keptShare = settings.keptShare
    }

    /// One of whose ratings all is known, as a state kept them.
    init(rated ampHours: Double, loadWatts: Double, isLithium: Bool) {
        settings = .standard
        ratedAmpHours = ampHours
        ratedLoadWatts = loadWatts
        curve = DischargeCurve(isLithium: isLithium)
        hypotheses = Self.prior(depth: 1 - settings.initialCharge)
        firstVolts = settings.firstDisconnectVolts
        keptShare = settings.keptShare
    }

    /// Healths from 30 % to 110 %: most batteries in the field are between 70 % and 100 %, some are nearly gone.
    private static func prior(depth: Double) -> [Hypothesis] {
        (0..<33).map { step in
            let health = 0.30 + 0.025 * Double(step)
            let z = (health - 0.93) / (health < 0.93 ? 0.14 : 0.07)
            return Hypothesis(health: health, depth: depth, logWeight: -0.5 * z * z)
        }
    }

    /// Takes what one telemetry event says.
    public mutating func observe(
        at: Timestamp, busVolts: Double?, amps: Double?, stateOfChargePercent: Double?, temperature: Double?
    ) {
        guard at >= newest else { return }
        if let temperature, (-40...90).contains(temperature) { self.temperature = temperature }
        advance(to: at)
        newest = at
        if let busVolts, (15...80).contains(busVolts) { self.busVolts = busVolts }
        if let amps, amps.isFinite { observe(amps: amps, at: at) }
        guard let dischargeAmps else { return }
        var isWeighed = false
        if let busVolts, (15...80).contains(busVolts) {
            isWeighed = true
            fall.take(volts: busVolts)
            weigh(busVolts: busVolts, amps: dischargeAmps)
            if busVolts <= min(firstVolts, settings.firstDisconnectVolts) - 0.2 { isFirstOpen = true }
        }
        if let stateOfChargePercent, (0...100).contains(stateOfChargePercent) {
            isWeighed = true
            weigh(charge: stateOfChargePercent / 100)
        }
        if isWeighed { fade() }
    }

    /// A contactor has opened: what it left on and at how many volts is this site's own, and is kept.
    public mutating func observe(opening: Disconnect, at: Timestamp) {
        guard opening == .lvd1, at >= newest.adding(seconds: -settings.staleAfter) else { return }
        if let busVolts, abs(busVolts - settings.firstDisconnectVolts) < 1.5 {
            firstVolts = busVolts
            isFirstKnown = true
        }
        guard !isFirstOpen else { return }
        isFirstOpen = true
        guard let dischargeAmps else { return }
        ampsBefore = dischargeAmps
        fall.loadChanges()
        self.dischargeAmps = dischargeAmps * keptShare
    }

    /// Takes a controller's own state of health, percent of the rated capacity; outside 20...120 it says nothing.
    public mutating func observe(stateOfHealthPercent: Double) {
        if (20...120).contains(stateOfHealthPercent) { reportedHealth = stateOfHealthPercent / 100 }
    }

    /// Quantiles of the minutes until the next contactor opens: `lvd1`, or `lvd2` once the first is open.
    public func forecast(at: Timestamp) -> (p10: Double, p50: Double, p90: Double, endsWith: String)? {
        let next: Disconnect = isFirstOpen ? .lvd2 : .lvd1
        guard let minutes = forecast(at: at, until: next) else { return nil }
        return (minutes.p10, minutes.p50, minutes.p90, next.rawValue)
    }

    // MARK: - Charge balance

    private mutating func observe(amps: Double, at: Timestamp) {
        let hours = currentAt > .distantPast ? min(max(at.seconds(since: currentAt), 0), settings.staleAfter) / 3600 : 0
        currentAt = at
        if amps < -settings.minimumAmps {
            if dischargeAmps == nil { begin() }
            // Load steps are real, so the latest reading counts most.
            if let before = ampsBefore {
                let share = -amps / before
                if share < 0.95, share > 0.1 { keptShare = share }
                dischargeAmps = -amps
                ampsBefore = nil
            } else {
                dischargeAmps = dischargeAmps.map { $0 + 0.5 * (-amps - $0) } ?? -amps
            }
        } else {
            dischargeAmps = nil
            isFirstOpen = false
            ampsBefore = nil
            if amps > settings.minimumAmps {
                charge(ampHours: amps * hours)
            } else if (busVolts ?? 0) > curve.floatVolts {
                refill(hours: hours)
            }
        }
    }

    /// A new discharge: the offset of the last one may have been temperature or ageing, so it is trusted less.
    private mutating func begin() {
        fall = VoltageFall()
        for index in hypotheses.indices { hypotheses[index].offsetVariance = min(hypotheses[index].offsetVariance + 0.03, 0.09) }
    }

    /// Takes the ampere hours since the newest reading out of every hypothesis.
    private mutating func advance(to at: Timestamp) {
        guard let amps = dischargeAmps, newest > .distantPast else { return }
        let hours = min(max(at.seconds(since: newest), 0), settings.staleAfter) / 3600
        guard hours > 0 else { return }
        fall.draw(ampHours: hours * amps, memory: 0.015 * ratedAmpHours)
        for index in hypotheses.indices {
            hypotheses[index].depth += hours * drain(amps: amps, health: hypotheses[index].health)
        }
    }

    /// Ratio of capacity that a current takes in an hour.
    func drain(amps: Double, health: Double) -> Double {
        amps / (ratedAmpHours * health * curve.temperatureFactor(temperature) * curve.rateFactor(amps / (ratedAmpHours * health)))
    }

    /// Nine tenths of what goes into a lead-acid bank can be taken out again.
    private mutating func charge(ampHours: Double) {
        for index in hypotheses.indices {
            let returned = 0.9 * ampHours / (ratedAmpHours * hypotheses[index].health)
            hypotheses[index].depth = max(1 - settings.initialCharge, hypotheses[index].depth - returned)
        }
    }

    /// At float with hardly a current: full within hours, whatever was counted.
    private mutating func refill(hours: Double) {
        let share = 1 - exp(-hours / 0.8)
        for index in hypotheses.indices {
            hypotheses[index].depth += share * (1 - settings.initialCharge - hypotheses[index].depth)
        }
    }

    // MARK: - Evidence

    /// Gaussian likelihood of the bus voltage, its constant offset integrated out.
    private mutating func weigh(busVolts: Double, amps: Double) {
        let noise = curve.readingVariance
        for index in hypotheses.indices {
            let belief = hypotheses[index]
            let expected = curve.volts(
                depth: belief.depth, rate: amps / (ratedAmpHours * belief.health), temperature: temperature)
            let surprise = busVolts - expected - belief.offset
            let variance = belief.offsetVariance + noise
            hypotheses[index].logWeight -= 0.5 * (surprise * surprise / variance + log(variance))
            let gain = belief.offsetVariance / variance
            hypotheses[index].offset += gain * surprise
            hypotheses[index].offsetVariance = belief.offsetVariance * (1 - gain) + 0.0002
        }
    }

    /// A controller's own state of charge: right to about ten points, and repeating itself.
    private mutating func weigh(charge: Double) {
        for index in hypotheses.indices {
            let z = (charge - (1 - hypotheses[index].depth)) / 0.10
            hypotheses[index].logWeight -= 0.5 * z * z * 0.05
        }
    }

    /// Keeps weights finite and forgets a little, so that no health is ever excluded for good.
    private mutating func fade() {
        var highest = -Double.infinity
        for hypothesis in hypotheses { highest = max(highest, hypothesis.logWeight) }
        for index in hypotheses.indices {
            hypotheses[index].logWeight = max((hypotheses[index].logWeight - highest) * 0.9995, -30)
        }
    }
}
