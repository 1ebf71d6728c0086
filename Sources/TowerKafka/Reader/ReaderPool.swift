import TowerStreaming

/// The readers of a log: each stays where its last caller stopped, so that going on costs nothing.
actor ReaderPool {
    private struct Idle {
        var reader: KafkaReader
        var cursor: LogCursor
        var since: ContinuousClock.Instant
    }
    private let configuration: KafkaConfiguration
    private var idle: [Idle] = []
    private var made = 0
    private var queue: [CheckedContinuation<Void, Never>] = []
    private var isClosed = false
    /// A reader that rested this long may be sent elsewhere before another is made.
    private static let rest = Duration.seconds(2)

    private let isOrdered: Bool

    /// - Parameter isOrdered: what its readers hand out of several partitions goes by time.
    init(_ configuration: KafkaConfiguration, isOrdered: Bool) {
        self.configuration = configuration
        self.isOrdered = isOrdered
    }

    /// The reader that stands at `cursor`, or any. Waits while all are at work. Give it back with `release`.
    func acquire(at cursor: LogCursor) async throws -> (reader: KafkaReader, isThere: Bool) {
        while true {
            guard !isClosed else { throw EventLogError.kafkaClosed }
            if let index = idle.firstIndex(where: { $0.cursor == cursor }) { return (idle.remove(at: index).reader, true) }
            // The one that has rested longest is the first.
            if let first = idle.first, made >= configuration.maxReaders || .now - first.since > Self.rest {
                return (idle.removeFirst().reader, false)
            }
            if made < configuration.maxReaders {
                made += 1
                do {
                    return (try KafkaReader(configuration, isOrdered: isOrdered), false)
                } catch {
                    made -= 1
                    throw error
                }
            }
            await withCheckedContinuation { queue.append($0) }
        }
    }

    func release(_ reader: KafkaReader, at cursor: LogCursor?) {
        if let cursor, !isClosed {
            idle.append(Idle(reader: reader, cursor: cursor, since: .now))
        } else {
            made -= 1
            reader.retire()
        }
        if !queue.isEmpty { queue.removeFirst().resume() }
    }

    func close() {
        isClosed = true
        for rested in idle { rested.reader.retire() }
        idle = []
        for waiting in queue { waiting.resume() }
        queue = []
    }
}
