import Glibc
import TowerModel

extension DetectorBank {
    /// Samples from which the scale is first taken.
    static let scaleSamples: UInt32 = 16
    static let halfHour: Int64 = 1_800_000_000

    /// Scores a sample against what this hour usually shows.
    ///
    /// What it teaches is gathered for half an hour and taken in with `learnHalfHour`; that is also when the next half hour is
    /// laid out, so that a sample that fits touches no table.
    mutating func observeBaseline(_ point: Int32, now: Int64, value: Double, into findings: inout [Finding]) {
        let index = Int(point)
        if now >= points[index].baseline.segmentEnd {
            guard beginHalfHour(point, now: now, value: value, into: &findings) else { return }
        }
        guard let residual = points[index].baseline.take(value, now: now) else { return }
        weigh(point, now: now, value: value, residual: residual, into: &findings)
    }

    /// The site is disturbed by something that is known: what its series show now neither speaks nor teaches.
    mutating func skipBaseline(_ point: Int32) {
        let index = Int(point)
        guard points[index].baseline.evidence > 0, !points[index].baseline.flags.contains(.isAnomalous) else { return }
        endExcursion(index)
    }

    // MARK: Evidence

    mutating func weigh(_ point: Int32, now: Int64, value: Double, residual: Float, into findings: inout [Finding]) {
        let index = Int(point)
        let limits = configuration.baseline
        // An hour that was never heard says nothing.
        guard points[index].baseline.flags.isSuperset(of: [.isMature, .hasSeason]) else { return }
        let minutes = Float(min(max(now &- points[index].last, 0), 900_000_000)) / 60_000_000
        let excess = abs(residual) * points[index].baseline.inverse - BaselineState.boundary
        if excess >= 0 {
            if points[index].baseline.evidence <= 0 { beginExcursion(index, now: now) }
            points[index].baseline.follow(residual)
            points[index].baseline.evidence += minutes * min(excess, 3) + 1e-6
        } else {
            points[index].baseline.evidence -= 2 * minutes
        }
        if points[index].baseline.flags.contains(.isAnomalous) {
            settle(point, now: now, value: value, into: &findings)
            return
        }
        guard points[index].baseline.evidence > 0 else {
            endExcursion(index)
            return
        }
        points[index].baseline.peak = max(points[index].baseline.peak, points[index].baseline.evidence)
        let state = points[index].baseline
        let factor = points[index].repeatRatio > 0.5 ? Float(limits.repeaterFactor) : 1
        guard excess >= 0, state.evidence >= Float(limits.limit) * factor, Int(state.excursion) >= limits.minimumSamples else { return }
        points[index].baseline.decay(now: now, memory: limits.memory)
        let needed = max(
            Float(limits.limit) * factor * points[index].baseline.fatigue, Float(limits.recordFactor) * points[index].baseline.record)
        guard state.evidence >= needed, !isCommon(Int(points[index].metric)) else { return }
        points[index].baseline.raise(limits)
        findings.append(shapeFinding(point, at: now, value: value, end: nil))
    }

    private mutating func beginExcursion(_ index: Int, now: Int64) {
        points[index].baseline.beginExcursion(now: now)
        metrics[Int(points[index].metric)].strays += 1
    }

    private mutating func endExcursion(_ index: Int) {
        points[index].baseline.record = max(points[index].baseline.record, points[index].baseline.peak)
        points[index].baseline.evidence = 0
        metrics[Int(points[index].metric)].strays -= 1
    }

    /// Ends an anomaly that is over, or takes its level as the new normal.
    private mutating func settle(_ point: Int32, now: Int64, value: Double, into findings: inout [Finding]) {
        let index = Int(point)
        let limits = configuration.baseline
        points[index].baseline.evidence = min(points[index].baseline.evidence, Float(limits.limit))
        let spent = Double(now &- points[index].baseline.onset) / 1_000_000
        let isAccepted = spent >= limits.acceptShiftAfter
        guard points[index].baseline.evidence <= 0 || isAccepted else { return }
        if points[index].baseline.evidence > 0 {
            findings.append(shapeFinding(point, at: now, value: value, end: "stays there and is taken as its new normal"))
            points[index].baseline.accept()
            points[index].baseline.peak = 0
        } else {
            findings.append(shapeFinding(point, at: now, value: value, end: "is as expected again"))
            // What ended by itself is known now, up to five hours of a faint kind.
            points[index].baseline.peak = min(Float(spent / 60), 300)
        }
        points[index].baseline.flags.subtract([.isAnomalous, .isStep, .isShift])
        endExcursion(index)
        points[index].baseline.segmentEnd = now &+ 1
    }

