import CRdKafka
import TowerStreaming

/// A consumer without a group, set to places by hand: it goes on where its last caller stopped.
///
/// - Concurrency: everything but `init` runs on `thread`.
final class KafkaReader: @unchecked Sendable {
    struct Part {
        let partition: Partition
        let name: String
        let topic: OpaquePointer
        /// Values may be framed.
        let holdsEvents: Bool
        /// The next offset to hand out.
        var next: Int64
        /// Where records go out by their time.
        var lane = Lane()
    }
    let thread: WorkThread
    let handle: KafkaHandle
    let layout: KafkaTopicLayout
    private var queue: OpaquePointer?
    private var topics: [TopicName: OpaquePointer] = [:]
    /// In the order of their names.
    var parts: [Part] = []
    private let isOrdered: Bool
    var recordsSinceSweep = 0
    /// Parts of the cursor that are not read here; they stay in it.
    private var carried: [LogPart] = []
    private var carriedSum: Int64 = 0
    /// Of everything in the cursor.
    private(set) var sum: Int64 = 0
    private var waiting: [UnsafeMutablePointer<rd_kafka_message_t>?] = []
    private var waitingAt = 0
    private var lastPart = -1
    var topicNumbers = TopicNumbers()
    private static let batch = 1000

    /// - Parameter isOrdered: several partitions go out by the time of their records.
    init(_ configuration: KafkaConfiguration, isOrdered: Bool) throws(EventLogError) {
        self.isOrdered = isOrdered
        layout = configuration.layout
        handle = try KafkaHandle(
            .consumer, configuration.consumerSettings() + [("enable.partition.eof", "true")], extra: configuration.extra)
        thread = try WorkThread("kafka-read")
    }

    deinit {
        thread.stop()
        stopAll()
        for topic in topics.values { rd_kafka_topic_destroy(topic) }
    }

    /// Ends on its own thread, as stopping blocks.
    func retire() {
        thread.submit { self.stopAll() }
        thread.stop()
    }

    var cursor: LogCursor {
        parts.isEmpty && carried.isEmpty
            ? .start : LogCursor(parts: carried + parts.map { LogPart(name: $0.name, next: $0.next) })
    }

    // MARK: Places

    /// Goes to a cursor, or goes on from it where it stands there already.
    func go(to cursor: LogCursor, _ partitions: [Partition], isThere: Bool, timeoutMs: Int) throws {
        if isThere {
            try add(partitions, at: cursor, timeoutMs: timeoutMs)
        } else {
            try move(to: cursor, partitions, timeoutMs: timeoutMs)
        }
    }

    /// Goes to a cursor; those of `partitions` that it does not name are read from their oldest record.
    private func move(to cursor: LogCursor, _ partitions: [Partition], timeoutMs: Int) throws {
        stopAll()
        let names = Set(partitions.map(\.name))
        carried = cursor.parts.filter { !names.contains($0.name) }
        carriedSum = carried.reduce(0) { $0 + $1.next }
        sum = carriedSum
        try add(partitions, at: cursor, timeoutMs: timeoutMs)
    }

    /// Takes partitions in that it does not read yet.
    private func add(_ partitions: [Partition], at cursor: LogCursor, timeoutMs: Int) throws {
        let known = Set(parts.map(\.name))
        let new = partitions.filter { !known.contains($0.name) }
        guard !new.isEmpty else { return }
        let unnamed = new.filter { cursor.next(in: $0.name) == nil }
        let oldest = try handle.offsets(unnamed, .oldest, timeoutMs: timeoutMs)
        if queue == nil, !isOrdered { queue = rd_kafka_queue_new(handle.pointer) }
        for partition in new {
            let next = max(cursor.next(in: partition.name) ?? oldest[partition] ?? 0, 0)
            let part = Part(
                partition: partition, name: partition.name, topic: try topic(partition.topic),
                holdsEvents: KafkaTopicLayout.holdsEvents(partition.topic), next: next)
            try start(part)
            parts.append(part)
        }
        parts.sort { $0.name < $1.name }
        lastPart = -1
        carried.removeAll { part in new.contains { $0.name == part.name } }
        carriedSum = carried.reduce(0) { $0 + $1.next }
        sum = carriedSum + parts.reduce(0) { $0 + $1.next }
    }

    private func topic(_ name: TopicName) throws -> OpaquePointer {
        if let known = topics[name] { return known }
        guard let made = rd_kafka_topic_new(handle.pointer, name.rawValue, nil) else {
            throw EventLogError.kafka(rd_kafka_last_error(), "could not read topic \(name)")
        }
        topics[name] = made
        return made
    }

