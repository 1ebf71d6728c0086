import TowerStreaming

/// What is wrong with a journal on disk, and what was, or would be, done about it.
public struct JournalRepair: Sendable, Codable, Equatable {
    public struct Step: Sendable, Codable, Equatable {
        public var file: String
        public var problem: String
        public var remedy: String
    }
    public var steps: [Step] = []
    public var isDryRun: Bool
    public var isClean: Bool { steps.isEmpty }
}

extension Journal {
    /// Puts a stopped journal in order: moves leftovers and what cannot be read to `quarantine/`, rewrites sealed segments with
    /// damage so that only what is whole stays in them, has footers written anew. No byte is destroyed: of every file that is
    /// changed a copy is in `quarantine/` first.
    ///
    /// - Parameter isDryRun: only says what it would do; touches nothing.
    /// - Throws: `EventLogError`: `locked`, `io`, `disk_full`, `corrupt` for a newer format; then nothing was changed, or the
    ///   steps before were done and the same call goes on.
    public static func repair(
        directory: String, isDryRun: Bool, disk: any Disk = PosixDisk(), clock: @escaping @Sendable () -> Int64
    ) async throws -> JournalRepair {
        let found: JournalRepair
        do {
            guard let lock = isDryRun ? NoLock() : try disk.lock(directory + "/LOCK") else {
                throw EventLogError(.locked, "could not repair the log in \(directory): a process has it open; stop that one first")
            }
            found = try withExtendedLifetime(lock) {
                var repair = Repair(disk: disk, directory: directory, isDryRun: isDryRun)
                return try repair.run()
            }
        } catch let error as DiskError {
            throw EventLogError(error.isFull ? .diskFull : .io, "could not repair the log in \(directory): \(error.description)")
        }
        guard !isDryRun, !found.isClean else { return found }
        // Opening drops a torn tail, with a copy, and writes the footers that are missing.
        var configuration = JournalConfiguration()
        configuration.isHousekeepingInline = true
        try await Journal.open(directory: directory, configuration: configuration, disk: disk, clock: clock).close()
        return found
    }

    private final class NoLock: DiskLock {}
}

/// The steps of a repair, one segment after another.
private struct Repair {
    private struct Found {
        var segment: SegmentFile
        var footer: SegmentFooter?
        var scan: SegmentScanner.Result
        var isLast: Bool
        var problems: [String] = []
    }
    private final class Names {
        var table = TopicTable()
    }

    let disk: any Disk
    let directory: String
    private var result: JournalRepair
    private let names = Names()
    private let blocks = BlockCache(bound: 4)

    init(disk: any Disk, directory: String, isDryRun: Bool) {
        self.disk = disk
        self.directory = directory
        result = JournalRepair(isDryRun: isDryRun)
    }

    private mutating func note(_ file: String, _ problem: String, _ remedy: String) {
        result.steps.append(JournalRepair.Step(file: file, problem: problem, remedy: remedy))
    }

    mutating func run() throws -> JournalRepair {
        // Refuses a newer format before anything is touched, and knows what opening would do.
        let outcome = try Recovery.run(disk, directory: directory, isReadOnly: true, blocks: blocks)
        let opening = outcome.report
        for path in opening.leftovers {
            note(path, "leftover of a rewriting that was cut off", "move to quarantine")
            if !result.isDryRun { try moveAway(path) }
        }
        // A segment that was only made ahead is not among these.
        for segments in outcome.state.series {
            for (index, segment) in segments.enumerated() {
                try mend(look(at: segment.file, isLast: index == segments.count - 1))
            }
        }
        if opening.droppedBytes > 0 {
            note(directory, "\(opening.droppedBytes) bytes behind the last acknowledged append", "copy to quarantine, then zero")
        }
        for range in opening.quarantined where range.file.hasSuffix(".tbl") {
            note(range.file, range.reason, "nothing: the copy before it counts, the next change replaces it")
        }
        return result
    }

