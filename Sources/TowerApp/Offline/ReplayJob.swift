import Foundation
import TowerEngine
import TowerJournal
import TowerModel
import TowerPipeline
import TowerStreaming

/// `towerco replay`: a window of the log again, as lines or through a shadow engine.
public struct ReplayJob: Sendable {
    private let folder: DataFolder
    private let pattern: TopicPattern
    private let fromMs: Int64
    private let toMs: Int64
    private let speed: Double

    private static let sliceRecords = 4000
    private static let sliceBytes = 16 << 20

    public init(directory: String, topic: String, from: String?, to: String?, speed: Double) throws {
        folder = DataFolder(path: directory)
        pattern = TopicPattern(topic)
        fromMs = try Self.instant(from, "--from") ?? .min
        toMs = try Self.instant(to, "--to") ?? .max
        guard speed >= 0 else { throw CommandFailure("--speed is \(speed), but takes 0 or more.", isUsage: true) }
        self.speed = speed
    }

    private static func instant(_ text: String?, _ flag: String) throws -> Int64? {
        guard let text else { return nil }
        guard let instant = Timestamp(text) else {
            throw CommandFailure("\(flag) is `\(text)`, but takes RFC 3339 with a zone, such as 2026-01-15T21:00:00Z.", isUsage: true)
        }
        return instant.milliseconds
    }

    /// Writes the values of the records in the window to standard output, in arrival order, at the asked pace.
    public func printRecords() async throws {
        let journal = try await folder.openExistingJournal()
        let writer = try LineWriter(path: "-")
        let began = ContinuousClock.now
        var firstMs: Int64?
        var cursor = fromMs == .min ? LogCursor.start : try await journal.cursor(atOrAfterMs: fromMs)
        let end = await journal.end()
        reading: while cursor < end {
            let slice = try await journal.fetch(
                matching: [pattern], from: cursor, maxRecords: Self.sliceRecords, maxBytes: Self.sliceBytes)
            for stored in slice.records {
                guard stored.timestampMs < toMs else { break reading }
                let first = firstMs ?? stored.timestampMs
                firstMs = first
                if speed > 0 {
                    try writer.flush()
                    let due = Duration.milliseconds(Int64(Double(stored.timestampMs - first) / speed))
                    try await Task.sleep(until: began + due, clock: .continuous)
                }
                try writer.write(stored.record.value)
            }
            guard slice.next > cursor else { break }
            cursor = slice.next
        }
        try writer.flush()
        try await journal.close()
    }

    /// Runs the log's whole past through a fresh engine and compares the incident revisions whose records lie in the window.
    ///
    /// The engine starts at the log's first record whatever the window is, because what it says of one night rests on what it
    /// saw before. A log whose oldest telemetry has been dropped gives a shadow that knows less.
    public func compareWithShadow() async throws -> String {
        let journal = try await folder.openExistingJournal()
        let logged = try await engineRecords(journal)
        let symbols = SymbolTable()
        var stage = EngineStage(engine: Engine(), symbols: symbols)
        let inputs: [TopicPattern] = [.siteEvents, .incidents, TopicPattern(Topic.heartbeat.rawValue)]
        var said: [String: [UInt8]] = [:]
        var read = 0
        var cursor = LogCursor.start
        let end = await journal.end()
        while cursor < end {
            let slice = try await journal.fetch(matching: inputs, from: cursor, maxRecords: Self.sliceRecords, maxBytes: Self.sliceBytes)
            guard slice.next > cursor else { break }
            read += slice.records.count
            for record in try stage.consume(slice).work where TopicPattern.incidents.matches(record.topic) {
                said[Self.identity(record.value)] = record.value
            }
            cursor = slice.next
        }
        try await journal.close()

        var lines: [String] = []
        for (id, value) in logged where said[id] != value {
            lines.append(said[id] == nil ? "only in the log     \(id)  \(Self.describe(value))" : "said otherwise now  \(id)  \(Self.describe(value))")
        }
        if fromMs == .min, toMs == .max {
            for (id, value) in said where logged[id] == nil { lines.append("only in the shadow  \(id)  \(Self.describe(value))") }
        }
        lines.sort()
        lines.append(
            "\(grouped(read)) records through a fresh engine: \(grouped(logged.count)) incident revisions in the log's window, \(grouped(lines.count)) differ")
        return lines.joined(separator: "\n") + "\n"
    }

    /// The engine's own lifecycle records in the window, by event id.
    private func engineRecords(_ journal: Journal) async throws -> [String: [UInt8]] {
        var records: [String: [UInt8]] = [:]
        var cursor = fromMs == .min ? LogCursor.start : try await journal.cursor(atOrAfterMs: fromMs)
        let end = await journal.end()
        while cursor < end {
            let slice = try await journal.fetch(
                matching: [.incidents], from: cursor, maxRecords: Self.sliceRecords, maxBytes: Self.sliceBytes)
            for stored in slice.records where stored.timestampMs < toMs && stored.record.header(LifecycleCodec.engineHeader) != nil {
                records[Self.identity(stored.record.value)] = stored.record.value
            }
            guard slice.next > cursor else { break }
            cursor = slice.next
        }
        return records
    }

    private struct Line: Decodable {
        struct Payload: Decodable { var incident: IncidentSnapshot }
        var event_id: String
        var event_type: String
        var payload: Payload
    }

    private static func identity(_ value: [UInt8]) -> String {
        (try? JSONDecoder().decode(Line.self, from: Data(value)))?.event_id ?? "unreadable"
    }

    private static func describe(_ value: [UInt8]) -> String {
        guard let line = try? JSONDecoder().decode(Line.self, from: Data(value)) else { return "unreadable" }
        return "\(line.event_type) revision \(line.payload.incident.revision): \(line.payload.incident.title)"
    }
}
