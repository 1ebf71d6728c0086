import TowerStreaming

/// Opens what is on disk: footers of sealed segments, every byte of the others, then the decision about the tail.
struct Recovery {
    struct Outcome {
        var state: Catalog.State
        var start: JournalWriter.Start
        /// The last segment number used in each class.
        var numbers: [Int]
        /// `nil` only when looking at a journal that has none.
        var groupFile: GroupFile?
        /// Full segments without a footer.
        var unsealed: [SegmentFile]
        var policies: TopicPolicies
        var report: RecoveryReport
    }

    private final class Topics {
        var table = TopicTable()
    }

    private struct Loaded {
        var file: SegmentFile
        var size: Int64
        var sealed: FooterReader.Topics?
        var scan: SegmentScanner.Result?
        /// Sections that stay, and where frames may be added.
        var kept: [SegmentScanner.Section] = []
        var dataEnd: Int64 = 0
    }

    private let disk: any Disk
    private let directory: String
    private let topics = Topics()
    private var loaded: [[Loaded]] = Array(repeating: [], count: RetentionClass.seriesCount)
    private var numbers = [Int](repeating: 0, count: RetentionClass.seriesCount)
    private var report = RecoveryReport()
    private var isReadOnly: Bool
    private let blocks: BlockCache

    /// - Parameter isReadOnly: looks only; nothing is dropped, moved or removed.
    static func run(
        _ disk: any Disk, directory: String, isReadOnly: Bool = false, blocks: BlockCache = BlockCache()
    ) throws -> Outcome {
        var recovery = Recovery(disk: disk, directory: directory, isReadOnly: isReadOnly, blocks: blocks)
        let names = try disk.files(in: directory)
        try recovery.load(names)
        let seenEnd = try recovery.decide()
        return try recovery.assemble(names, seenEnd: seenEnd)
    }

    private init(disk: any Disk, directory: String, isReadOnly: Bool, blocks: BlockCache) {
        self.disk = disk
        self.directory = directory
        self.isReadOnly = isReadOnly
        self.blocks = blocks
    }

    /// What a rewriting left that a crash cut off: never the only copy of anything.
    private mutating func removeLeftovers(_ names: [String]) throws(DiskError) {
        for name in names.sorted() where name.hasSuffix(SegmentHeader.temporarySuffix) {
            let made = String(name.dropLast(SegmentHeader.temporarySuffix.count))
            guard made == TopicPolicies.fileName || SegmentHeader.parse(fileName: made) != nil else { continue }
            report.leftovers.append(directory + "/" + name)
            if !isReadOnly { try disk.remove(directory + "/" + name) }
        }
    }

    private mutating func load(_ names: [String]) throws {
        try removeLeftovers(names)
        let found = names.compactMap { SegmentHeader.parse(fileName: $0) }.sorted { ($0.0.series, $0.1) < ($1.0.series, $1.1) }
        for (retention, number) in found {
            numbers[retention.series] = max(numbers[retention.series], number)
            let path = directory + "/" + SegmentHeader.fileName(retention, number)
            let file = try SegmentStorage.open(disk, path, isReadOnly ? .read : .readWrite, cache: blocks)
            let segment = SegmentFile(retention: retention, number: number, path: path, file: file)
            var piece = Loaded(file: segment, size: try file.size())
            try checkVersion(segment)
            report.bytes += file.compressedBytes ?? piece.size
            if let footer = try FooterReader.topics(file) {
                piece.sealed = footer
                piece.dataEnd = footer.footer.dataEnd
            } else {
                let topics = topics
                let scan = try SegmentScanner.scan(file) { name, hint in
                    topics.table.find(name, hint: hint) ?? topics.table.number(of: name)
                }
                let isEmpty = !segment.isCompressed && scan.header == nil && scan.frames.isEmpty && scan.sections.isEmpty && scan.bad.isEmpty
                if isEmpty {
                    if !isReadOnly { try disk.remove(path) }
                    continue
                }
                if scan.hasIndex { report.rebuiltFooters.append(path) }
                piece.scan = scan
                report.scannedSegments += 1
            }
            report.segments += 1
            loaded[retention.series].append(piece)
        }
    }

