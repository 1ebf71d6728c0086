import TowerModel
import TowerStreaming

extension EventSlice {
    /// Traces told of one slice at most; of the rest the spans are missing.
    static let maxTraces = 32
    private static let maxArrivals = 16

    /// Append times of about sixteen of the wanted records at equal distances, each for its part of the slice. Heartbeats and
    /// canaries do not count: nobody waits for what is decided of them.
    func arrivals() -> [SliceReport.Arrival] {
        let total = parts.reduce(0) { sum, part in
            guard !part.piece.kinds.isEmpty else { return sum + (kinds.contains(.siteEvent) ? part.records.count : 0) }
            return sum + part.records.reduce(0) { $0 + (isAwaited(part.piece.kinds[$1]) ? 1 : 0) }
        }
        guard total > 0 else { return [] }
        let step = (total + Self.maxArrivals - 1) / Self.maxArrivals
        var found: [SliceReport.Arrival] = []
        found.reserveCapacity(Self.maxArrivals)
        var number = 0
        for part in parts {
            if part.piece.kinds.isEmpty {
                guard kinds.contains(.siteEvent) else { continue }
                var index = (step - number % step) % step
                while index < part.records.count {
                    add(part, part.records.lowerBound + index)
                    index += step
                }
                number += part.records.count
            } else {
                for record in part.records where isAwaited(part.piece.kinds[record]) {
                    if number % step == 0 { add(part, record) }
                    number += 1
                }
            }
        }
        func add(_ part: Part, _ record: Int) {
            let rest = total - found.count * step
            found.append(.init(timestampMs: part.piece.positions[record].timestampMs, count: min(step, rest)))
        }
        return found
    }

    private func isAwaited(_ kind: RecordKind) -> Bool { kinds.contains(kind) && kind != .heartbeat && kind != .canary }

    /// Where the canaries stand, if the group wants them.
    func canaries() -> [StoredPosition] {
        guard kinds.contains(.canary) else { return [] }
        var found: [StoredPosition] = []
        for part in parts where !part.piece.kinds.isEmpty {
            for record in part.records where part.piece.kinds[record] == .canary { found.append(part.piece.positions[record]) }
        }
        return found
    }

    /// The different traces among the wanted records.
    func traces() -> [TraceContext] {
        var found: [TraceContext] = []
        for part in parts {
            for traced in part.piece.traces where traced.records.overlaps(part.records) {
                let common = traced.records.clamped(to: part.records)
                guard common.contains(where: { kinds.contains(part.piece.kind($0)) }), !found.contains(traced.context) else { continue }
                found.append(traced.context)
                if found.count == Self.maxTraces { return found }
            }
        }
        return found
    }
}

extension EventSlice.Run {
    /// Calls `body` with the run in pieces, each of one traced request or of none. Nearly always it is one piece of none.
    func forEachTraced(_ body: (EventSlice.Run, TraceContext?) throws -> Void) rethrows {
        guard !piece.traces.isEmpty else { return try body(self, nil) }
        var start = records.lowerBound
        func give(_ end: Int, _ trace: TraceContext?) throws {
            guard end > start else { return }
            try body(EventSlice.Run(piece: piece, kind: kind, records: start..<end, isReadable: isReadable), trace)
            start = end
        }
        for traced in piece.traces where traced.records.overlaps(records) {
            let common = traced.records.clamped(to: records)
            try give(common.lowerBound, nil)
            try give(common.upperBound, traced.context)
        }
        try give(records.upperBound, nil)
    }
}
