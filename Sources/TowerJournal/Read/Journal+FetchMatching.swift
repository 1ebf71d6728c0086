import Synchronization
public import TowerStreaming

/// What a pattern reader needs to know before it looks at indexes.
private struct MatchingPlan {
    var matches: PatternMatches
    var deletedBelow: [UInt32: Int64]
    /// One per class that has something to look at.
    var views: [SegmentView]
    var end: Int64

    func isWanted(_ entry: SectionEntry) -> Bool {
        guard entry.count > 0, matches.contains(entry.topic) else { return false }
        guard let floor = deletedBelow[entry.topic] else { return true }
        return entry.baseOffset >= floor
    }
}

/// A section that a pattern reader wants, and which of the views it is in.
struct PickedSection: BitwiseCopyable {
    var entry: SectionEntry
    var view: Int32
}

/// Wanted sections in arrival order.
struct PickedSections {
    var views: [SegmentView]
    var sections: [PickedSection]
    /// Every record up to here was looked at.
    var covered: Int64
    /// The log's end at that moment.
    var end: Int64
}

/// Sections of one segment that a pattern reader wants, and how far it looked.
private struct Run: Sendable {
    var entries: [SectionEntry] = []
    /// Every record of the class up to here was looked at (downwards: from here on).
    var covered: Int64
    var scanned = 0
}

extension Journal {
    public func fetch(matching patterns: [TopicPattern], from cursor: LogCursor, maxRecords: Int, maxBytes: Int) async throws
        -> LogSlice
    {
        try checkOpen()
        var at = max(cursor.sequence, 0)
        var records: [StoredRecord] = []
        var bytesLeft = maxBytes
        guard maxRecords > 0 else { return LogSlice(records: [], next: LogCursor(sequence: at)) }
        while true {
            let (located, covered, end) = try sections(
                patterns, from: at, maxSections: min(maxRecords - records.count, 65_536), maxBytes: max(bytesLeft, 0))
            let from = at
            var stop: Int64?
            let names = catalog.state.withLock { $0.names(located) }
            try SectionReader(catalog: catalog, buffers: readBuffers).read(located) { section, header, bytes in
                header.forEachRecord(bytes) { index, layout in
                    let sequence = header.sequence + Int64(index)
                    guard sequence >= from else { return true }
                    if records.count >= maxRecords || !records.isEmpty && layout.value.count > bytesLeft {
                        stop = sequence
                        return false
                    }
                    bytesLeft -= layout.value.count
                    if let record = StoredRecord(bytes, layout, header: header, index: index, topic: names[section]) {
                        records.append(record)
                    }
                    return true
                }
                return stop == nil
            }
            if let stop { return LogSlice(records: records, next: LogCursor(sequence: stop)) }
            at = max(covered, at)
            let isFull = records.count >= maxRecords || !records.isEmpty && bytesLeft <= 0
            if isFull || at >= end { return LogSlice(records: records, next: LogCursor(sequence: at)) }
        }
    }

    /// Matching sections from `sequence` on in arrival order, how far that looked, and the log's end at that moment.
    private func sections(_ patterns: [TopicPattern], from sequence: Int64, maxSections: Int, maxBytes: Int) throws
        -> (sections: [Located], covered: Int64, end: Int64)
    {
        let picked = try pick(patterns, from: sequence, maxSections: maxSections, maxBytes: maxBytes)
        let located = picked.sections.map { picked.views[Int($0.view)].located($0.entry) }
        return (located, picked.covered, picked.end)
    }