    private func checkVersion(_ segment: SegmentFile) throws {
        guard !segment.isCompressed else { return }
        let head = try segment.file.bytes(at: 0, count: SegmentHeader.size)
        if case .unknownVersion(let version) = head.withUnsafeBytes({ SegmentHeader.read($0) }) {
            throw EventLogError(
                .corrupt,
                "could not open \(segment.path): its format is version \(version), this program knows 1 to \(CompressedHeader.version);"
                    + " use the program that wrote it")
        }
    }

    private mutating func note(_ file: SegmentFile, _ range: Range<Int64>, _ reason: String) {
        report.quarantined.append(
            RecoveryReport.DamagedRange(file: file.path, start: range.lowerBound, end: range.upperBound, reason: reason))
    }

    /// Decides what is dropped, saves and zeroes it, and sets `kept` and `dataEnd`. Returns the end of whatever was seen.
    private mutating func decide() throws -> Int64 {
        var pieces: [TailDecision.Piece] = []
        var bad: [TailDecision.BadPiece] = []
        var units: [TailDecision.Unit] = []
        var skipped: [Range<Int64>] = []
        var durable: Int64 = 0
        var lowest: Int64 = 0
        for series in loaded.indices {
            var sealedEnd: Int64?
            var firstBase: Int64?
            var order = 0
            for (index, segment) in loaded[series].enumerated() {
                if let footer = segment.sealed?.footer {
                    durable = max(durable, footer.endSequence)
                    sealedEnd = max(sealedEnd ?? 0, footer.endSequence)
                    continue
                }
                // What was compressed was sealed, so all of it was durable.
                if let header = segment.file.storage?.compressed?.header { durable = max(durable, header.endSequence) }
                guard let scan = segment.scan else { continue }
                if firstBase == nil { firstBase = scan.header?.baseSequence ?? scan.sections.first?.header.sequence }
                durable = scan.frames.reduce(durable) { max($0, $1.header.durable) }
                units += scan.frames.map {
                    TailDecision.Unit(start: $0.header.unitSequence, end: $0.header.unitSequence + Int64($0.header.unitCount))
                }
                for frame in scan.frames where frame.header.previousEnd < frame.header.sequence {
                    skipped.append(frame.header.previousEnd..<frame.header.sequence)
                }
                Self.arrange(scan, series: series, isLast: index == loaded[series].count - 1, order: &order, into: &pieces, &bad)
            }
            lowest = max(lowest, sealedEnd ?? firstBase ?? 0)
        }
        for index in bad.indices {
            if let end = bad[index].segmentEnd, end < lowest, try isWhole(end..<lowest, pieces) { bad[index].segmentEnd = lowest }
        }
        let decision = TailDecision(durable: durable, lowest: lowest, pieces: pieces, skipped: skipped, bad: bad, units: units)
        var badIndex = 0
        for series in loaded.indices {
            try apply(decision, to: series, badIndex: &badIndex)
        }
        if !isReadOnly { try harden(from: durable) }
        return max(decision.seenEnd, durable)
    }

    /// Whether each sequence of the range is in a section found or in the index of a sealed segment.
    private func isWhole(_ range: Range<Int64>, _ pieces: [TailDecision.Piece]) throws(DiskError) -> Bool {
        var found = pieces.map { $0.start..<$0.end }
        for segment in loaded.joined() {
            guard let footer = segment.sealed?.footer, footer.endSequence > range.lowerBound,
                let entries = try FooterReader.entries(segment.file.file, footer)
            else { continue }
            found += entries.map { entry in
                let start = footer.baseSequence + Int64(entry.sequence)
                return start..<start + Int64(entry.count)
            }
        }
        var next = range.lowerBound
        for piece in found.sorted(by: { $0.lowerBound < $1.lowerBound }) where piece.lowerBound <= next {
            next = max(next, piece.upperBound)
        }
        return next >= range.upperBound
    }

