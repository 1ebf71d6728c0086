import TowerStreaming

/// A journal as it lies on disk, for `towerco log inspect` and `verify`. Nothing is changed; a running journal is not needed.
public struct JournalInspection: Sendable, Codable, Equatable {
    public struct Segment: Sendable, Codable, Equatable {
        public var file: String
        public var retention: String
        public var isSealed: Bool
        public var bytes: Int64
        public var baseSequence: Int64
        public var endSequence: Int64
        public var topics: Int
        public var sections: Int
        /// Milliseconds since the epoch; `nil` for a segment without a section.
        public var firstTimestampMs: Int64?
        public var lastTimestampMs: Int64?
    }
    public var segments: [Segment]
    public var groups: [String: Int64]
    public var recovery: RecoveryReport
}

/// What reading every byte found.
public struct JournalVerification: Sendable, Codable, Equatable {
    public var segments = 0
    public var records: Int64 = 0
    /// Of the segments as records see them, and as they lie on disk.
    public var bytes: Int64 = 0
    public var storedBytes: Int64 = 0
    /// Bytes in segments without a footer that opening would drop: written, never acknowledged.
    public var unacknowledgedBytes: Int64 = 0
    public var damaged: [RecoveryReport.DamagedRange] = []
    public var isIntact: Bool { damaged.isEmpty }
}

extension Journal {
    /// Lists segments, groups and what opening would find. Reads footers and unsealed segments only.
    public static func inspect(directory: String, disk: any Disk = PosixDisk()) throws -> JournalInspection {
        let outcome = try looking(at: directory) { try Recovery.run(disk, directory: directory, isReadOnly: true) }
        let segments = outcome.state.series.joined().map { segment in
            let sections = segment.footer?.entryCount ?? segment.entries?.count ?? 0
            return JournalInspection.Segment(
                file: segment.file.path, retention: segment.file.retention.rawValue, isSealed: segment.footer != nil,
                bytes: segment.storedBytes, baseSequence: segment.baseSequence,
                endSequence: segment.endSequence,
                topics: segment.footer?.topicCount ?? Set((segment.entries ?? []).map(\.topic)).count, sections: sections,
                firstTimestampMs: sections > 0 ? segment.firstTimestampMs : nil,
                lastTimestampMs: sections > 0 ? segment.lastTimestampMs : nil)
        }
        let groups = Dictionary(uniqueKeysWithValues: outcome.state.groups.sorted.map { ($0.name, $0.committed.sequence) })
        return JournalInspection(segments: segments, groups: groups, recovery: outcome.report)
    }

    /// Reads every byte of every segment and checks it, sealed ones and their footers too.
    public static func verify(directory: String, disk: any Disk = PosixDisk()) throws -> JournalVerification {
        try looking(at: directory) {
            let outcome = try Recovery.run(disk, directory: directory, isReadOnly: true)
            var found = JournalVerification()
            found.unacknowledgedBytes = outcome.report.droppedBytes
            found.damaged = outcome.report.quarantined
            for path in outcome.report.rebuiltFooters {
                let size = try disk.open(path, .read).size()
                found.damaged.append(
                    RecoveryReport.DamagedRange(
                        file: path, start: 0, end: size, reason: "footer damaged or unfinished; opening rebuilds it"))
            }
            for segment in outcome.state.series.joined() {
                found.segments += 1
                found.bytes += segment.footer?.fileSize ?? segment.dataEnd
                found.storedBytes += segment.storedBytes
                guard let footer = segment.footer else {
                    found.records += (segment.entries ?? []).reduce(0) { $0 + Int64($1.count) }
                    continue
                }
                try verifySealed(segment, footer, &found)
            }
            return found
        }
    }

    private static func verifySealed(_ segment: Segment, _ footer: SegmentFooter, _ found: inout JournalVerification) throws {
        func note(_ start: Int64, _ end: Int64, _ reason: String) {
            found.damaged.append(RecoveryReport.DamagedRange(file: segment.file.path, start: start, end: end, reason: reason))
        }
        if let compressed = segment.file.storage?.compressed { try verifyCompressed(compressed, note) }
        let table = TopicNumbers()
        let scan = try SegmentScanner.scan(segment.file.file) { name, _ in table.topics.number(of: name) }
        if scan.header == nil { note(0, Int64(SegmentHeader.size), "segment header damaged") }
        if !scan.hasIndex { note(footer.dataEnd, footer.topicsPosition, "mark of the index damaged") }
        for bad in scan.bad where bad.range.lowerBound < footer.dataEnd {
            note(bad.range.lowerBound, bad.range.upperBound, bad.reason)
        }
        found.records += scan.sections.reduce(0) { $0 + Int64($1.header.recordCount) }
        guard let entries = try FooterReader.entries(segment.file.file, footer) else {
            return note(footer.entriesPosition, footer.fileSize, "index does not match its checksum")
        }
        // Both are in the order of the file.
        var next = 0
        for section in scan.sections {
            while next < entries.count, entries[next].filePosition < section.position { next += 1 }
            guard next < entries.count, entries[next].filePosition == section.position else {
                note(section.position, section.position + Int64(section.header.length), "section is missing in the index")
                continue
            }
        }
    }

    /// What lies around the records in a compressed segment; the records in a damaged block are found missing by the scan.
    private static func verifyCompressed(_ file: CompressedFile, _ note: (Int64, Int64, String) -> Void) throws {
        let head = Int64(CompressedHeader.size + file.header.tableBytes)
        if !file.isFrontIntact { note(0, head, "header or block table at the beginning damaged; the copy at the end is used") }
        if !file.isBackIntact {
            note(file.storedBytes - head, file.storedBytes, "header or block table at the end damaged; the one at the beginning is used")
        }
        for block in try file.damagedBlocks() {
            let range = file.storedRange(of: block)
            note(range.lowerBound, range.upperBound, "block \(block) of the compressed segment does not match its checksum")
        }
    }

    private final class TopicNumbers {
        var topics = TopicTable()
    }

    private static func looking<Answer>(at directory: String, _ body: () throws -> Answer) throws -> Answer {
        do {
            return try body()
        } catch let error as DiskError {
            throw EventLogError(.io, "could not read the log in \(directory): \(error.description)")
        }
    }
}
