import TowerStreaming

/// Neighbouring records of a piece that came with one traced request.
struct TracedRecords: Sendable, Hashable {
    var records: Range<Int>
    var context: TraceContext

    /// What the headers of a block say. A site event of an untraced request has two headers, a derived event one or two, so
    /// that nothing is read of nearly all records.
    static func find(in block: LogBlock, _ kinds: [RecordKind]) -> [TracedRecords] {
        var found: [TracedRecords] = []
        for record in 0..<block.count {
            guard block.entries[record].headerCount > (kinds[record] == .siteEvent ? 2 : 1),
                let text = block.header("traceparent", record), case .sampled(let context)? = TraceContext.parse(text)
            else { continue }
            if let last = found.last, last.context == context, last.records.upperBound == record {
                found[found.count - 1].records = last.records.lowerBound..<record + 1
            } else {
                found.append(TracedRecords(records: record..<record + 1, context: context))
            }
        }
        return found
    }
}

extension TraceContext {
    /// Writes itself into the headers of derived records.
    func mark(_ records: inout ArraySlice<Record>) {
        guard !records.isEmpty else { return }
        let header = Record.Header(Self.header, traceparent)
        for index in records.indices { records[index].headers.append(header) }
    }
}