    /// Sections and bad ranges of a segment in the order of the file.
    private static func arrange(
        _ scan: SegmentScanner.Result, series: Int, isLast: Bool, order: inout Int, into pieces: inout [TailDecision.Piece],
        _ bad: inout [TailDecision.BadPiece]
    ) {
        var nextBad = 0
        func takeBad(before position: Int64, _ order: inout Int, _ bad: inout [TailDecision.BadPiece]) {
            while nextBad < scan.bad.count, scan.bad[nextBad].range.lowerBound < position {
                bad.append(TailDecision.BadPiece(series: series, order: order, bad: scan.bad[nextBad]))
                nextBad += 1
                order += 1
            }
        }
        for section in scan.sections {
            takeBad(before: section.position, &order, &bad)
            let start = section.header.sequence
            pieces.append(
                TailDecision.Piece(
                    series: series, order: order, start: start, end: start + Int64(section.header.recordCount),
                    isOrphan: section.frame < 0))
            order += 1
        }
        let known = bad.count
        takeBad(before: .max, &order, &bad)
        if !isLast, bad.count == known + 1, let last = scan.sections.last {
            bad[known].segmentEnd = last.header.sequence + Int64(last.header.recordCount)
        }
    }

    private mutating func apply(_ decision: TailDecision, to series: Int, badIndex: inout Int) throws {
        var isDropping = false
        var dropped: [Int] = []
        for index in loaded[series].indices {
            guard let scan = loaded[series][index].scan else { continue }
            var dropStart: Int64?
            let notedBefore = report.quarantined.count
            for section in scan.sections {
                if let cut = decision.cut, !isDropping {
                    isDropping = section.header.recordCount > 0 ? section.header.sequence >= cut : section.header.sequence > cut
                }
                guard isDropping else {
                    loaded[series][index].kept.append(section)
                    continue
                }
                report.droppedRecords += Int64(section.header.recordCount)
                if dropStart == nil { dropStart = section.frame >= 0 ? scan.frames[section.frame].position : section.position }
            }
            var end = min(dropStart ?? scan.end, scan.end)
            for bad in scan.bad {
                defer { badIndex += 1 }
                if decision.verdicts[badIndex] == .debris { continue }
                if decision.verdicts[badIndex] == .torn {
                    // A frame's header goes with its torn sections: left there, it would swallow the frame that is written behind it.
                    let start = scan.frames.last { frame in
                        frame.position < bad.range.lowerBound
                            && bad.range.lowerBound < frame.position + Int64(frame.header.length)
                    }?.position
                    end = min(
                        end,
                        max(
                            start ?? bad.range.lowerBound,
                            loaded[series][index].kept.last.map { $0.position + Int64($0.header.length) } ?? 0))
                    continue
                }
                note(loaded[series][index].file, bad.range, bad.reason)
                if dropStart == nil { end = max(end, alignedUp(bad.range.upperBound)) }
                if let topic = bad.topic {
                    let state = topics.table.states[Int(topic.number)]
                    topics.table.states[Int(topic.number)].next = max(state.next, topic.endOffset)
                }
            }
            end = max(end, Int64(SegmentHeader.size))
            loaded[series][index].dataEnd = end
            if scan.header == nil, !loaded[series][index].kept.isEmpty {
                note(loaded[series][index].file, 0..<Int64(SegmentHeader.size), "segment header damaged")
            }
            // Without its header, which is written with the first frame, a segment cannot be gone on in either.
            let isHeadless =
                scan.header == nil && report.quarantined.count == notedBefore && !loaded[series][index].file.isCompressed
            if dropStart != nil || isHeadless, loaded[series][index].kept.isEmpty { dropped.append(index) }
            if scan.contentEnd > end, !loaded[series][index].file.isCompressed, index == loaded[series].count - 1 || isDropping {
                report.droppedBytes += scan.contentEnd - end
                if !isReadOnly { try clear(loaded[series][index].file, end..<alignedUp(scan.contentEnd)) }
            }
        }
        if !isReadOnly {
            for index in dropped.reversed() where index == loaded[series].count - 1 && (index > 0 || loaded[series][index].scan?.header == nil) {
                try disk.remove(loaded[series][index].file.path)
                loaded[series].remove(at: index)
            }
        }
    }

