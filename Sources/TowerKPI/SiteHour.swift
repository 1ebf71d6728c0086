import TowerModel

/// All that is known of one site in one hour: what a site KPI is measured from.
struct SiteHour {
    var configuration: KPIConfiguration
    var site: Site?
    /// Readings of the hour, by role; empty where nothing was heard.
    var samples: [SampleHour]
    /// The hour before, for what was said last before this one begins.
    var before: [SampleHour]
    /// Seconds during which an alarm of the kind was active, and how many alarms there were.
    var down = SecondMask()
    var gridLost = SecondMask()
    var alarmCount = 0

    /// The last reading before the hour, its second counted from the hour's start, hence negative.
    func previous(_ role: MetricRole) -> (second: Int, value: Double)? {
        let hour = before[role.rawValue]
        guard !hour.isEmpty else { return nil }
        return (hour.second(hour.count - 1) - 3600, hour.values[hour.count - 1])
    }

    func count(_ role: MetricRole) -> Int { samples[role.rawValue].count }

    /// Seconds in which a metric was heard, and of those the ones in which `holds` is true of it.
    func coverage(_ role: MetricRole, where holds: (Double) -> Bool) -> (heard: SecondMask, holds: SecondMask) {
        var heard = SecondMask()
        var held = SecondMask()
        samples[role.rawValue].visit(previous: previous(role), maximumGap: maximumGap) { from, to, value in
            heard.fill(from, to)
            if holds(value) { held.fill(from, to) }
        }
        return (heard, held)
    }

    func mean(_ role: MetricRole) -> (mean: Double, seconds: Int)? {
        samples[role.rawValue].mean(previous: previous(role), maximumGap: maximumGap)
    }

    /// Alarm seconds that may be weighed: an alarm alone tells when a thing was bad, not that it was good otherwise, so
    /// without telemetry it counts only when it fills the hour.
    func weighed(_ alarm: SecondMask, heard: SecondMask) -> SecondMask {
        heard.isEmpty && alarm.count < 3600 ? SecondMask() : alarm
    }

    /// Seconds in which the generator was heard, and in which it ran.
    func generator() -> (heard: SecondMask, running: SecondMask) {
        var heard = SecondMask()
        var running = SecondMask()
        let limits: [(MetricRole, Double)] = [
            (.dgRunning, 0.5), (.dgRPM, configuration.runningRPM), (.dgPower, configuration.runningKilowatts),
            (.dgVolts, configuration.runningVolts),
        ]
        for (role, limit) in limits {
            let covered = coverage(role) { $0 > limit }
            heard = heard.union(covered.heard)
            running = running.union(covered.holds)
        }
        return (heard, running)
    }

    private var maximumGap: Int { Int(min(configuration.maximumGap, 3600)) }
}