    // MARK: Telling

    private func shapeFinding(_ point: Int32, at: Int64, value: Double, end: String?) -> Finding {
        let state = points[Int(point)].baseline
        let kind: Finding.Kind = state.flags.contains(.isStep) ? .step : state.flags.contains(.isShift) ? .levelShift : .baseline
        let usual = state.anchor + Double(state.expected(at: at))
        let what =
            switch kind {
            case .step: "stepped to \(DecimalText.text(value)) where \(DecimalText.text(usual)) is usual at this hour"
            case .levelShift: "moved to \(DecimalText.text(value)) where \(DecimalText.text(usual)) is usual at this hour"
            default: "is \(DecimalText.text(value)) where \(DecimalText.text(usual)) is usual at this hour"
            }
        return seriesFinding(
            point, kind: kind, at: at, onset: state.onset, value: value, expected: usual,
            what: end.map { "\($0) at \(DecimalText.text(value))" } ?? what, isCleared: end != nil,
            // One sixtieth of the limit's evidence is a minute: as an order of magnitude, a chance halves with each five.
            score: 1 - Double(exp2f(-min(max(state.evidence, 0), 200) / 5)))
    }

    func seriesFinding(
        _ point: Int32, kind: Finding.Kind, at: Int64, onset: Int64, value: Double, expected: Double?, what: String, isCleared: Bool,
        score: Double
    ) -> Finding {
        let name = metrics[Int(points[Int(point)].metric)].name
        let of = managedObjects[Int(point)].isEmpty ? "" : " of \(managedObjects[Int(point)])"
        let suffix =
            switch kind {
            case .baseline: ".anomalous"
            case .peers: ".unlike_peers"
            default: "." + kind.rawValue
            }
        return Finding(
            point: point, kind: kind, alarmType: name + suffix, severity: isCleared ? .cleared : .warning,
            state: isCleared ? .cleared : .raised, at: Timestamp(microseconds: at), onset: Timestamp(microseconds: onset), value: value,
            limit: expected, text: "\(name)\(of) \(what)", score: score)
    }
}

extension BaselineState {
    mutating func beginExcursion(now: Int64) {
        onset = now
        peak = 0
        shift = 0
        opening = 0
        excursion = 0
        side = 0
    }

    /// Keeps the shape of the excursion: where it began, where it stands, whether it keeps to one side.
    mutating func follow(_ residual: Float) {
        let sign: Int8 = residual > 0 ? 1 : -1
        if excursion == 0 { side = sign } else if side != sign { side = 0 }
        if excursion < .max { excursion += 1 }
        if excursion <= 2 { opening += (residual - opening) / Float(excursion) }
        shift += max(1 / Float(excursion), 0.1) * (residual - shift)
    }

    mutating func raise(_ limits: DetectionConfiguration.Baseline) {
        flags.insert(.isAnomalous)
        fatigue = min(fatigue * Float(limits.fatigue), 16)
        guard side != 0 else { return }
        // Two thirds of the way in the first two samples is at once.
        flags.insert(abs(opening) >= 0.67 * abs(shift) ? .isStep : .isShift)
    }

    /// The level it went to is the new normal, for every hour alike.
    mutating func accept() {
        level += shift
        slowLevel += shift
        midnight += shift
        recent += shift
    }

    /// Fatigue returns to 1 and the record to 0.
    mutating func decay(now: Int64, memory: Double) {
        if decayedAt != .min {
            let kept = Float(exp(-max(Double(now &- decayedAt) / 1_000_000, 0) / memory))
            fatigue = 1 + (fatigue - 1) * kept
            record *= kept
        }
        decayedAt = now
    }

    /// Where it is expected at an instant, relative to the anchor.
    func expected(at: Int64) -> Float { flags.contains(.hasSeason) ? line + slope * Float(at &- segmentStart) : recent }
}
