import TowerDetection
import TowerModel

/// What one yes-or-no question about a site was last answered with, and since when.
struct Tristate: Sendable {
    /// -1 not known, 0 no, 1 yes.
    var state: Int8 = -1
    var since = Timestamp.distantPast
    var lastAt = Timestamp.distantPast
    /// The last sample that said the contrary.
    var contraryAt = Timestamp.distantPast

    /// Takes a sample in; answers whether the answer changed. Samples older than the newest are left out.
    mutating func take(_ yes: Bool, at: Timestamp) -> Bool {
        guard at >= lastAt else { return false }
        let new: Int8 = yes ? 1 : 0
        defer { lastAt = at }
        guard new != state else { return false }
        contraryAt = state >= 0 ? lastAt : .distantPast
        state = new
        since = at
        return true
    }
}

/// What telemetry has told of one site: plain thresholds with hysteresis, so that causes never rest on statistics.
struct SiteSense: Sendable {
    // What every reading asks for, kept together.
    var grid = Tristate()
    var discharging = Tristate()
    var generator = Tristate()
    var charge = Double.nan
    /// Newest word of the site's controller, and the usual gap between two.
    var lastHeard = Timestamp.distantPast
    var usualGap = 0.0
    var heard = 0
    /// Since when it has been heard without a gap of `longGap`.
    var heardSince = Timestamp.distantPast
    var isWatched = false
    var isSilent = false
    var lastHeardEvent = EventID(high: 0, low: 0)

    var rectifier = Tristate()
    var lowVoltage = Tristate()
    var fuelEmpty = Tristate()
    var fuelLow = Tristate()
    var busVolts = Double.nan
    var busAt = Timestamp.distantPast
    var amps = Double.nan
    /// What the generator gives, kW, as it said last.
    var generatorKilowatts = Double.nan
    var ampsAt = Timestamp.distantPast
    /// State of charge when the battery last did not discharge, 0...1.
    var restCharge = Double.nan
    var temperature = Double.nan
    var dischargeEvent = EventID(high: 0, low: 0)
    /// The generator stopped while the grid was away: waits for the battery to show that it mattered.
    var stoppedOnLoadAt: Timestamp?
    var stoppedOnLoadEvent = EventID(high: 0, low: 0)
    var generatorRanAt = Timestamp.distantPast
    var autonomy: BatteryAutonomy?
    var lastForecast: AutonomyForecast?
    var lastForecastAt = Timestamp.distantPast

    /// Seconds of silence after which the controller counts as silent.
    var patience: Double { max(300, 5 * usualGap + 60) }

    /// Seconds without a word that teach no rhythm.
    static let longGap = 7_200.0

    /// Whether a silence that begins now breaks a rhythm. Whoever reports every few hours is silent most of the time.
    var hasRhythm: Bool { usualGap > 0 && lastHeard.seconds(since: heardSince) >= Self.longGap }

    /// - Parameter isPeriodic: a reading or heartbeat; alarms prove life but come when they like, so they teach no rhythm.
    mutating func hear(_ at: Timestamp, _ id: EventID, isPeriodic: Bool) {
        guard at > lastHeard else { return }
        lastHeardEvent = id
        guard isPeriodic else {
            lastHeard = at
            return
        }
        let gap = at.seconds(since: lastHeard)
        if heard == 0 || gap >= Self.longGap { heardSince = at }
        if heard > 0, gap < Self.longGap { usualGap = usualGap == 0 ? gap : usualGap + 0.1 * (gap - usualGap) }
        lastHeard = at
        heard += 1
    }
}

/// What telemetry has told of one radio link.
struct LinkSense: Sendable {
    /// Under every receiver's threshold, dBm.
    static let noiseFloor = -95.0
    /// Slow mean of the received level in fair weather, dBm.
    var baseline = Double.nan
    var samples = 0
    var fading = Tristate()
    var deepest = 0.0
    var step = StepWatch()

    /// Takes a level in; answers whether fading began or ended. Eight dB under the fair-weather level is a fade, four is none.
    mutating func take(_ level: Double, at: Timestamp) -> Bool {
        samples += 1
        guard samples > 1 else {
            baseline = level
            return false
        }
        let drop = baseline - level
        if drop < 6 { baseline += (samples < 20 ? 0.2 : 0.01) * (level - baseline) }
        if drop >= 8 { deepest = max(deepest, drop) }
        guard samples > 4 else { return false }
        if drop >= 8 { return fading.take(true, at: at) }
        if drop <= 4 {
            let changed = fading.take(false, at: at)
            if changed { deepest = 0 }
            return changed
        }
        return false
    }
}
