import CRdKafka
import Synchronization
import TowerStreaming

/// What topics the brokers have and with how many partitions, as of a moment ago.
final class TopicDirectory: Sendable {
    private struct State {
        var partitions: [TopicName: Int32] = [:]
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
    func partitions(of place: TopicName) -> Int32? { state.withLock { $0.partitions[place] } }

    var isFresh: Bool {
        state.withLock { state in
            state.readAt.map { .now - $0 < .milliseconds(configuration.topicsMaxAgeMs) } ?? false
        }
    }

    /// All topics in the order of their names, `__consumer_offsets` and the like left out.
    var all: [(topic: TopicName, partitions: Int32)] {
        state.withLock { state in
            state.partitions.filter { !$0.key.rawValue.hasPrefix("__") }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
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
            if state.partitions != found { state.revision += 1 }
            state.partitions = found
            state.readAt = .now
        }
    }

    /// Forgets how fresh the list is.
    func expire() { state.withLock { $0.readAt = nil } }

    private func note(_ topic: TopicName, _ partitions: Int32) {
        state.withLock { state in
            if state.partitions[topic] != partitions { state.revision += 1 }
            state.partitions[topic] = partitions
        }
    }

    /// Topics that have a leader everywhere. `only` asks for one topic, which makes the brokers create it if they may.
    private func read(only: OpaquePointer?) throws -> [TopicName: Int32] {
        let deadline = ContinuousClock.now + .milliseconds(configuration.callTimeoutMs)
        while true {
            var metadata: UnsafePointer<rd_kafka_metadata>?
            let rest = max((deadline - .now) / .milliseconds(1), 1)
            let error = rd_kafka_metadata(handle.pointer, only == nil ? 1 : 0, only, &metadata, Int32(min(rest, 600_000)))
            if error == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata {
                defer { rd_kafka_metadata_destroy(metadata) }
                return Self.topics(metadata.pointee)
            }
            guard EventLogError.Code.of(error) == .brokerAway, ContinuousClock.now < deadline else {
                throw handle.failure(error, "could not list the topics")
            }
            rd_kafka_poll(handle.pointer, 50)
        }
    }

    private static func topics(_ metadata: rd_kafka_metadata) -> [TopicName: Int32] {
        var topics: [TopicName: Int32] = [:]
        for index in 0..<Int(metadata.topic_cnt) {
            let topic = metadata.topics[index]
            guard topic.err == RD_KAFKA_RESP_ERR_NO_ERROR || topic.err == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, topic.partition_cnt > 0
            else { continue }
            topics[TopicName(String(cString: topic.topic))] = topic.partition_cnt
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
            try handle.create(wanted, timeoutMs: configuration.callTimeoutMs)
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
                if let partitions = try read(only: asked)[topic] {
                    note(topic, partitions)
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
