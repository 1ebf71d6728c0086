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
        guard let archive else {
            report.readIDs = try await read(from: generationStart(end), to: end)
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
        if start == nil {
            archive.restart(from: generationStart(end).sequence)
            report.keptIDs = 0
        }
        shared.withLock { shared in
            shared.outbox = KeyOutbox(
                end: (start ?? generationStart(end)).sequence, extent: start == nil ? nil : archive.extent,
                chunkKeys: limits.archivedIDs)
        }
        report.readIDs = try await read(from: start ?? generationStart(end), to: end)
        if start == nil {
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

    /// Learns the ids of a part of the log, and hands them to the archive as well.
    private func read(from start: LogCursor, to end: LogCursor) async throws -> Int {
        var cursor = start
        var reader = KeyReader(symbols: symbols, limits: limits.decode, secret: secret)
        var learned = 0
        while cursor < end {
            let block = try await log.fetchBlock(
                matching: [.siteEvents], from: cursor, maxRecords: 50_000, maxBytes: 16 << 20)
            guard block.next > cursor else { break }
            cursor = block.next
            let keys = reader.keys(block)
            let last = archive == nil ? nil : reader.last(block)
            shared.withLock { shared in
                shared.window.remember(keys)
                if let chunk = shared.outbox?.learn(keys, last: last, next: min(cursor, end).sequence) { archive?.append(chunk) }
            }
            learned += keys.count
        }
        return learned
    }
}
