import Synchronization
public import TowerStreaming

extension Journal {
    public func topics(matching pattern: TopicPattern?) async throws -> [TopicDescription] {
        try checkOpen()
        let found = catalog.read { state in
            (0..<state.topics.count).compactMap { number -> TopicDescription? in
                let topic = state.topics.states[number]
                guard topic.isListed else { return nil }
                let name = TopicName(String(decoding: state.topics.bytes(number), as: UTF8.self))
                guard pattern?.matches(name) != false else { return nil }
                let isEmpty = topic.next <= topic.start
                return TopicDescription(
                    topic: name, partitions: 1, retention: topic.retention, startOffset: topic.start, endOffset: topic.next,
                    bytes: topic.bytes, firstTimestampMs: isEmpty ? nil : topic.firstTimestampMs,
                    lastTimestampMs: isEmpty ? nil : topic.lastTimestampMs)
            }
        }
        return found.sorted { $0.topic < $1.topic }
    }

    public func createTopic(_ topic: TopicName) async throws {
        guard topic.isValid else { throw EventLogError.badTopicName(topic) }
        try checkOpen()
        guard !isListed(topic) else { return }
        try await appendControl([topic], flags: .declaration)
    }

    public func deleteTopic(_ topic: TopicName) async throws {
        try checkOpen()
        guard isListed(topic) else { throw EventLogError.unknownTopic(topic) }
        // Before the deletion: a topic made anew under this name must not lose records to the old one's cleanup.
        if configuration(of: topic) != TopicConfiguration() { try await createTopic(topic, TopicConfiguration()) }
        try await appendControl([topic], flags: .tombstone)
    }

    private func isListed(_ topic: TopicName) -> Bool {
        catalog.read { state in state.topics.number(of: topic).map { state.topics.states[Int($0)].isListed } ?? false }
    }
}
