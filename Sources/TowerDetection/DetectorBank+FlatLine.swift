import Glibc
import TowerModel

extension DetectorBank {
    /// Counts exact repetitions where noise has been shown, and learns how much noise there is.
    ///
    /// Zero is never stuck: it is what equipment reports while it is off.
    mutating func observeRepetition(_ point: Int32, now: Int64, value: Double, into findings: inout [Finding]) {
        let flat = configuration.flatLine
        let state = points[Int(point)]
        guard state.last != .min else {
            points[Int(point)].runStart = now
            return
        }
        guard value == state.lastValue else {
            Self.learnMovement(&points[Int(point)], from: state.lastValue, to: value)
            // A lamp by day, a machine at rest: what ended by itself is known, up to most of a day.
            let lasted = Float(Double(state.last - state.runStart) / 1_000_000)
            if lasted > state.longestRun { points[Int(point)].longestRun = min(lasted, Self.longestKnownRun) }
            points[Int(point)].run = 0
            points[Int(point)].runStart = now
            if state.flags.contains(.isFlat) {
                points[Int(point)].flags.remove(.isFlat)
                findings.append(flatFinding(point, at: now, onset: state.runStart, value: value, run: state.run, isCleared: true))
            }
            return
        }
        if state.run < .max { points[Int(point)].run += 1 }
        let run = state.run &+ 1
        // A long run would teach that repeating is normal just when it is not.
        if run <= 8 { points[Int(point)].repeatRatio += Self.gain(state.samples) * (1 - state.repeatRatio) }
        guard !state.flags.contains(.isFlat), value != 0, run >= 8, Int(state.samples) >= flat.minimumSamples,
            Double(state.repeatRatio) <= flat.maximumRepeatRatio, Double(state.reversalRatio) >= flat.minimumReversalRatio,
            now - state.runStart >= Int64(max(flat.shortest, 1.5 * Double(state.longestRun)) * 1_000_000),
            Double(state.samples) * Double(state.gapMedian) >= flat.history,
            Double(run) * log10(max(Double(state.repeatRatio), 0.05)) <= flat.chanceExponent
        else { return }
        points[Int(point)].flags.insert(.isFlat)
        findings.append(flatFinding(point, at: now, onset: state.runStart, value: value, run: run, isCleared: false))
    }

    /// Share of samples that repeat, and share of moves that turn back.
    private static func learnMovement(_ state: inout PointState, from: Double, to: Double) {
        let gain = Self.gain(state.samples)
        state.repeatRatio -= gain * state.repeatRatio
        let direction: Int8 = to > from ? 1 : -1
        if state.lastDirection != 0 {
            state.reversalRatio += gain * ((direction != state.lastDirection ? 1 : 0) - state.reversalRatio)
        }
        state.lastDirection = direction
    }

    private static let longestKnownRun: Float = 14 * 3600

    private static func gain(_ samples: UInt32) -> Float { max(1 / Float(samples + 1), 0.002) }

    private func flatFinding(_ point: Int32, at: Int64, onset: Int64, value: Double, run: UInt32, isCleared: Bool) -> Finding {
        let state = points[Int(point)]
        let name = metrics[Int(state.metric)].name
        let of = managedObjects[Int(point)].isEmpty ? "" : " of \(managedObjects[Int(point)])"
        let span = DecimalText.span(Double(at - onset) / 1_000_000)
        let text =
            isCleared
            ? "\(name)\(of) moves again after \(span)"
            : "\(name)\(of) is exactly \(DecimalText.text(value)) for \(span), where it is usually noisy"
        let chance = pow(Double(max(state.repeatRatio, 0.05)), Double(run))
        return Finding(
            point: point, kind: .flatLine, alarmType: name + ".flat_line", severity: isCleared ? .cleared : .warning,
            state: isCleared ? .cleared : .raised, at: Timestamp(microseconds: at), onset: Timestamp(microseconds: onset),
            value: value, text: text, score: isCleared ? 1 : 1 - chance)
    }
}
