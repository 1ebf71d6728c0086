public import TowerStreaming

extension KafkaLog {
    /// The broker's topics: in the keyed layout one for many logical topics. Offsets are summed over partitions.
    public func topics(matching pattern: TopicPattern?) async throws -> [TopicDescription] {
        try checkOpen()
        let partitions = try await partitions(matching: [pattern ?? TopicPattern("*")])
        let timeoutMs = configuration.callTimeoutMs
        let (oldest, ends) = try await calls.run { [control] in
            (
                try control.offsets(partitions, .oldest, timeoutMs: timeoutMs), try control.offsets(partitions, .end, timeoutMs: timeoutMs)
            )
        }
        let plan = configuration.topics
        let telemetry = Set(
            Set(partitions.map(\.topic)).filter { plan.isTelemetry($0, layout: configuration.layout) })
        return Dictionary(grouping: partitions, by: \.topic).sorted { $0.key < $1.key }.map { topic, parts in
            TopicDescription(
                topic: topic, partitions: parts.count, retention: telemetry.contains(topic) ? .telemetry : .business,
                startOffset: parts.reduce(0) { $0 + (oldest[$1] ?? 0) }, endOffset: parts.reduce(0) { $0 + (ends[$1] ?? 0) },
                bytes: 0, firstTimestampMs: nil, lastTimestampMs: nil)
        }
    }

    public func createTopic(_ topic: TopicName) async throws {
        try checkOpen()
        guard topic.isValid else { throw EventLogError.badTopicName(topic) }
        let place = place(of: topic)
        try await calls.run { [directory] in try directory.ensure([place]) }
    }

    /// Only where the topic has a broker's topic of its own; from a shared one records go by retention.
    public func deleteTopic(_ topic: TopicName) async throws {
        try checkOpen()
        let place = place(of: topic)
        guard !KafkaTopicLayout.keyedTopics.contains(place) || configuration.layout == .perSite else {
            throw EventLogError(
                .unsupported, "could not delete topic \(topic): its records share \(place) with others and go by its retention")
        }
        let timeoutMs = configuration.callTimeoutMs
        try await calls.run { [control, directory] in
            try directory.refresh()
            guard directory.partitions(of: place) != nil else { throw EventLogError.unknownTopic(topic) }
            try control.delete(place, timeoutMs: timeoutMs)
            directory.expire()
        }
    }

    /// Deletes a topic of the broker with everything in it, whatever logical topics share it.
    public func deleteBrokerTopic(_ place: TopicName) async throws {
        try checkOpen()
        let timeoutMs = configuration.callTimeoutMs
        try await calls.run { [control, directory] in
            try control.delete(place, timeoutMs: timeoutMs)
            directory.expire()
        }
    }
}
