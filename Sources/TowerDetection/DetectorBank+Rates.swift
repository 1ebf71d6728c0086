import TowerModel

/// A rate rule ready for the hot path.
struct CompiledRate {
    var sign: Double
    var change: Double
    var window: Int64
    var rule: Int32

    init(_ rule: RateRule, index: Int) {
        sign = rule.direction == .rising ? 1 : -1
        change = rule.change
        window = Int64(rule.window * 1_000_000)
        self.rule = Int32(index)
    }
}

extension DetectorBank {
    /// Compares with a reference half a window to one window old.
    mutating func observeRates(_ point: Int32, now: Int64, value: Double, rates: Range<Int>, into findings: inout [Finding]) {
        let first = Int(points[Int(point)].firstRate)
        for part in 0..<rates.count {
            let rate = compiledRates[rates.lowerBound + part]
            var state = rateStates[first + part]
            defer { rateStates[first + part] = state }
            guard state.newerAt != .min, now - state.newerAt <= rate.window else {
                // The first sample, or a silence longer than the window: nothing to compare with.
                state.olderAt = now
                state.olderValue = value
                state.newerAt = now
                state.newerValue = value
                continue
            }
            if now - state.newerAt >= rate.window / 2 {
                state.olderAt = state.newerAt
                state.olderValue = state.newerValue
                state.newerAt = now
                state.newerValue = value
            }
            let moved = (value - state.olderValue) * rate.sign
            if !state.isRaised, moved >= rate.change {
                state.isRaised = true
                state.onset = state.olderAt
                findings.append(rateFinding(point, rate: rate, state: state, now: now, value: value, isCleared: false))
            } else if state.isRaised, now - state.olderAt >= rate.window / 2, moved < rate.change / 2 {
                state.isRaised = false
                findings.append(rateFinding(point, rate: rate, state: state, now: now, value: value, isCleared: true))
            }
        }
    }

    private func rateFinding(
        _ point: Int32, rate: CompiledRate, state: RateState, now: Int64, value: Double, isCleared: Bool
    ) -> Finding {
        let rule = configuration.rates[Int(rate.rule)]
        let verb = rule.direction == .rising ? "rose" : "fell"
        let amount = DecimalText.text(abs(value - state.olderValue))
        let span = DecimalText.span(Double(now - state.olderAt) / 1_000_000)
        let text =
            isCleared
            ? "\(rule.label) moves normally again at \(DecimalText.text(value)) \(rule.unit)"
            : "\(rule.label) \(verb) by \(amount) \(rule.unit) in \(span), to \(DecimalText.text(value)) \(rule.unit)"
        return Finding(
            point: point, kind: .rate, alarmType: rule.alarmType, severity: isCleared ? .cleared : rule.severity,
            state: isCleared ? .cleared : .raised, at: Timestamp(microseconds: now), onset: Timestamp(microseconds: state.onset),
            value: value, limit: rule.change, text: text, score: 1)
    }
}
