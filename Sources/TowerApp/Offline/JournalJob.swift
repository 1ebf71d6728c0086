import Foundation
import TowerJournal
import TowerModel
import TowerPipeline
import TowerStores
import TowerStreaming

/// `towerco rebuild`: the read models anew from the log.
public struct RebuildJob: Sendable {
    private let folder: DataFolder
    private let choice: StoreChoice

    public init(directory: String, store: StoreChoice) {
        folder = DataFolder(path: directory)
        choice = store
    }

    public func run(progress: @escaping @Sendable (String) -> Void) async throws -> String {
        let journal = try await folder.openExistingJournal()
        let store = try await choice.open(folder)
        let symbols = SymbolTable()
        let upcaster = try await RegistryReader.upcaster(of: journal, symbols: symbols)
        let report = try await Rebuild(log: journal, store: store, symbols: symbols, upcaster: upcaster).run { group, position, end in
            progress("\(group): \(grouped(position)) of \(grouped(end)) records")
        }
        try await store.close()
        try await journal.close()
        let records = report.records.values.max() ?? 0
        return "Rebuilt from \(grouped(records)) records: \(grouped(report.incidentsVerified)) incidents, each equal to its own history in the log.\n"
            + (report.poison > 0 ? "\(grouped(report.poison)) records could not be read; they are in the dead letters.\n" : "")
    }
}

/// `towerco log`: what the journal of a stopped server holds, and whether all of it reads back.
public struct JournalJob: Sendable {
    /// How a topic's old records are cleaned up.
    public enum Cleanup: String, Sendable, CaseIterable { case delete, compact }

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

    /// Reads every byte of every segment and checks it.
    public func verify() async throws -> String {
        try requireLog()
        let began = ContinuousClock.now
        let found = try Journal.verify(directory: folder.logDirectory)
        let passed = (ContinuousClock.now - began).components
        let seconds = max(Double(passed.seconds) + Double(passed.attoseconds) / 1e18, 1e-6)
        let speed = Double(Int(Double(found.bytes) / seconds / 1e7)) / 100
        var text =
            "\(grouped(found.segments)) segments, \(grouped(Int(found.records))) records, \(bytesInWords(found.bytes))"
            + " (\(bytesInWords(found.storedBytes)) on disk) read and checked, \(speed) GB/s\n"
        if found.unacknowledgedBytes > 0 {
            text += "\(bytesInWords(found.unacknowledgedBytes)) at the end were never acknowledged; opening drops them\n"
        }
        for range in found.damaged { text += "damaged: \(range.file) \(range.start) to \(range.end): \(range.reason)\n" }
        if !found.isIntact {
            throw CommandFailure(
                text + "\(found.damaged.count) damaged ranges. The other records are readable; `towerco log repair --dry-run` says what"
                    + " can be done, a backup has the rest.")
        }
        return text + "Every checksum holds.\n"
    }

    /// What is wrong and what was, or would be, done; and whether anything was.
    public func repair(isDryRun: Bool) async throws -> (text: String, isClean: Bool) {
        try requireLog()
        let found = try await Journal.repair(
            directory: folder.logDirectory, isDryRun: isDryRun, clock: SystemSources.nowMilliseconds)
        guard !found.isClean else { return ("Nothing to repair.\n", true) }
        var text = ""
        for step in found.steps { text += "\(step.file): \(step.problem)\n    \(isDryRun ? "would: " : "done: ")\(step.remedy)\n" }
        return (text + (isDryRun ? "Nothing was changed.\n" : "Copies of what was changed are in \(folder.logDirectory)/quarantine.\n"), false)
    }

    /// Gives a topic a cleanup policy, creating it if it is not there.
    public func configure(topic: String, cleanup: Cleanup) async throws -> String {
        let journal = try await folder.openExistingJournal()
        let name = TopicName(topic)
        do {
            try await journal.createTopic(name, TopicConfiguration(cleanup: cleanup == .compact ? .compact : .delete))
        } catch {
            try? await journal.close()
            throw error
        }
        try await journal.close()
        return "\(name): cleanup is \(cleanup.rawValue).\n"
    }

    private func requireLog() throws {
        guard FileManager.default.fileExists(atPath: folder.logDirectory) else {
            throw CommandFailure("\(folder.path) holds no log. Name the data folder of a server with --data.")
        }
    }
}
