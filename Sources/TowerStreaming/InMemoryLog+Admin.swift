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

    public func join(group: String, patterns: [TopicPattern]) async throws -> GroupMembership {
        let joined = try read { state in try state.groups.join(group, patterns: patterns) }
        return GroupMembership(group: group, epoch: joined.epoch, committed: joined.committed)
    }

    public func commit(_ membership: GroupMembership, cursor: LogCursor) async throws {
        try read { state in
            _ = try state.groups.commit(membership, cursor: cursor, end: Int64(state.records.count))
        }
    }

    public func leave(_ membership: GroupMembership) async throws {
        try read { state in _ = state.groups.leave(membership) }
    }

    public func seek(group: String, to cursor: LogCursor) async throws {
        try read { state in _ = try state.groups.seek(group, to: cursor, end: Int64(state.records.count)) }
    }

    public func groups() async throws -> [GroupDescription] {
        try read { state in
            let newestMs = state.records.last?.timestampMs ?? 0
            return state.groups.sorted.map { group in
                let unread = state.records.dropFirst(Int(group.committed.sequence)).filter {
                    Self.isReadable($0, in: state, group.patterns)
                }
                return GroupDescription(
                    group: group.name, patterns: group.patterns, committed: group.committed, offsetLag: Int64(unread.count),
                    timeLagMs: unread.first.map { newestMs - $0.timestampMs } ?? 0, members: group.members, epoch: group.epoch)
            }
        }
    }
}
