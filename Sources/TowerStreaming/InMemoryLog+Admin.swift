extension InMemoryLog {
    public func topics(matching pattern: TopicPattern?) async throws -> [TopicDescription] {
        try read { state in
            state.topics.filter { $0.value.isListed && pattern?.matches($0.key) != false }.keys.sorted().compactMap { name in
                guard let topic = state.topics[name] else { return nil }
                let isEmpty = topic.places.count <= topic.start
                return TopicDescription(
                    topic: name, partitions: 1, retention: .of(name), startOffset: topic.start,
                    endOffset: Int64(topic.places.count),
                    bytes: topic.bytes,
                    firstTimestampMs: isEmpty ? nil : state.records[topic.places[Int(topic.start)]].timestampMs,
                    lastTimestampMs: isEmpty ? nil : topic.places.last.map { state.records[$0].timestampMs })
            }
        }
    }

    public func createTopic(_ topic: TopicName) async throws {
        guard topic.isValid else { throw EventLogError.badTopicName(topic) }
        try read { state in state.topics[topic, default: TopicState()].isListed = true }
    }

    public func deleteTopic(_ topic: TopicName) async throws {
        try read { state in
            guard var topicState = state.topics[topic], topicState.isListed else { throw EventLogError.unknownTopic(topic) }
            topicState.isListed = false
            topicState.start = Int64(topicState.places.count)
            topicState.bytes = 0
            state.topics[topic] = topicState
        }
    }
}
