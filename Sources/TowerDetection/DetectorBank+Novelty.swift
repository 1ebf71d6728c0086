import Glibc
import TowerModel

/// The full detector of one chosen series and what was last said of it.
struct NoveltySlot: Sendable {
    var detector: NoveltyDetector
    var budget = AlertBudget()
}

extension DetectorBank {
    /// Series that have a full detector, and those that have the cheap one.
    public var noveltyCount: Int { novelties.count }
    public var gridCount: Int { grids.states.count }
    /// Full detectors that were asked for beyond the bound; those series have the cheap one.
    public var refusedNoveltyCount: Int { refusedNovelties }

    /// Gives a series the full detector while there is room: it is judged by that instead of by its baseline.
    public mutating func choose(_ point: Int32) {
        guard points.indices.contains(Int(point)), points[Int(point)].novelty < 0, !metrics[Int(points[Int(point)].metric)].isCounter
        else { return }
        guard novelties.count < configuration.novelty.maximumSeries else {
            refusedNovelties += 1
            return
        }
        points[Int(point)].novelty = Int32(novelties.count)
        points[Int(point)].flags.subtract([.watchesBaseline, .watchesGrid])
        novelties.append(NoveltySlot(detector: NoveltyDetector(configuration: configuration.novelty)))
    }

    /// Nothing is known of what a series measures: its novelty is all that speaks for it.
    public mutating func expectAnything(_ point: Int32) {
        guard points.indices.contains(Int(point)) else { return }
        points[Int(point)].flags.insert(.isGeneric)
    }

    /// The values of a series are judged together with those of its group, not each by its own past.
    public mutating func leaveToGroup(_ point: Int32) {
        guard points.indices.contains(Int(point)) else { return }
        points[Int(point)].flags.subtract([.watchesBaseline, .watchesGrid])
    }

    /// Each alert is told: the first raises, others inside the same strangeness change it.
    mutating func observeNovelty(_ point: Int32, slot: Int, now: Int64, value: Double, into findings: inout [Finding]) {
        let score = novelties[slot].detector.observe(value)
        guard
            let change = novelties[slot].budget.take(
                score, samples: novelties[slot].detector.samples, now: now, configuration.novelty.budget)
        else { return }
        findings.append(noveltyFinding(point, score, change, onset: novelties[slot].budget.onset, now: now, value: value))
    }

    /// The cheap detector. It does not add its word to an alarm that the baseline holds already.
    mutating func observeGrid(_ point: Int32, now: Int64, value: Double, isDisturbed: Bool, into findings: inout [Finding]) {
        let known = points[Int(point)].grid
        if known < 0 {
            let first = points[Int(point)].samples == 0 ? value : points[Int(point)].lastValue
            guard value != first, (value - first).isFinite else { return }
            points[Int(point)].grid = grids.add(first: first, samples: points[Int(point)].samples, value: value)
        }
        let slot = Int(points[Int(point)].grid)
        let score = grids.observe(slot, value, rankFrom: configuration.novelty.rankFrom)
        guard score > 0 || grids.states[slot].budget.isRaised || grids.states[slot].budget.tiredness > 0 else { return }
        guard
            let change = grids.states[slot].budget.take(
                score, samples: Int(grids.states[slot].samples), now: now,
                isHeard: !isDisturbed && !points[Int(point)].baseline.flags.contains(.isAnomalous),
                configuration.novelty.gridBudget(isGeneric: points[Int(point)].flags.contains(.isGeneric)))
        else { return }
        findings.append(noveltyFinding(point, score, change, onset: grids.states[slot].budget.onset, now: now, value: value))
    }

    private func noveltyFinding(
        _ point: Int32, _ score: Float, _ change: AlertBudget.Change, onset: Int64, now: Int64, value: Double
    ) -> Finding {
        let name = metrics[Int(points[Int(point)].metric)].name
        let of = managedObjects[Int(point)].isEmpty ? "" : " of \(managedObjects[Int(point)])"
        let oneIn = DecimalText.text(Double(powf(10, min(score, 6)).rounded()))
        let state: Alarm.State =
            switch change {
            case .raised: .raised
            case .changed: .changed
            case .cleared: .cleared
            }
        let text =
            state == .cleared
            ? "\(name)\(of) moves as it did before, at \(DecimalText.text(value))"
            : "\(name)\(of) at \(DecimalText.text(value)) moves as it did not before: one sample in \(oneIn) is as strange"
        return Finding(
            point: point, kind: .novelty, alarmType: name + ".novel", severity: state == .cleared ? .cleared : .warning, state: state,
            at: Timestamp(microseconds: now), onset: Timestamp(microseconds: onset), value: value, text: text,
            score: 1 - Double(powf(10, -min(max(score, 0), 12))))
    }

    func encodeNovelties(into writer: inout StateWriter) {
        writer.write(refusedNovelties)
        writer.write(count: novelties.count)
        for slot in novelties {
            slot.detector.encode(into: &writer)
            slot.budget.encode(into: &writer)
        }
        grids.encode(into: &writer)
    }

    mutating func decodeNovelties(_ reader: inout StateReader) throws(StateError) {
        refusedNovelties = try reader.int("novelties.refused")
        for _ in 0..<(try reader.count("novelties", each: 20)) {
            let detector = try NoveltyDetector(decoding: &reader, configuration: configuration.novelty)
            novelties.append(NoveltySlot(detector: detector, budget: try AlertBudget(decoding: &reader, samples: detector.samples)))
        }
        grids = try GridTables(decoding: &reader)
        for point in points {
            guard Int(point.novelty) < novelties.count, Int(point.grid) < grids.states.count else {
                throw reader.outOfRange("point.novelty")
            }
        }
    }
}