    /// Matching sections from `sequence` on: at most `maxSections`, and of at most about `maxBytes`, but one if there is any.
    func pick(_ patterns: [TopicPattern], from sequence: Int64, maxSections: Int, maxBytes: Int) throws -> PickedSections {
        let plan = catalog.state.withLock { state -> MatchingPlan in
            let matches = state.matches(patterns)
            let views = matches.classes.sorted { $0.series < $1.series }.compactMap { state.view($0.series, at: sequence) }
            return MatchingPlan(matches: matches, deletedBelow: state.deletedBelow, views: views, end: state.end)
        }
        var picked = PickedSections(views: plan.views, sections: [], covered: plan.end, end: plan.end)
        picked.sections.reserveCapacity(min(maxSections, maxBytes / 256 + 1))
        for (number, view) in plan.views.enumerated() {
            let entries = try index(view.file)
            let before = picked.sections.count
            var covered = min(view.nextBase, plan.end)
            var bytes = 0
            for index in entries.firstIndex(endingAfter: sequence - view.baseSequence)..<entries.count {
                let entry = entries[index]
                let start = view.baseSequence + Int64(entry.sequence)
                if start >= plan.end { break }
                guard plan.isWanted(entry) else { continue }
                let count = picked.sections.count - before
                if count >= maxSections || count > 0 && bytes > maxBytes {
                    covered = start
                    break
                }
                bytes += Int(entry.length)
                picked.sections.append(PickedSection(entry: entry, view: Int32(number)))
            }
            picked.covered = min(picked.covered, covered)
        }
        if picked.views.count > 1 {
            let views = picked.views
            func start(_ section: PickedSection) -> Int64 {
                views[Int(section.view)].baseSequence + Int64(section.entry.sequence)
            }
            let covered = picked.covered
            picked.sections.removeAll { start($0) >= covered }
            picked.sections.sort { start($0) < start($1) }
        }
        return picked
    }

    public func fetchBackward(matching patterns: [TopicPattern], before cursor: LogCursor, maxRecords: Int, maxScanned: Int)
        async throws -> LogSlice
    {
        try checkOpen()
        var at = min(max(cursor.sequence, 0), signal.end)
        var records: [StoredRecord] = []
        var scanned = 0
        while at > 0, records.count < maxRecords, scanned < maxScanned {
            let (located, covered, seen) = try sectionsBackward(
                patterns, before: at, maxSections: min(maxRecords - records.count, 4096), maxScanned: maxScanned - scanned)
            let before = at
            var found: [StoredRecord] = []
            let names = catalog.state.withLock { $0.names(located) }
            try SectionReader(catalog: catalog, buffers: readBuffers).read(located) { section, header, bytes in
                header.forEachRecord(bytes) { index, layout in
                    guard header.sequence + Int64(index) < before else { return false }
                    if let record = StoredRecord(bytes, layout, header: header, index: index, topic: names[section]) {
                        found.append(record)
                    }
                    return true
                }
                return true
            }
            let room = maxRecords - records.count
            records += found.reversed().prefix(room)
            at = found.count > room ? records[records.count - 1].sequence : covered
            scanned += seen
        }
        return LogSlice(records: records, next: LogCursor(sequence: at))
    }

    /// Matching sections before `sequence`, rising, down to `covered`, and how many records were looked at.
    private func sectionsBackward(_ patterns: [TopicPattern], before sequence: Int64, maxSections: Int, maxScanned: Int) throws
        -> (sections: [Located], covered: Int64, scanned: Int)
    {
        let plan = catalog.state.withLock { state -> MatchingPlan in
            let matches = state.matches(patterns)
            let views = matches.classes.sorted { $0.series < $1.series }.compactMap { state.view($0.series, before: sequence) }
            return MatchingPlan(matches: matches, deletedBelow: state.deletedBelow, views: views, end: state.end)
        }
        var covered: Int64 = 0
        var scanned = 0
        var found: [Located] = []
        for view in plan.views {
            let run = try indexed(view.file) { entries -> Run in
                // The class's segment before this one ends here at the latest.
                var run = Run(covered: view.baseSequence)
                var index = min(entries.firstIndex(endingAfter: sequence - 1 - view.baseSequence), entries.count - 1)
                while index >= 0 {
                    let entry = entries[index]
                    let start = view.baseSequence + Int64(entry.sequence)
                    if start < sequence, entry.count > 0 {
                        run.scanned += Int(min(Int64(entry.count), sequence - start))
                        if plan.isWanted(entry) { run.entries.append(entry) }
                        if run.entries.count >= maxSections || run.scanned >= maxScanned {
                            run.covered = start
                            break
                        }
                    }
                    index -= 1
                }
                return run
            }
            covered = max(covered, run.covered)
            scanned = max(scanned, run.scanned)
            found += run.entries.map(view.located)
        }
        found.removeAll { $0.sequence < covered }
        found.sort { $0.sequence < $1.sequence }
        return (found, covered, max(scanned, 1))
    }
}
