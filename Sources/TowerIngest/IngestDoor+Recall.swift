import Synchronization
import TowerModel
import TowerStreaming
import TowerWire

extension IngestDoor {
    /// Learns the newest event ids, so that a restart forgets none of them. Call before the first request.
    ///
    /// What the archive kept is believed where the log agrees: it ends inside the log, not further than a generation before its
    /// end, and the record that it names last is there with that id. Then only the log's end is read; else a generation.
    ///
    /// - Parameter isLogWhole: false when the log lost records that were acknowledged. Their ids must not be known, or whoever
    ///   sends them again would be told they are safe.
    @discardableResult
    public func recall(isLogWhole: Bool = true) async throws -> RecallReport {
        let end = await log.end()
        var report = RecallReport()
        guard end.parts.isEmpty else {
            report.readIDs = try await recallTails(end)
            return report
        }
        guard let archive else {
            for part in try await newestGeneration(before: end).parts { report.readIDs += learn(part) }
            return report
        }
        var reader = KeyReader(symbols: symbols, limits: limits.decode, secret: secret)
        var start: LogCursor?
        if let extent = archive.extent, end > .start {
            report.trouble = isLogWhole ? try await objection(to: extent, end: end, &reader) : "the log is damaged"
            if report.trouble == nil { start = recall(extent, from: archive, &report) }
            // What was cut off while reading may have left too little.
            if let found = start, end.sequence - found.sequence >= Int64(limits.duplicateIDs) { start = nil }
        }
        report.trouble = report.trouble ?? archive.trouble ?? (archive.extent == nil && end > .start ? "none were kept" : nil)
        if let start {
            open(KeyOutbox(end: start.sequence, extent: archive.extent, chunkKeys: limits.archivedIDs))
            try await read(from: start, to: end) { report.readIDs += self.learn($0) }
        } else {
            let (begin, parts) = try await newestGeneration(before: end)
            archive.restart(from: begin.sequence)
            report.keptIDs = 0
            open(KeyOutbox(end: begin.sequence, extent: nil, chunkKeys: limits.archivedIDs))
            for part in parts { report.readIDs += learn(part) }
            shared.withLock { shared in
                if let chunk = shared.outbox?.flush() { archive.append(chunk) }
            }
        }
        return report
    }

    /// Hands what is not with the archive yet over to it, and waits until it is on disk. For a clean end; call after the last
    /// request.
    public func close() async {
        guard let archive else { return }
        shared.withLock { shared in
            if let chunk = shared.outbox?.flush() { archive.append(chunk) }
            shared.outbox = nil
        }
        await archive.close()
    }

    /// Where a generation of records before the end begins, counted in records of the whole log.
    private func generationStart(_ end: LogCursor) -> LogCursor {
        LogCursor(sequence: max(0, end.sequence - Int64(limits.duplicateIDs)))
    }

    /// Why what was kept cannot be believed; `nil` when the log agrees with it.
    private func objection(to extent: KeyExtent, end: LogCursor, _ reader: inout KeyReader) async throws -> String? {
        if max(extent.through, extent.last + 1) > end.sequence {
            return "it reaches to \(max(extent.through, extent.last + 1)), beyond the log's end at \(end.sequence)"
        }
        if end.sequence - extent.through >= Int64(limits.duplicateIDs) {
            return "it ends \(end.sequence - extent.through) records before the log"
        }
        if extent.keys < limits.duplicateIDs, extent.from > generationStart(end).sequence {
            return "it holds \(extent.keys) ids, the window \(limits.duplicateIDs)"
        }
        let block = try await log.fetchBlock(
            matching: [.siteEvents], from: LogCursor(sequence: extent.last), maxRecords: 1, maxBytes: 1 << 20)
        guard block.count > 0, block.entries[0].sequence == extent.last, let key = reader.key(block, 0),
            extent.witness == WideKey(high: key.high, low: key.low)
        else { return "it names an id at \(extent.last) that the log does not have there" }
        return nil
    }

    /// Takes what was kept into the window and returns where to go on in the log; `nil` when nothing is left.
    private func recall(_ extent: KeyExtent, from archive: any KeyArchive, _ report: inout RecallReport) -> LogCursor? {
        shared.withLock { shared in
            shared.window.reserveCapacity(extent.keys)
            let left = archive.read(newest: limits.duplicateIDs) { words in
                report.keptIDs += words.count / 2
                shared.window.remember(words)
            }
            return left.map { LogCursor(sequence: $0.through) }
        }
    }

    /// The ids of a piece of the log.
    private struct Part {
        var keys: [EventKey]
        /// The last event; asked for only where there is an archive.
        var last: (sequence: Int64, key: EventKey)?
        var next: LogCursor
    }

    private func open(_ outbox: KeyOutbox) { shared.withLock { $0.outbox = outbox } }

    /// Reads back until a generation of events is there, and not only of records: alerts and KPIs lie between them. Looks at four
    /// times as many records at most.
    ///
    /// - Returns: where that begins, and the ids from there on, oldest first.
    private func newestGeneration(before end: LogCursor) async throws -> (begin: LogCursor, parts: [Part]) {
        var parts: [Part] = []
        var found = 0
        var begin = end
        let floor = LogCursor(sequence: max(0, end.sequence - 4 * Int64(limits.duplicateIDs)))
        while found < limits.duplicateIDs, begin > floor {
            // What lies between the events is spread about evenly, so twice what is missing mostly ends it.
            let missing = Int64(limits.duplicateIDs - found)
            let records = begin == end ? missing : max(2 * missing, 1000)
            let from = LogCursor(sequence: max(floor.sequence, begin.sequence - records))
            var earlier: [Part] = []
            try await read(from: from, to: begin) { earlier.append($0) }
            found += earlier.reduce(0) { $0 + $1.keys.count }
            parts = earlier + parts
            begin = from
        }
        return (begin, parts)
    }

    /// Learns the ids of a piece of the log, and hands them to the archive as well. Returns how many.
    private func learn(_ part: Part) -> Int {
        shared.withLock { shared in
            shared.window.remember(part.keys)
            if let chunk = shared.outbox?.learn(part.keys, last: part.last, next: part.next.sequence) { archive?.append(chunk) }
        }
        return part.keys.count
    }

    private func read(from start: LogCursor, to end: LogCursor, _ body: (Part) -> Void) async throws {
        var cursor = start
        var reader = KeyReader(symbols: symbols, limits: limits.decode, secret: secret)
        while cursor < end {
            let records = Int(min(50_000, end.sequence - cursor.sequence))
            var block = try await log.fetchBlock(matching: [.siteEvents], from: cursor, maxRecords: records, maxBytes: 16 << 20)
            guard block.next > cursor else { break }
            cursor = block.next
            // Records of other topics are skipped, so a read may reach beyond `end`.
            while let beyond = block.entries.last, beyond.sequence >= end.sequence { block.entries.removeLast() }
            body(Part(keys: reader.keys(block), last: archive == nil ? nil : reader.last(block), next: min(cursor, end)))
        }
    }
}
