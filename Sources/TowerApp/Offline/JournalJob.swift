import TowerJournal
import TowerModel
import TowerPipeline
import TowerSQLite
import TowerStreaming

/// `towerco rebuild`: the read models anew from the log.
public struct RebuildJob: Sendable {
    private let folder: DataFolder

    public init(directory: String) { folder = DataFolder(path: directory) }

    public func run(progress: @escaping @Sendable (String) -> Void) async throws -> String {
        let journal = try await folder.openExistingJournal()
        let store = try folder.openStore()
        let report = try await Rebuild(log: journal, store: store, symbols: SymbolTable()).run { group, position, end in
            progress("\(group): \(grouped(position)) of \(grouped(end)) records")
        }
        try store.close()
        try await journal.close()
        let records = report.records.values.max() ?? 0
        return "Rebuilt from \(grouped(records)) records: \(grouped(report.incidentsVerified)) incidents, each equal to its own history in the log.\n"
            + (report.poison > 0 ? "\(grouped(report.poison)) records could not be read; they are in the dead letters.\n" : "")
    }
}

/// `towerco log`: what the journal of a stopped server holds, and whether all of it reads back.
public struct JournalJob: Sendable {
    private let folder: DataFolder

    public init(directory: String) { folder = DataFolder(path: directory) }

    public func inspect() async throws -> String {
        let journal = try await folder.openExistingJournal()
        let report = journal.recovery
        let topics = try await journal.topics(matching: nil)
        let groups = try await journal.groups()
        try await journal.close()
        var text = "\(report.segments) segments, \(bytesInWords(report.bytes)), \(grouped(report.topics)) topics; opened in \(Int(report.milliseconds.rounded())) ms\n"
        if report.droppedBytes > 0 { text += "dropped \(bytesInWords(report.droppedBytes)) at the end that were never acknowledged\n" }
        var table = TextTable(["topic", "retention", "records", "held", "oldest", "newest"], numeric: [2, 3])
        table.rows = topics.map { topic in
            [
                topic.topic.rawValue, topic.retention.rawValue, grouped(topic.endOffset - topic.startOffset), bytesInWords(topic.bytes),
                topic.firstTimestampMs.map { Timestamp(milliseconds: $0).description } ?? "-",
                topic.lastTimestampMs.map { Timestamp(milliseconds: $0).description } ?? "-",
            ]
        }
        text += "\n" + table.render()
        var members = TextTable(["group", "next record", "records behind"], numeric: [1, 2])
        members.rows = groups.map { [$0.group, grouped($0.committed.sequence), grouped($0.offsetLag)] }
        return text + "\n" + members.render()
    }

    /// Reads every record, which checks every checksum.
    public func verify() async throws -> String {
        let journal = try await folder.openExistingJournal()
        var records = 0
        var bytes: Int64 = 0
        var cursor = LogCursor.start
        let end = await journal.end()
        while cursor < end {
            let slice = try await journal.fetch(matching: [TopicPattern("*")], from: cursor, maxRecords: 10_000, maxBytes: 64 << 20)
            guard slice.next > cursor else { break }
            records += slice.records.count
            bytes += slice.records.reduce(0) { $0 + Int64($1.record.value.count) }
            cursor = slice.next
        }
        let damage = journal.damage
        try await journal.close()
        var text = "\(grouped(records)) records, \(bytesInWords(bytes)) of values read and checked\n"
        for range in damage { text += "damaged: \(range.file) \(range.start) to \(range.end): \(range.reason)\n" }
        if !damage.isEmpty { throw CommandFailure(text + "\(damage.count) damaged ranges. The other records are readable; restore these from a backup.") }
        return text + "Every checksum holds.\n"
    }
}