    private func start(_ part: Part) throws {
        let (topic, number) = (part.topic, part.partition.number)
        let isStarted =
            isOrdered ? rd_kafka_consume_start(topic, number, part.next) : rd_kafka_consume_start_queue(topic, number, part.next, queue)
        guard isStarted == 0 else {
            throw EventLogError.kafka(rd_kafka_last_error(), "could not read \(part.name) from \(part.next)")
        }
    }

    private func stopAll() {
        for part in parts {
            for message in part.lane.messages[part.lane.at...] { rd_kafka_message_destroy(message) }
            rd_kafka_consume_stop(part.topic, part.partition.number)
        }
        parts = []
        lastPart = -1
        while let message = waitingAt < waiting.count ? waiting[waitingAt] : nil {
            rd_kafka_message_destroy(message)
            waitingAt += 1
        }
        waiting = []
        waitingAt = 0
        // A queue of its own for each place: nothing of the old one can turn up later.
        if let queue { rd_kafka_queue_destroy(queue) }
        queue = nil
    }

    // MARK: Messages

    /// The next message of a partition with its part, still to be taken; waits up to `timeoutMs` for one.
    func peek(timeoutMs: Int) throws -> (message: UnsafeMutablePointer<rd_kafka_message_t>, part: Int)? {
        guard !isOrdered else { return try peekInTime(timeoutMs: timeoutMs) }
        var timeoutMs = timeoutMs
        while true {
            if waitingAt == waiting.count { load(timeoutMs: timeoutMs) }
            guard waitingAt < waiting.count, let message = waiting[waitingAt] else { return nil }
            timeoutMs = 0
            let index = part(of: message)
            if index >= 0, message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR, message.pointee.offset >= parts[index].next {
                return (message, index)
            }
            if index >= 0, message.pointee.err == RD_KAFKA_RESP_ERR__PARTITION_EOF { pass(index, to: message.pointee.offset) }
            let error = message.pointee.err
            drop()
            if index >= 0 { try handle(error, of: index) }
        }
    }

    /// Done with the message that `peek` gave: everything up to it counts as read.
    func take(_ part: Int, _ offset: Int64) {
        pass(part, to: offset + 1)
        if isOrdered { dropHead(part) } else { drop() }
    }

    private func drop() {
        if let message = waiting[waitingAt] { rd_kafka_message_destroy(message) }
        waitingAt += 1
    }

    func pass(_ part: Int, to next: Int64) {
        guard next > parts[part].next else { return }
        sum += next - parts[part].next
        parts[part].next = next
    }

    private func load(timeoutMs: Int) {
        waiting.removeAll(keepingCapacity: true)
        waitingAt = 0
        guard let queue else { return }
        rd_kafka_poll(handle.pointer, 0)
        let room = [UnsafeMutablePointer<rd_kafka_message_t>?](unsafeUninitializedCapacity: Self.batch) { room, count in
            room.initialize(repeating: nil)
            count = max(Int(rd_kafka_consume_batch_queue(queue, 0, room.baseAddress, room.count)), 0)
        }
        waiting = room
        // A batch waits until it is full; a single message does not.
        if waiting.isEmpty, timeoutMs > 0, let first = rd_kafka_consume_queue(queue, Int32(timeoutMs)) { waiting.append(first) }
    }

    private func part(of message: UnsafeMutablePointer<rd_kafka_message_t>) -> Int {
        let topic = message.pointee.rkt
        let number = message.pointee.partition
        if lastPart >= 0, parts[lastPart].topic == topic, parts[lastPart].partition.number == number { return lastPart }
        let found = parts.firstIndex { $0.topic == topic && $0.partition.number == number } ?? -1
        if found >= 0 { lastPart = found }
        return found
    }

    /// Transient errors are librdkafka's to retry; a place that does not exist any more is ours.
    func handle(_ error: rd_kafka_resp_err_t, of index: Int) throws {
        switch error {
        case RD_KAFKA_RESP_ERR_NO_ERROR, RD_KAFKA_RESP_ERR__PARTITION_EOF: return
        case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET, RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
            let part = parts[index]
            let oldest = try handle.offsets([part.partition], .oldest, timeoutMs: 5000)[part.partition] ?? 0
            guard part.next < oldest else {
                throw EventLogError(
                    .corrupt,
                    "could not read \(part.name) from \(part.next): the brokers end before it, so the topic was cut or made anew;"
                        + " seek the group")
            }
            rd_kafka_consume_stop(part.topic, part.partition.number)
            for message in parts[index].lane.messages[parts[index].lane.at...] { rd_kafka_message_destroy(message) }
            parts[index].lane = Lane()
            pass(index, to: oldest)
            try start(parts[index])
        default:
            let code = EventLogError.Code.of(error)
            if code == .notAuthorised || code == .unknownTopic || code == .corrupt {
                throw EventLogError.kafka(error, "could not read \(parts[index].name)")
            }
        }
    }
}