    /// Copies bytes that were never acknowledged into the folder `quarantine`, then zeroes them: found again later, they
    /// could be taken for records.
    private func clear(_ segment: SegmentFile, _ range: Range<Int64>) throws(DiskError) {
        let bytes = try segment.file.bytes(at: range.lowerBound, count: Int(range.upperBound - range.lowerBound))
        do throws(DiskError) {
            let folder = directory + "/quarantine"
            try disk.createDirectory(folder)
            let name = SegmentHeader.fileName(segment.retention, segment.number)
            let copy = try disk.open("\(folder)/\(name)-\(range.lowerBound).bytes", .create)
            try copy.write(bytes, at: 0)
            try copy.sync()
        } catch  where error.isFull {
            // A full disk must not keep the log from opening; nobody was promised these bytes.
        }
        try SegmentFactory.zeroFill(segment.file, from: range.lowerBound, count: bytes.count)
        try segment.file.sync()
    }

    /// Writes and syncs anew what lies behind the last known sync. A killed process or a failed sync may have left it in the
    /// page cache only; from here on it is shown to readers and counts as durable.
    private func harden(from durable: Int64) throws(DiskError) {
        for segment in loaded.joined() {
            // A compressed segment was checked and synced before it took the place of the other form.
            guard let scan = segment.scan, !segment.file.isCompressed else { continue }
            let frame = scan.frames.first { $0.header.sequence >= durable }?.position
            let section = scan.sections.first { $0.header.sequence >= durable }?.position
            if var at = [frame, section].compactMap({ $0 }).min() {
                // The segment's header is written with the first frame.
                if at == Int64(SegmentHeader.size) { at = 0 }
                while at < segment.dataEnd {
                    let bytes = try segment.file.file.bytes(at: at, count: Int(min(1 << 20, segment.dataEnd - at)))
                    guard !bytes.isEmpty else { break }
                    try segment.file.file.write(bytes, at: at)
                    at += Int64(bytes.count)
                }
            }
            try segment.file.file.sync()
        }
    }

    private mutating func assemble(_ names: [String], seenEnd: Int64) throws -> Outcome {
        var state = Catalog.State()
        var active: [(segment: Segment?, capacity: Int64)] = Array(repeating: (nil, 0), count: RetentionClass.seriesCount)
        var unsealed: [SegmentFile] = []
        for series in loaded.indices {
            for (index, segment) in loaded[series].enumerated() {
                let isLast = index == loaded[series].count - 1
                if let sealed = segment.sealed {
                    state.series[series].append(addSealed(segment.file, sealed))
                    continue
                }
                let added = addScanned(segment, expected: state.series[series].last?.endSequence ?? 0)
                state.series[series].append(added)
                if isLast, !segment.file.isCompressed, segment.scan?.hasIndex == false {
                    active[series] = (added, segment.size)
                } else {
                    // Not written to again where its footer was begun. A compressed one keeps its index in memory: its file is
                    // only ever replaced as a whole.
                    if !segment.file.isCompressed { unsealed.append(segment.file) }
                    state.topics = topics.table
                    state.retireActive(series)
                }
            }
        }
        state.topics = topics.table
        for number in 0..<topics.table.count where topics.table.states[number].deletedBelow > 0 {
            state.noteDeletion(UInt32(number))
        }
        let keptEnd = state.series.joined().reduce(0) { max($0, $1.endSequence) }
        state.lastTimestampMs = state.series.joined().reduce(0) { max($0, $1.lastTimestampMs) }
        let groups = try GroupFile.open(disk, directory: directory, exists: names.contains("groups.tbl"), isReadOnly: isReadOnly)
        for damaged in groups?.damaged ?? [] {
            report.quarantined.append(
                RecoveryReport.DamagedRange(
                    file: directory + "/groups.tbl", start: damaged.start, end: damaged.end, reason: "group record damaged"))
        }
        let policies = names.contains(TopicPolicies.fileName) ? try TopicPolicies.load(disk, directory: directory) : TopicPolicies()
        if policies.isDamaged {
            report.quarantined.append(
                RecoveryReport.DamagedRange(
                    file: directory + "/" + TopicPolicies.fileName, start: 0, end: 0,
                    reason: "table of compacted topics damaged; none is compacted until it is set anew"))
        }
        state.groups = GroupTable(groups?.groups ?? [])
        let committed = (groups?.groups ?? []).reduce(0) { max($0, $1.furthest) }
        state.end = max(keptEnd, seenEnd, committed)
        state.damage = report.quarantined
        report.topics = state.topics.states.reduce(0) { $0 + ($1.isListed ? 1 : 0) }
        let start = JournalWriter.Start(
            active: active, nextOffset: state.topics.states.map(\.next), end: keptEnd, nextSequence: state.end,
            lastTimestampMs: state.lastTimestampMs)
        return Outcome(
            state: state, start: start, numbers: numbers, groupFile: groups?.file, unsealed: unsealed, policies: policies,
            report: report)
    }

