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
            points[Int(point)].learnMovement(to: value, now: now)
            if state.flags.contains(.isFlat) {
                points[Int(point)].flags.remove(.isFlat)
                findings.append(flatFinding(point, at: now, onset: state.runStart, value: value, run: state.run, isCleared: true))
            }
            return
        }
        points[Int(point)].learnRepetition()
        let run = state.run &+ 1
        guard !state.flags.contains(.isFlat), value != 0, run >= 8, Int(state.samples) >= flat.minimumSamples,
            Double(state.repeatRatio) <= flat.maximumRepeatRatio, Double(state.reversalRatio) >= flat.minimumReversalRatio,
            now - state.runStart >= Int64(max(flat.shortest, 1.5 * Double(state.longestRun)) * 1_000_000),
            Double(state.samples) * Double(state.gapMedian) >= flat.history,
            Double(run) * log10(max(Double(state.repeatRatio), 0.05)) <= flat.chanceExponent
        else { return }
        points[Int(point)].flags.insert(.isFlat)
        findings.append(flatFinding(point, at: now, onset: state.runStart, value: value, run: run, isCleared: false))
    }

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
