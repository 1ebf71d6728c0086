import TowerModel

extension DetectorBank {
    /// Moves the pending level of each rule; levels that held long enough are taken.
    mutating func observeRules(_ point: Int32, now: Int64, value: Double, rules: Range<Int>, into findings: inout [Finding]) {
        let first = Int(points[Int(point)].firstRule)
        for part in 0..<rules.count {
            let rule = compiled[rules.lowerBound + part]
            guard value >= rule.lowest, value <= rule.highest else { continue }
            let slot = first + part
            let level = ruleStates[slot].level
            let target = rule.level(of: value, holding: level)
            if target == level {
                ruleStates[slot].pendingSince = .max
                ruleStates[slot].pending = level
                continue
            }
            let isWorse = target > level
            let pending = ruleStates[slot].pending
            if ruleStates[slot].pendingSince == .max || (pending > level) != isWorse {
                ruleStates[slot].pendingSince = now
                ruleStates[slot].pending = target
                ruleStates[slot].value = value
            } else if isWorse ? target < pending : target > pending {
                ruleStates[slot].pending = target
            }
            settleHold(point, part: Int32(part) + 1, upTo: now, into: &findings)
            scheduleHold(point, part: Int32(part) + 1)
        }
    }

    /// Notes whether any rule of a series holds a level or has one pending; while none does, a calm value asks nothing of them.
    mutating func noteRules(_ point: Int32) {
        let first = Int(points[Int(point)].firstRule)
        let rules = metrics[Int(points[Int(point)].metric)].rules
        points[Int(point)].isRuleBusy = ruleStates[first..<first + rules.count].contains {
            $0.level != 0 || $0.pending != 0 || $0.pendingSince != .max
        }
    }

    /// When the pending level of a slot counts; `.max` when nothing is pending.
    func holdDue(_ slot: Int, rule: CompiledRule) -> Int64 {
        let state = ruleStates[slot]
        guard state.pendingSince != .max else { return .max }
        return state.pendingSince &+ (state.pending > state.level ? rule.raiseAfter : rule.clearAfter)
    }

    /// Takes the pending level if its hold ended by `now`.
    mutating func settleHold(_ point: Int32, part: Int32, upTo now: Int64, into findings: inout [Finding]) {
        let slot = Int(points[Int(point)].firstRule) + Int(part) - 1
        guard ruleStates[slot].pendingSince != .max else { return }
        let rule = compiled[metrics[Int(points[Int(point)].metric)].rules.lowerBound + Int(part) - 1]
        let due = holdDue(slot, rule: rule)
        guard due <= now else { return }
        let from = ruleStates[slot].level
        let to = ruleStates[slot].pending
        if from == 0 { ruleStates[slot].onset = ruleStates[slot].pendingSince }
        ruleStates[slot].level = to
        ruleStates[slot].pendingSince = .max
        findings.append(finding(point, slot: slot, rule: rule, from: from, to: to, at: due))
    }

    mutating func scheduleHold(_ point: Int32, part: Int32) {
        let slot = Int(points[Int(point)].firstRule) + Int(part) - 1
        let rule = compiled[metrics[Int(points[Int(point)].metric)].rules.lowerBound + Int(part) - 1]
        let due = holdDue(slot, rule: rule)
        guard due < ruleStates[slot].key else { return }
        ruleStates[slot].key = due
        deadlines.push(.init(time: due, point: point, part: part))
    }

    private func finding(_ point: Int32, slot: Int, rule compiled: CompiledRule, from: Int8, to: Int8, at: Int64) -> Finding {
        let rule = configuration.thresholds[Int(compiled.rule)]
        let state = ruleStates[slot]
        let step = rule.steps[Int(max(to, 1)) - 1]
        let unit = rule.unit.isEmpty ? "" : " " + rule.unit
        let side = rule.direction == .below ? "below" : "above"
        let value = DecimalText.text(state.value)
        let limit = DecimalText.text(step.limit)
        let text =
            to == 0
            ? "\(rule.label) \(value)\(unit) is back in range" : "\(rule.label) \(value)\(unit) is \(side) \(limit)\(unit)"
        return Finding(
            point: point, kind: .threshold, alarmType: rule.alarmType, severity: to == 0 ? .cleared : step.severity,
            state: to == 0 ? .cleared : from == 0 ? .raised : .changed, at: Timestamp(microseconds: at),
            onset: Timestamp(microseconds: state.onset), value: state.value, limit: step.limit, text: text, score: 1)
    }
}
