/// Tells a torn tail (never acknowledged, to be dropped) from damage (acknowledged once, to be kept and reported).
///
/// The rule rests on one number: every frame says below which sequence everything was synced when it was formed. `durable`
/// is the greatest of these. Below it a hole is damage. From it on lies one round of the writer at most, of which a power
/// cut may have kept any part; that round counts only up to its first hole.
struct TailDecision {
    struct Piece {
        var series: Int
        /// Place in the order of the series' sections and bad ranges.
        var order: Int
        var start: Int64
        var end: Int64
        /// Whether its frame's header is lost, and with it where the log ended before.
        var isOrphan = false
    }
    struct BadPiece {
        var series: Int
        var order: Int
        var bad: SegmentScanner.Bad
        /// Set for bytes behind all frames of a segment that is not the last: no sequence is missing from where that segment's
        /// records end up to here. A footer whose writing was cut off looks like this.
        var segmentEnd: Int64?
    }
    enum Verdict {
        case damage, torn, debris
    }
    struct Unit {
        var start: Int64
        var end: Int64
    }

    /// Records from this sequence on are dropped; `nil` when none are.
    private(set) var cut: Int64?
    /// Of the bad range at the same index.
    private(set) var verdicts: [Verdict]
    /// Behind the last record of whatever was seen.
    private(set) var seenEnd: Int64

    /// - Parameters:
    ///   - lowest: from here on every sequence must be among the pieces and the skipped.
    ///   - skipped: what the frames say that an earlier recovery, or a compaction, left out.
    init(durable: Int64, lowest: Int64, pieces: [Piece], skipped: [Range<Int64>], bad: [BadPiece], units: [Unit]) {
        let known = bad.compactMap { piece -> Piece? in
            guard let start = piece.bad.sequence, let end = piece.bad.endSequence else { return nil }
            return Piece(series: piece.series, order: piece.order, start: start, end: end)
        }
        // Behind a recovery that skipped sequences a round may lose the frame that tells of it while another stays. What was
        // skipped is then missing, up to `durable`, which is where that round begins.
        let mayHaveLostSkip = bad.allSatisfy { $0.bad.sequence != nil || $0.bad.beginsEmpty }
        let skips = skipped.sorted { $0.upperBound < $1.upperBound }
        var skip = 0
        var next = lowest
        /// Goes over what was left out behind `next`, where nothing else lies before `end`.
        func pass(before end: Int64) {
            while skip < skips.count, skips[skip].upperBound <= end {
                if skips[skip].lowerBound <= next { next = max(next, skips[skip].upperBound) }
                skip += 1
            }
        }
        var gaps: [Range<Int64>] = []
        var holes: [Int64] = []
        for piece in (pieces + known).sorted(by: { ($0.start, $0.end) < ($1.start, $1.end) }) where piece.end > lowest {
            pass(before: piece.start)
            if piece.start > next {
                gaps.append(next..<piece.start)
                let isInRound = piece.start > durable ? mayHaveLostSkip : piece.start == durable && piece.isOrphan
                if !isInRound { holes.append(next) }
            }
            next = max(next, piece.end)
        }
        pass(before: .max)
        seenEnd = next
        let hasHoleBelow = next < durable || holes.contains { $0 < durable }
        var lastDurableOrder = [Int](repeating: -1, count: 8)
        var lastOrder = lastDurableOrder
        for piece in pieces {
            lastOrder[piece.series] = max(lastOrder[piece.series], piece.order)
            if piece.start < durable { lastDurableOrder[piece.series] = max(lastDurableOrder[piece.series], piece.order) }
        }
        let isInTail = bad.map { piece in
            if let sequence = piece.bad.sequence { if sequence < durable { return false } } else if hasHoleBelow { return false }
            return piece.order > lastDurableOrder[piece.series]
        }
        // In the last round one torn write explains all that is wrong; without one it is damage behind which the rest is kept.
        let isRoundTorn = zip(bad, isInTail).contains { piece, isInTail in
            isInTail && (piece.bad.hasEmptySector || piece.order > lastOrder[piece.series])
        }
        verdicts = zip(bad, isInTail).map { piece, isInTail in
            if isInTail && isRoundTorn { return .torn }
            // No sequence is missing, so no record was there.
            let isDebris = !hasHoleBelow && piece.bad.sequence == nil && piece.segmentEnd.map { $0 >= lowest } ?? false
            return isDebris ? .debris : .damage
        }
        guard isRoundTorn || !isInTail.contains(true) else { return }
        // A gap may begin below: with sequences that recovery skipped, whose jump was in a frame that is lost. What recovery
        // skips lies below the next frame's `durable`, so from there on sequences are missing.
        for gap in gaps where gap.upperBound > durable { cut = min(cut ?? .max, max(gap.lowerBound, durable)) }
        for (index, piece) in bad.enumerated() where verdicts[index] == .torn {
            if let sequence = piece.bad.sequence {
                cut = min(cut ?? .max, sequence)
            } else if piece.segmentEnd == nil,
                let next = pieces.first(where: { $0.series == piece.series && $0.order > piece.order }), next.start >= durable
            {
                // What was torn does not say which records it held, as where a segment's first sector is lost: no hole shows it.
                cut = min(cut ?? .max, next.start)
            }
        }
        for unit in units where unit.start >= durable && unit.end > next { cut = min(cut ?? .max, unit.start) }
        if let place = cut {
            for unit in units where unit.start < place && unit.end > place && unit.start >= durable {
                cut = min(cut ?? .max, unit.start)
            }
        }
    }
}