    private func addSealed(_ file: SegmentFile, _ sealed: FooterReader.Topics) -> Segment {
        let footer = sealed.footer
        var rows: [SegmentTopic] = []
        sealed.bytes.withUnsafeBytes { bytes in
            for (row, name) in SegmentFooter.rows(bytes, count: footer.topicCount) ?? [] {
                let number = topics.table.find(name, hint: row.number) ?? topics.table.number(of: name)
                topics.table.states[Int(number)].add(row)
                rows.append(SegmentTopic(number: number, last: row.last, firstOffset: row.firstOffset))
            }
        }
        rows.sort { $0.number < $1.number }
        return Segment(
            file: file, baseSequence: footer.baseSequence, endSequence: footer.endSequence,
            firstTimestampMs: footer.firstTimestampMs,
            lastTimestampMs: footer.lastTimestampMs, dataEnd: footer.dataEnd, entries: nil, topics: rows, footer: footer)
    }

    private mutating func addScanned(_ loaded: Loaded, expected: Int64) -> Segment {
        let base = loaded.scan?.header?.baseSequence ?? loaded.kept.first?.header.sequence ?? expected
        let firstMs = loaded.kept.first?.header.timestampMs ?? 0
        var segment = Segment(
            file: loaded.file, baseSequence: base, endSequence: base, firstTimestampMs: firstMs, lastTimestampMs: firstMs,
            dataEnd: loaded.dataEnd, entries: [])
        var entries: [SectionEntry] = []
        entries.reserveCapacity(loaded.kept.count)
        for section in loaded.kept {
            var entry = SectionEntry(section, baseSequence: base, firstTimestampMs: firstMs)
            topics.table.states[Int(section.topic)].add(
                &entry, index: UInt32(entries.count), segment: UInt32(loaded.file.number), timestampMs: section.header.timestampMs
            )
            entries.append(entry)
            segment.endSequence = max(segment.endSequence, section.header.sequence + Int64(section.header.recordCount))
            segment.lastTimestampMs = max(segment.lastTimestampMs, section.header.timestampMs)
            report.scannedRecords += Int64(section.header.recordCount)
        }
        segment.entries = entries
        return segment
    }
}

extension SectionEntry {
    init(_ section: SegmentScanner.Section, baseSequence: Int64, firstTimestampMs: Int64) {
        self.init(
            position: UInt32(section.position / 8), length: UInt32(section.header.length), topic: section.topic,
            previous: Self.none,
            sequence: UInt32(truncatingIfNeeded: section.header.sequence - baseSequence),
            time: UInt32(clamping: section.header.timestampMs - firstTimestampMs), count: UInt32(section.header.recordCount),
            flags: UInt32(section.header.flags.rawValue), baseOffset: section.header.baseOffset)
    }
}

extension TopicState {
    /// Takes in what a sealed segment's footer says of the topic.
    fileprivate mutating func add(_ row: SegmentFooter.TopicRow) {
        if !isListed, bytes == 0, next == 0 { start = row.firstOffset }
        if next <= start || firstTimestampMs == 0 { firstTimestampMs = row.firstTimestampMs }
        next = max(next, row.endOffset)
        if row.deletedBelow > 0 || !row.isListed {
            start = max(start, row.deletedBelow)
            deletedBelow = max(deletedBelow, row.deletedBelow)
            bytes = 0
        }
        bytes += row.bytes
        isListed = row.isListed
        lastTimestampMs = max(lastTimestampMs, row.lastTimestampMs)
    }
}