    private func look(at segment: SegmentFile, isLast: Bool) throws -> Found {
        let names = names
        let scan = try SegmentScanner.scan(segment.file) { name, hint in
            names.table.find(name, hint: hint) ?? names.table.number(of: name)
        }
        let footer = try FooterReader.topics(segment.file)?.footer
        var found = Found(segment: segment, footer: footer, scan: scan, isLast: isLast)
        // The segment being written is in order without a footer; what is wrong at its end is for opening to decide.
        if footer == nil, isLast, !segment.isCompressed {
            if scan.hasIndex { found.problems.append("footer damaged") }
            return found
        }
        if footer == nil { found.problems.append(scan.hasIndex ? "footer damaged" : "footer missing") }
        if scan.header == nil { found.problems.append("segment header damaged") }
        if let footer, try FooterReader.entries(segment.file, footer) == nil { found.problems.append("index damaged") }
        for bad in scan.bad where bad.range.lowerBound < footer?.dataEnd ?? .max {
            found.problems.append("bytes \(bad.range.lowerBound) to \(bad.range.upperBound): \(bad.reason)")
        }
        if let compressed = segment.storage?.compressed {
            if !compressed.isFrontIntact { found.problems.append("block table at the beginning damaged") }
            if !compressed.isBackIntact { found.problems.append("block table at the end damaged") }
            for block in try compressed.damagedBlocks() { found.problems.append("block \(block) damaged") }
        }
        return found
    }

    private mutating func mend(_ found: Found) throws {
        guard !found.problems.isEmpty else { return }
        let path = found.segment.path
        let problem = found.problems.joined(separator: "; ")
        if found.scan.sections.isEmpty {
            // Without the last one of a class, numbers that were given could be given again.
            if found.isLast { return note(path, problem, "nothing: no record in it can be read; restore it from a backup") }
            note(path, problem, "move to quarantine: no record in it can be read")
            if !result.isDryRun { try moveAway(path) }
            return
        }
        if found.isLast, found.footer == nil, !found.segment.isCompressed {
            return note(path, problem, "index from the records at the next opening")
        }
        note(path, problem, "copy to quarantine, then rewrite with the \(found.scan.sections.count) sections that are whole")
        if !result.isDryRun { try rewrite(found) }
    }

    private func quarantine() throws(DiskError) -> String {
        try disk.createDirectory(directory + "/quarantine")
        return directory + "/quarantine/"
    }

    private func moveAway(_ path: String) throws(DiskError) {
        let folder = try quarantine()
        try disk.rename(path, to: folder + (path.split(separator: "/").last.map(String.init) ?? "file"))
        try disk.syncDirectory(folder.hasSuffix("/") ? String(folder.dropLast()) : folder)
        try disk.syncDirectory(directory)
    }

    /// First the copy, then the new file under the old name: a crash leaves the old segment or the new one.
    private func rewrite(_ found: Found) throws(DiskError) {
        let segment = found.segment
        let name = SegmentHeader.fileName(segment.retention, segment.number)
        try copy(segment.path, to: try quarantine() + name + ".before-repair")
        try disk.syncDirectory(directory + "/quarantine")
        let last = found.scan.sections.last.map { $0.header.sequence + Int64($0.header.recordCount) } ?? 0
        let base = found.scan.header?.baseSequence ?? found.footer?.baseSequence ?? segment.storage?.compressed?.header.baseSequence
        let end = found.footer?.endSequence ?? segment.storage?.compressed?.header.endSequence ?? last
        let temporary = segment.path + SegmentHeader.temporarySuffix
        let header = SegmentHeader(
            retention: segment.retention, number: segment.number,
            baseSequence: base ?? found.scan.sections[0].header.sequence, createdMs: found.scan.header?.createdMs ?? 0)
        let target = try disk.open(temporary, .create)
        var rewriter = SegmentRewriter(target: target, segment: header, endSequence: max(end, last))
        for section in found.scan.sections {
            let bytes = try segment.file.bytes(at: section.position, count: section.header.length)
            let result = bytes.withUnsafeBytes { bytes in
                Result { () throws(DiskError) in
                    try rewriter.add(
                        SegmentRewriter.Kept(position: section.position, header: section.header, topic: section.topic), bytes)
                }
            }
            try result.get()
        }
        _ = try rewriter.finish(names: names.table.names)
        try disk.rename(temporary, to: segment.path)
        try disk.syncDirectory(directory)
    }

    private func copy(_ path: String, to target: String) throws(DiskError) {
        let source = try disk.open(path, .read)
        let file = try disk.open(target, .create)
        let size = try source.size()
        var at: Int64 = 0
        while at < size {
            let bytes = try source.bytes(at: at, count: Int(min(size - at, 1 << 20)))
            guard !bytes.isEmpty else { break }
            try file.write(bytes, at: at)
            at += Int64(bytes.count)
        }
        try file.sync()
    }
}
