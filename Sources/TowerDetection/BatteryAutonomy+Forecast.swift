import Glibc
public import TowerModel

extension BatteryAutonomy {
    /// Quantiles of the minutes until a contactor opens, from `at` on; `nil` when not discharging or too long unheard.
    ///
    /// - Shape: p10 ≤ p50 ≤ p90, each 0...7 days.
    public func forecast(at: Timestamp, until disconnect: Disconnect) -> (p10: Double, p50: Double, p90: Double)? {
        guard let amps = dischargeAmps, at.seconds(since: currentAt) <= settings.staleAfter else { return nil }
        let limit = disconnect == .lvd1 ? firstVolts : settings.secondDisconnectVolts
        // Until the first contactor opens, the second one's time has two stages: the whole load, then what is kept.
        let stage: Stage? = disconnect == .lvd2 && !isFirstOpen ? Stage(volts: firstVolts, share: keptShare) : nil
        let elapsed = max(at.seconds(since: newest), 0) / 3600
        let watts = amps * (busVolts ?? 48)
        var highest = -Double.infinity
        for hypothesis in hypotheses { highest = max(highest, logWeight(hypothesis)) }
        let extrapolated = disconnect == .lvd2 && isFirstOpen && !curve.isLithium ? extrapolated(amps: amps) : nil
        // Each hypothesis is a log-normal around its own time: the load to come and the model are uncertain too.
        var times: [(minutes: Double, weight: Double)] = []
        var total = 0.0
        for hypothesis in hypotheses {
            let weight = exp(logWeight(hypothesis) - highest)
            guard weight > 1e-6 else { continue }
            var minutes = self.minutes(hypothesis, watts: watts, limit: limit, shedding: stage)
            if let extrapolated { minutes = extrapolated }
            minutes = max(minutes - elapsed * 60, 0)
            times.append((minutes, weight))
            total += weight
        }
        let modelSpread = extrapolated == nil ? settings.modelSpread : settings.kneeSpread
        let spread = (settings.loadSpread * settings.loadSpread + modelSpread * modelSpread).squareRoot()
        let slack = extrapolated == nil ? slackMinutes(amps: amps) : 0
        func quantile(_ share: Double, _ slack: Double) -> Double {
            Self.quantile(share, of: times, total: total, spread: spread, slack: slack)
        }
        let p50 = quantile(0.5, 0)
        return (min(quantile(0.1, slack), p50), p50, max(quantile(0.9, slack), p50))
    }

    /// Minutes to the second contactor by how the volts fall per ampere hour, once the first is open; `nil` before that is known.
    ///
    /// Knees differ in shape and place, but all bend down: what is left is about half of the straight line's at the first
    /// contactor and nearly all of it at the second.
    private func extrapolated(amps: Double) -> Double? {
        guard let busVolts, let slope = fall.voltsPerAmpHour, slope < 0, amps > 0 else { return nil }
        let height = busVolts - settings.secondDisconnectVolts
        guard height > 0 else { return 0 }
        let way = min(max((firstVolts - busVolts) / max(firstVolts - settings.secondDisconnectVolts, 0.5), 0), 1)
        return min((0.38 + 0.45 * way) * height / -slope / amps * 60, 1440)
    }

    /// The weight of a health with what the controller says of it: a belief of its own, so it counts once, however often told.
    func logWeight(_ hypothesis: Hypothesis) -> Double {
        guard let reportedHealth else { return hypothesis.logWeight }
        let z = (hypothesis.health - reportedHealth) / settings.reportedHealthSpread
        return hypothesis.logWeight - 0.5 * z * z
    }

    /// Minutes until the bus falls to a limit at constant power, by steps of depth that shrink towards the knee.
    private func minutes(_ hypothesis: Hypothesis, watts: Double, limit: Double, shedding stage: Stage?) -> Double {
        var watts = watts
        var stage = stage
        var depth = hypothesis.depth
        var hours = 0.0
        var pace = 1.0
        let capacity = ratedAmpHours * hypothesis.health
        var volts = max(busVolts ?? 48, 40)
        var previous = Double.infinity
        for _ in 0..<400 {
            let amps = watts / max(volts, 30)
            volts = curve.volts(depth: depth, rate: amps / capacity, temperature: temperature)
            volts += hypothesis.offset * exp((hypothesis.depth - depth) / settings.offsetReach)
            if let first = stage, volts <= first.volts {
                watts *= first.share
                stage = nil
                pace = settings.kneePace
                previous = .infinity
                continue
            }
            if volts <= limit {
                // The limit lies inside the last step: go back in proportion.
                let beyond = previous.isFinite && previous > volts ? (limit - volts) / (previous - volts) : 0
                return max(hours - beyond * pace * hoursOfStep(amps, hypothesis), 0) * 60
            }
            guard depth < 1.25, hours < 168 else { break }
            previous = volts
            hours += pace * hoursOfStep(amps, hypothesis)
            depth += Self.depthStep
        }
        return hours * 60
    }

    /// What happens on the way to the second contactor: at these volts the load falls to a share of itself.
    private struct Stage {
        var volts: Double
        var share: Double
    }

    private static let depthStep = 0.01

    /// Hours that one step of depth takes.
    private func hoursOfStep(_ amps: Double, _ hypothesis: Hypothesis) -> Double {
        min(Self.depthStep / max(drain(amps: amps, health: hypothesis.health), 1e-6), 168)
    }

    /// Minutes by which not knowing where this site's contactor opens moves its time; 0 once it has been seen to open.
    private func slackMinutes(amps: Double) -> Double {
        guard !isFirstKnown, let slope = fall.voltsPerAmpHour, slope < 0 else { return 0 }
        return min(settings.firstDisconnectSpread / -slope / amps * 60, 90)
    }

    /// Quantile of the mixture, by bisection on its distribution function.
    private static func quantile(
        _ share: Double, of times: [(minutes: Double, weight: Double)], total: Double, spread: Double, slack: Double
    ) -> Double {
        guard total > 0 else { return 0 }
        var low = 0.0
        var high = 7.0 * 1440
        for _ in 0..<50 {
            let middle = 0.5 * (low + high)
            var below = 0.0
            for time in times {
                // One minute is added on both sides: near the end the error is of minutes, not of percents.
                let width = (spread * spread + slack * slack / ((time.minutes + 5) * (time.minutes + 5))).squareRoot()
                let z = log((middle + 1) / (time.minutes + 1)) / width
                below += time.weight * 0.5 * erfc(-z / 2.0.squareRoot())
            }
            if below < share * total { low = middle } else { high = middle }
        }
        return 0.5 * (low + high)
    }
}
