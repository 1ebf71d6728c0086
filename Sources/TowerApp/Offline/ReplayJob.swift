import AsyncHTTPClient
import NIOCore
import TowerAPI
import TowerJournal
import TowerModel
public import TowerPipeline
import TowerStreaming

/// `towerco replay`: a window of the log again, at full speed or in its own rhythm, to a file, a server or a processor.
public struct ReplayJob: Sendable {
    /// Which instant of a record a paced replay follows.
    public enum Pace: String, CaseIterable, Sendable {
        /// When the log took it in.
        case arrival
        /// When it happened, by its own word; where it says none, when it was taken in.
        case event
    }

    public struct Options: Sendable {
        /// Data folder of a stopped server; not used when `url` is given.
        public var data = "data"
        /// Causal stories of a fresh engine.
        public var stories = StoryFolder.fromEnvironment()
        /// A running server.
        public var url: String?
        public var key: String?
        public var topic = "*"
        public var from: String?
        /// Where the window ends, the address of a server to send to, or both.
        public var to: [String] = []
        public var out = "-"
        public var into: ReplayProcessor?
        /// The processor knows nothing of what came before the window.
        public var isCold = false
        /// Times real time; 0 is full speed.
        public var speed = 0.0
        public var pace = Pace.arrival
        public init() {}
    }

    public struct Outcome: Sendable, Equatable {
        public var summary: String
        /// The sequence to go on from, when it was stopped before its end.
        public var stoppedAt: Int64?
    }

    let options: Options
    let folder: DataFolder
    let from: LogPlace
    let to: LogPlace
    private let target: String?
    private let time: PipelineTime

    public init(_ options: Options, time: PipelineTime = .system) throws {
        self.options = options
        self.time = time
        folder = DataFolder(path: options.data)
        target = options.to.first(where: Self.isAddress)
        let ends = options.to.filter { !Self.isAddress($0) }
        guard ends.count < 2, options.to.count - ends.count < 2 else {
            throw CommandFailure("--to is given too often: once for the window's end, once for a server's address.", isUsage: true)
        }
        from = try Self.place(options.from, "--from") ?? .beginning
        to = try Self.place(ends.first, "--to") ?? .end
        guard options.speed >= 0, options.speed.isFinite else {
            throw CommandFailure("--speed is \(options.speed), but takes 0 or more.", isUsage: true)
        }
        guard options.into == nil || target == nil else {
            throw CommandFailure("--into and --to with an address are two targets; name one.", isUsage: true)
        }
        guard options.into == nil || options.url == nil else {
            throw CommandFailure("--into works on a data folder: a server gives out one tenant's records, a processor needs all.", isUsage: true)
        }
    }

    private static func isAddress(_ text: String) -> Bool { text.hasPrefix("http://") || text.hasPrefix("https://") }

    private static func place(_ text: String?, _ flag: String) throws -> LogPlace? {
        guard let text else { return nil }
        guard let place = LogPlace(text) else {
            throw CommandFailure("\(flag) is `\(text)`, but takes \(LogPlace.forms).", isUsage: true)
        }
        return place
    }

    /// Runs to the window's end, or until the task is cancelled.
    ///
    /// - Parameter tell: progress, about a line a second.
    public func run(tell: @escaping @Sendable (String) -> Void) async throws -> Outcome {
        if let url = options.url { return try await runFromServer(url, tell) }
        let journal = try await folder.openExistingJournal()
        do {
            let start = try await journal.cursor(of: from)
            let end = try await journal.cursor(of: to)
            var sink = try await makeSink(from: start, log: journal, tell)
            let first = options.into == nil || options.isCold ? start : .start
            let source = LogSource(
                log: journal, patterns: options.into?.patterns ?? [TopicPattern(options.topic)], from: first, to: end)
            let outcome = try await pump(source, into: &sink, windowFrom: start.sequence, tell)
            try await journal.close()
            return outcome
        } catch {
            try? await journal.close()
            throw error
        }
    }

