import Foundation
import TowerEngine
import TowerJournal
import TowerModel
import TowerPipeline
import TowerStreaming

extension ReplayJob {
    private static let sliceRecords = 4000
    private static let sliceBytes = 16 << 20

    /// Runs the log's whole past through a fresh engine and compares the incident revisions whose records lie in the window.
    ///
    /// The engine starts at the log's first record whatever the window is, because what it says of one night rests on what it
    /// saw before. A log whose oldest telemetry has been dropped gives a shadow that knows less.
    public func compareWithShadow() async throws -> String {
        guard options.url == nil else {
            throw CommandFailure("--shadow works on a data folder: a server gives out one tenant's records, the engine needs all.", isUsage: true)
        }
        let journal = try await folder.openExistingJournal()
        let logged = try await engineRecords(journal)
        let symbols = SymbolTable()
        var stage = EngineStage(engine: try options.stories.engine())
        let records = DecodedLog(
            log: journal, symbols: symbols, kinds: ReplayProcessor.engine.kinds,
            upcaster: try await RegistryReader.upcaster(of: journal, symbols: symbols))
        var said: [String: [UInt8]] = [:]
        var read = 0
        var cursor = LogCursor.start
        let end = await journal.end()
        while cursor < end {
            let slice = try await records.slice(
                of: ReplayProcessor.engine.kinds, from: cursor, maxRecords: Self.sliceRecords, maxBytes: Self.sliceBytes)
            guard slice.next > cursor else { break }
            read += slice.count
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
        if from == .beginning, to == .end {
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
        var cursor = try await journal.cursor(of: from)
        let end = try await journal.cursor(of: to)
        while cursor < end {
            let slice = try await journal.fetch(
                matching: [.incidents], from: cursor, maxRecords: Self.sliceRecords, maxBytes: Self.sliceBytes)
            for stored in slice.records
            where stored.sequence < end.sequence && stored.record.header(LifecycleCodec.engineHeader) != nil {
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
