import TowerJournal
import TowerStreaming

/// `towerco bench fetch`: reads a journal of known content as records, as blocks and by topic.
public struct FetchBench: Sendable {
    private let options: BenchOptions
    private let output: BenchOutput

    /// - Parameter options: `events` are written first and then read by each way in turn.
    public init(_ options: BenchOptions, output: BenchOutput) throws {
        try options.check()
        self.options = options
        self.output = output
    }

    private enum Way: String, CaseIterable { case records, blocks, topic }

    public func run() async throws {
        let folder = try BenchFolder(options.directory)
        let load = options.load(topics: options.topics)
        let log = try await Journal.forBench(folder.fresh("fetch"))
        output.progress("fetch: writing \(grouped(options.events)) events to \(grouped(options.topics)) topics")
        let events = try await load.append(
            to: log, callers: options.callers, bound: .init(seconds: .infinity, events: options.events))
        var runs: [Way: [BenchResult]] = [:]
        for round in 1...options.pairs {
            output.progress("fetch: round \(round) of \(options.pairs)")
            for way in Way.allCases {
                var result = BenchResult("fetch.\(way.rawValue)")
                result.topics = options.topics
                result.callers = 1
                let watch = Stopwatch()
                (result.events, result.bytes) = try await read(log, by: way)
                watch.read(into: &result)
                guard way == .topic || result.events == events else {
                    throw CommandFailure(
                        "Fetched \(result.events) of \(events) events: the journal lost some, which no figure excuses.")
                }
                runs[way, default: []].append(result)
                try output.emit(result)
            }
        }
        try await log.close()
        folder.remove("fetch")
        guard options.pairs > 1 else { return }
        for way in Way.allCases {
            if let summary = BenchResult.summary("fetch.\(way.rawValue)", of: runs[way] ?? []) { try output.emit(summary) }
        }
    }

    /// - Returns: events and bytes of values.
    private func read(_ log: Journal, by way: Way) async throws -> (Int, Int) {
        switch way {
        case .records: return try await readRecords(log)
        case .blocks: return try await readBlocks(log)
        case .topic: return try await readTopics(log)
        }
    }

    private func readRecords(_ log: Journal) async throws -> (Int, Int) {
        let end = await log.end()
        var cursor = LogCursor.start
        var (events, bytes) = (0, 0)
        while cursor < end {
            let slice = try await log.fetch(matching: [.siteEvents], from: cursor, maxRecords: 5000, maxBytes: 4 << 20)
            guard slice.next > cursor else { break }
            events += slice.records.count
            for stored in slice.records { bytes += stored.record.value.count }
            cursor = slice.next
        }
        return (events, bytes)
    }

    private func readBlocks(_ log: Journal) async throws -> (Int, Int) {
        let end = await log.end()
        var cursor = LogCursor.start
        var (events, bytes) = (0, 0)
        while cursor < end {
            let block = try await log.fetchBlock(matching: [.siteEvents], from: cursor, maxRecords: 20_000, maxBytes: 8 << 20)
            guard block.next > cursor else { break }
            events += block.count
            for entry in block.entries { bytes += Int(entry.valueEnd - entry.valueStart) }
            cursor = block.next
        }
        return (events, bytes)
    }

    /// Whole topics, one after the other, for as long as a run may take: each is read from its first offset to its end.
    private func readTopics(_ log: Journal) async throws -> (Int, Int) {
        let stop = ProcessorTime.nanoseconds() + Int64(options.seconds * 1e9)
        var (events, bytes) = (0, 0)
        for number in 0..<options.topics where ProcessorTime.nanoseconds() < stop {
            let digits = String(number)
            let topic = Topic.siteEvents(site: "SITE-" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits)
            var offset: Int64 = 0
            while true {
                let records: [StoredRecord]
                do { records = try await log.fetch(topic: topic, from: offset, maxBytes: 1 << 20) } catch let error
                    as EventLogError
                    where error.code == .unknownTopic
                { break }
                guard let last = records.last else { break }
                events += records.count
                for stored in records { bytes += stored.record.value.count }
                offset = last.offset + 1
            }
        }
        return (events, bytes)
    }
}