    private func runFromServer(_ url: String, _ tell: @escaping @Sendable (String) -> Void) async throws -> Outcome {
        var configuration = HTTPClient.Configuration()
        // A slow target keeps the stream waiting for as long as it takes.
        configuration.timeout = .init(connect: .seconds(10), read: nil)
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        do {
            let source = try await ServerSource(
                server: .fromEnvironment(url: url, key: options.key), client: client, topic: options.topic, from: options.from,
                to: options.to.first { !Self.isAddress($0) })
            let start = source.window.lowerBound
            var sink = try await makeSink(from: LogCursor(sequence: start), log: nil, tell)
            let outcome = try await pump(source, into: &sink, windowFrom: start, tell)
            try await client.shutdown()
            return outcome
        } catch {
            try? await client.shutdown()
            throw error
        }
    }

    private func makeSink(
        from start: LogCursor, log: (any EventLog)?, _ tell: @escaping @Sendable (String) -> Void
    ) async throws -> any ReplaySink {
        if let target { return ServerSink(client: .fromEnvironment(url: target, key: options.key), time: time, tell: tell) }
        if let into = options.into, let log {
            let symbols = SymbolTable()
            let upcaster = try await RegistryReader.upcaster(of: log, symbols: symbols)
            return try into.sink(
                path: options.out, from: start.sequence, topic: TopicPattern(options.topic), symbols: symbols, upcaster: upcaster,
                stories: options.stories)
        }
        return try FileSink(path: options.out)
    }

    /// Moves everything from the source to the sink, at the asked pace.
    ///
    /// - Parameter windowFrom: where the window begins; what a processor is fed before it comes at full speed.
    func pump(
        _ source: some ReplaySource, into sink: inout any ReplaySink, windowFrom: Int64, _ tell: @Sendable (String) -> Void
    ) async throws -> Outcome {
        var source = source
        var pacer = options.speed > 0 ? ReplayPacer(speed: options.speed) : nil
        var progress = ReplayProgress(window: source.window, now: time.nowNanoseconds())
        /// Everything below was taken by the sink; everything below `flushed` is where it goes.
        var place = windowFrom
        var flushed = place
        do {
            while let block = try await source.next() {
                try Task.checkCancellation()
                var start = 0
                for index in 0..<block.count where pacer != nil && block.entries[index].sequence >= windowFrom {
                    let now = time.nowNanoseconds()
                    guard let due = pacer?.due(instant(block, index), now: now), due > now else { continue }
                    try await sink.take(block, start..<index)
                    try await sink.flush()
                    start = index
                    place = block.entries[index].sequence
                    flushed = place
                    try await time.sleep(.nanoseconds(Int64(clamping: due - now)))
                }
                try await sink.take(block, start..<block.count)
                place = block.next.sequence
                if let line = progress.advance(records: block.count, at: place, now: time.nowNanoseconds()) { tell(line) }
            }
            try await sink.flush()
        } catch is CancellationError {
            // A file still takes what it was given; a server cannot be asked any more.
            if (try? await sink.flush()) != nil { flushed = place }
            return Outcome(summary: summary(progress, sink), stoppedAt: max(flushed, windowFrom))
        }
        return Outcome(summary: summary(progress, sink), stoppedAt: nil)
    }

    private func summary(_ progress: ReplayProgress, _ sink: any ReplaySink) -> String {
        let report = sink.report
        return progress.summary(now: time.nowNanoseconds()) + (report.isEmpty ? "" : "; " + report)
    }

    private func instant(_ block: LogBlock, _ index: Int) -> Int64 {
        let arrival = block.entries[index].timestampMs
        guard options.pace == .event else { return arrival }
        let said = EnvelopeFields.scan(Array(block.value(index)))?.timestamp
        return said.flatMap { Timestamp($0) }?.milliseconds ?? arrival
    }
}
