import Glibc
import TowerModel

/// The full detector of one chosen series and what was last said of it.
struct NoveltySlot: Sendable {
    var detector: NoveltyDetector
    /// Samples in a row whose score was below the threshold.
    var quiet: Int32 = 0
    var isRaised = false
    /// Event time at which the present strangeness was first told.
    var onset = Int64.min
}

extension DetectorBank {
    /// Memory of the full detectors at most, in bytes.
    public var noveltyBytes: Int { novelties.count * configuration.novelty.bytes }
    /// Series that have a full detector.
    public var noveltyCount: Int { novelties.count }

    /// Gives a series the full detector while there is room: it is judged by that instead of by its baseline.
    public mutating func choose(_ point: Int32) {
        guard points.indices.contains(Int(point)), points[Int(point)].novelty < 0,
            novelties.count < configuration.maximumNovelties, !metrics[Int(points[Int(point)].metric)].isCounter
        else { return }
        points[Int(point)].novelty = Int32(novelties.count)
        points[Int(point)].flags.remove(.watchesBaseline)
        novelties.append(NoveltySlot(detector: NoveltyDetector(configuration: configuration.novelty)))
    }

    /// The values of a series are judged together with those of its group, not by its own baseline.
    public mutating func leaveToGroup(_ point: Int32) {
        guard points.indices.contains(Int(point)) else { return }
        points[Int(point)].flags.remove(.watchesBaseline)
    }

    /// Each alert of the detector is told: the first raises, others inside the same strangeness change it. It is over when the
    /// longest stretch has left the odd samples behind.
    mutating func observeNovelty(_ point: Int32, slot: Int, now: Int64, value: Double, into findings: inout [Finding]) {
        let judgement = novelties[slot].detector.observe(value)
        if judgement.isAlert {
            let isFirst = !novelties[slot].isRaised
            if isFirst { novelties[slot].onset = now }
            novelties[slot].isRaised = true
            novelties[slot].quiet = 0
            findings.append(noveltyFinding(point, slot, judgement.score, isFirst ? .raised : .changed, now: now, value: value))
        } else if novelties[slot].isRaised {
            novelties[slot].quiet = judgement.score < configuration.novelty.threshold ? novelties[slot].quiet + 1 : 0
            guard Int(novelties[slot].quiet) >= configuration.novelty.lengths.last ?? 1 else { return }
            novelties[slot].isRaised = false
            findings.append(noveltyFinding(point, slot, judgement.score, .cleared, now: now, value: value))
        }
    }

    private func noveltyFinding(
        _ point: Int32, _ slot: Int, _ score: Float, _ state: Alarm.State, now: Int64, value: Double
    ) -> Finding {
        let name = metrics[Int(points[Int(point)].metric)].name
        let of = managedObjects[Int(point)].isEmpty ? "" : " of \(managedObjects[Int(point)])"
        let oneIn = DecimalText.text(Double(powf(10, min(score, 6)).rounded()))
        let text =
            state == .cleared
            ? "\(name)\(of) moves as it did before, at \(DecimalText.text(value))"
            : "\(name)\(of) at \(DecimalText.text(value)) moves as it did not before: one sample in \(oneIn) is as strange"
        return Finding(
            point: point, kind: .novelty, alarmType: name + ".novel", severity: state == .cleared ? .cleared : .warning, state: state,
            at: Timestamp(microseconds: now), onset: Timestamp(microseconds: novelties[slot].onset), value: value, text: text,
            score: 1 - Double(powf(10, -min(max(score, 0), 12))))
    }

    func encodeNovelties(into writer: inout StateWriter) {
        writer.write(count: novelties.count)
        for slot in novelties {
            writer.write(unsigned: UInt64(slot.quiet))
            writer.write(slot.isRaised)
            writer.write(instant: slot.onset, near: 0)
            slot.detector.encode(into: &writer)
        }
    }

    mutating func decodeNovelties(_ reader: inout StateReader) throws(StateError) {
        for _ in 0..<(try reader.count("novelties", each: 20)) {
            let quiet = Int32(truncatingIfNeeded: try reader.unsigned("novelty.quiet"))
            let isRaised = try reader.flag("novelty.is_raised")
            let onset = try reader.instant("novelty.onset", near: 0)
            guard quiet >= 0 else { throw reader.outOfRange("novelty.quiet") }
            let detector = try NoveltyDetector(decoding: &reader, configuration: configuration.novelty)
            novelties.append(NoveltySlot(detector: detector, quiet: quiet, isRaised: isRaised, onset: onset))
        }
        var owners = 0
        for point in points where point.novelty >= 0 {
            guard Int(point.novelty) < novelties.count else { throw reader.outOfRange("point.novelty") }
            owners += 1
        }
        guard owners == novelties.count else { throw reader.outOfRange("novelties") }
    }
}
