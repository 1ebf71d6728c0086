import TowerModel

extension DetectorBank {
    /// Learns the gap before this sample, postpones the silence deadline, ends a silence.
    mutating func observeArrival(_ point: Int32, now: Int64, value: Double, into findings: inout [Finding]) {
        let last = points[Int(point)].last
        guard last != .min, now > last else { return }
        points[Int(point)].learnGap(seconds: Float(Double(now - last) / 1_000_000))
        guard configuration.missing.isEnabled, Int(points[Int(point)].gaps) >= configuration.missing.minimumGaps else { return }
        points[Int(point)].missingDue = now &+ points[Int(point)].silenceAllowed(metrics[Int(points[Int(point)].metric)].limits)
        if points[Int(point)].flags.contains(.isMissing) {
            // A late burst that ends before the present is no return: the newest sample is still too old.
            guard points[Int(point)].missingDue > advancedTo else {
                points[Int(point)].missingDue = .max
                return
            }
            points[Int(point)].flags.remove(.isMissing)
            let since = points[Int(point)].missingSince
            let due = points[Int(point)].missingRaisedAt
            findings.append(missingFinding(point, at: max(now, due), onset: since, value: value, isCleared: true))
        }
        scheduleMissing(point)
    }

    mutating func scheduleMissing(_ point: Int32) {
        let due = points[Int(point)].missingDue
        guard due < points[Int(point)].missingKey else { return }
        points[Int(point)].missingKey = due
        deadlines.push(.init(time: due, point: point, part: 0))
    }

    mutating func raiseMissing(_ point: Int32, into findings: inout [Finding]) {
        let state = points[Int(point)]
        points[Int(point)].flags.insert(.isMissing)
        points[Int(point)].missingSince = state.last
        points[Int(point)].missingRaisedAt = state.missingDue
        points[Int(point)].missingDue = .max
        findings.append(
            missingFinding(point, at: state.missingDue, onset: state.last, value: state.lastValue, isCleared: false))
    }

    private func missingFinding(_ point: Int32, at: Int64, onset: Int64, value: Double, isCleared: Bool) -> Finding {
        let name = metrics[Int(points[Int(point)].metric)].name
        let of = managedObjects[Int(point)].isEmpty ? "" : " of \(managedObjects[Int(point)])"
        let silence = DecimalText.span(Double(at - onset) / 1_000_000)
        let usual = DecimalText.span(Double(points[Int(point)].gapMedian))
        let text =
            isCleared
            ? "\(name)\(of) arrives again after \(silence)" : "No \(name)\(of) for \(silence); it usually comes every \(usual)"
        return Finding(
            point: point, kind: .missing, alarmType: name + ".missing", severity: isCleared ? .cleared : .warning,
            state: isCleared ? .cleared : .raised, at: Timestamp(microseconds: at), onset: Timestamp(microseconds: onset),
            value: value, text: text, score: 1)
    }
}
