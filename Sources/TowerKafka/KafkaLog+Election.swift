import TowerStreaming

extension KafkaLog {
    /// Every process that wants to be the group's one member joins the brokers' group for the one partition of the heartbeat's topic.
    /// Who is given it is the member; the others wait here and take over when it leaves, or when its session ends. The places that
    /// the group commits are of its own topics: the brokers take them from any member of the generation.
    func joinElected(_ group: String, _ patterns: [TopicPattern]) async throws -> GroupMembership {
        let place = place(of: Topic.heartbeat)
        try await calls.run { [directory] in try directory.ensure([place]) }
        let session = try GroupSession(
            configuration, group: group, patterns: [TopicPattern(Topic.heartbeat.rawValue)], places: [place], instance: nil,
            sessionMs: nil, lead: Partition(topic: place, number: 0), clock: clock)
        do {
            while !session.holdsItsPart {
                try checkOpen()
                guard !session.isOver else {
                    throw EventLogError(.brokerAway, "could not join group \(group): its client ended; try again")
                }
                try await Task.sleep(for: .milliseconds(50))
            }
            let epoch = members.add(group, patterns, single: session)
            let partitions = try await partitions(matching: patterns)
            let committed = try await furthest(try await session.committed(partitions), of: group, partitions)
            return GroupMembership(
                group: group, epoch: epoch, committed: LogCursor(parts: committed.map { LogPart(name: $0.key.name, next: $0.value) }))
        } catch {
            _ = members.dismiss(group)
            session.end()
            throw error
        }
    }
}
