import CRdKafka
import Synchronization
import TowerStreaming

/// What topics the brokers have and with how many partitions, as of a moment ago.
final class TopicDirectory: Sendable {
    private struct Shape: Equatable {
        var partitions: Int32
        /// Copies of the partition that has fewest.
        var replication: Int32
    }
    private struct State {
        var shapes: [TopicName: Shape] = [:]
        var readAt: ContinuousClock.Instant?
        /// Rises when something in `partitions` changed.
        var revision: Int64 = 0
    }
    private let state = Mutex(State())
    private let handle: KafkaHandle
    private let configuration: KafkaConfiguration

    init(_ handle: KafkaHandle, _ configuration: KafkaConfiguration) {
        self.handle = handle
        self.configuration = configuration
    }

    var revision: Int64 { state.withLock { $0.revision } }

    /// `nil` when it is not known to exist.
    func partitions(of place: TopicName) -> Int32? { state.withLock { $0.shapes[place]?.partitions } }

    func replication(of place: TopicName) -> Int32? { state.withLock { $0.shapes[place]?.replication } }

    var isFresh: Bool {
        state.withLock { state in
            state.readAt.map { .now - $0 < .milliseconds(configuration.topicsMaxAgeMs) } ?? false
        }
    }

    /// All topics in the order of their names, `__consumer_offsets` and the like left out.
    var all: [(topic: TopicName, partitions: Int32)] {
        state.withLock { state in
            state.shapes.filter { !$0.key.rawValue.hasPrefix("__") }.sorted { $0.key < $1.key }.map { ($0.key, $0.value.partitions) }
        }
    }

    /// Partitions of all topics that may hold records of `patterns`, in the order of their names.
    func partitions(matching patterns: [TopicPattern]) -> [Partition] {
        all.filter { topic in patterns.contains { configuration.layout.mayHold(topic.topic, $0) } }.flatMap { topic in
            (0..<topic.partitions).map { Partition(topic: topic.topic, number: $0) }
        }.sorted()
    }

    /// Reads the list anew. Blocks.
    func refresh() throws {
        let found = try read(only: nil)
        state.withLock { state in
            if state.shapes != found { state.revision += 1 }
            state.shapes = found
            state.readAt = .now
        }
    }

    /// Forgets how fresh the list is.
    func expire() { state.withLock { $0.readAt = nil } }

    private func note(_ topic: TopicName, _ shape: Shape) {
        state.withLock { state in
            if state.shapes[topic] != shape { state.revision += 1 }
            state.shapes[topic] = shape
        }
    }

    /// Topics that have a leader everywhere. `only` asks for one topic, which makes the brokers create it if they may.
    private func read(only: OpaquePointer?) throws -> [TopicName: Shape] {
        let deadline = ContinuousClock.now + .milliseconds(configuration.callTimeoutMs)
        // Short at first, so that a refusal is told at once and not when the time is over; longer each time, for brokers that are slow.
        var patience = Duration.milliseconds(250)
        while true {
            var metadata: UnsafePointer<rd_kafka_metadata>?
            let rest = max(min(deadline - .now, patience) / .milliseconds(1), 1)
            let error = rd_kafka_metadata(handle.pointer, only == nil ? 1 : 0, only, &metadata, Int32(min(rest, 600_000)))
            if error == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata {
                defer { rd_kafka_metadata_destroy(metadata) }
                handle.events.passed()
                return Self.topics(metadata.pointee)
            }
            // What went wrong on the way is told here.
            rd_kafka_poll(handle.pointer, 50)
            let code = EventLogError.Code.of(error)
            guard code == .brokerAway || code == .loginRefused, ContinuousClock.now < deadline, !handle.events.isShutOut else {
                // Brokers that are away or refuse us are heard of. Nothing at all is something else.
                guard code != .brokerAway || handle.events.trouble != nil else {
                    throw EventLogError(
                        .brokerAway,
                        "could not list the topics: no answer within \(configuration.callTimeoutMs) ms and no error either, so something"
                            + " takes connections and says nothing; look at the brokers' ports and at what stands between")
                }
                throw handle.failure(error, "could not list the topics")
            }
            patience = patience * 2
        }
    }

    private static func topics(_ metadata: rd_kafka_metadata) -> [TopicName: Shape] {
        var topics: [TopicName: Shape] = [:]
        for index in 0..<Int(metadata.topic_cnt) {
            let topic = metadata.topics[index]
            guard topic.err == RD_KAFKA_RESP_ERR_NO_ERROR || topic.err == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, topic.partition_cnt > 0
            else { continue }
            let copies = (0..<Int(topic.partition_cnt)).map { topic.partitions[$0].replica_cnt }.min() ?? 0
            topics[TopicName(String(cString: topic.topic))] = Shape(partitions: topic.partition_cnt, replication: copies)
        }
        return topics
    }

    /// Makes sure that a topic exists: looks, creates it, or where the brokers do not take that, lets them create it when it is
    /// asked for. Blocks.
    func ensure(_ places: Set<TopicName>) throws {
        var missing = places.filter { partitions(of: $0) == nil }
        guard !missing.isEmpty else { return }
        try refresh()
        missing = missing.filter { partitions(of: $0) == nil }
        guard !missing.isEmpty else { return }
        let wanted = missing.sorted().map {
            configuration.topics.wanted($0, layout: configuration.layout, maxRecordBytes: configuration.maxRecordBytes)
        }
        do {
            if configuration.createsTopics { try handle.create(wanted, timeoutMs: configuration.callTimeoutMs) }
        } catch {
            // Where the brokers cannot, they are asked for below: many create a topic then by themselves.
            if error.code != .unsupported { throw error }
        }
        let deadline = ContinuousClock.now + .milliseconds(configuration.callTimeoutMs)
        for topic in missing.sorted() {
            guard let asked = rd_kafka_topic_new(handle.pointer, topic.rawValue, nil) else {
                throw EventLogError.kafka(rd_kafka_last_error(), "could not use topic \(topic)")
            }
            defer { rd_kafka_topic_destroy(asked) }
            while true {
                if let shape = try read(only: asked)[topic] {
                    note(topic, shape)
                    break
                }
                guard ContinuousClock.now < deadline else {
                    throw EventLogError(
                        .unknownTopic, "could not find topic \(topic), nor create it within \(configuration.callTimeoutMs) ms; create it")
                }
                rd_kafka_poll(handle.pointer, 20)
            }
        }
    }
}
