/// A threshold rule ready for the hot path: signs turned so that "beyond" is always "above", no array, no string.
struct CompiledRule {
    static let maximumSteps = 6
    var limits = InlineArray<6, Double>(repeating: .infinity)
    var sign: Double
    var hysteresis: Double
    var raiseAfter: Int64
    var clearAfter: Int64
    var lowest: Double
    var highest: Double
    /// Index in the configuration, for texts.
    var rule: Int32

    init(_ rule: ThresholdRule, index: Int) {
        sign = rule.direction == .above ? 1 : -1
        for (step, value) in rule.steps.prefix(Self.maximumSteps).enumerated() { limits[step] = value.limit * sign }
        hysteresis = rule.hysteresis
        raiseAfter = Int64(rule.raiseAfter * 1_000_000)
        clearAfter = Int64(rule.clearAfter * 1_000_000)
        lowest = rule.plausible.lowerBound
        highest = rule.plausible.upperBound
        self.rule = Int32(index)
    }

    /// The level a value asks for, given the level held now.
    func level(of value: Double, holding current: Int8) -> Int8 {
        let signed = value * sign
        var level: Int8 = 0
        while Int(level) < Self.maximumSteps {
            let limit = limits[Int(level)]
            guard signed > (level < current ? limit - hysteresis : limit) else { break }
            level += 1
        }
        return level
    }
}

/// Where one series stands on one rule.
struct RuleState {
    var onset = Int64.max
    var pendingSince = Int64.max
    var key = Int64.max
    /// Level held; 0 is none.
    var level: Int8 = 0
    /// Mildest worse level, or worst better level, seen since `pendingSince`; `level` when nothing is pending.
    var pending: Int8 = 0
    /// Value that began what is pending.
    var value = 0.0
}

/// Two references, half a window apart, that a change is measured against.
struct RateState {
    var olderAt = Int64.min
    var olderValue = 0.0
    var newerAt = Int64.min
    var newerValue = 0.0
    var onset = Int64.max
    var isRaised = false
}
