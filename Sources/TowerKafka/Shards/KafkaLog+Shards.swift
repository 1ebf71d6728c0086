public import TowerStreaming

// Tenants dealt out to shards (ADR-041): which partitions are whose, who runs which, and what a group takes over from the groups of
// another number of shards.

extension KafkaLog {
    /// All shards of this log, in order.
    public var shards: [TenantShard] {
        let count = configuration.topics.shards
        return (0..<count).map { TenantShard($0, of: count) }
    }

    /// The log as the readers of one shard see it. Close it when they are done; this log stays open.
    public func shard(_ shard: TenantShard) -> KafkaShard { KafkaShard(self, shard) }

    /// Whether the brokers' topics are dealt out to as many shards as the configuration says. Throws `badSetting`, `brokerAway`.
    public func checkShards() async throws {
        try checkOpen()
        let wanted = configuration.topics.shards
        let place = KafkaTopicLayout.families[0].place
        let layout = configuration.layout
        try await calls.run { [directory] in
            if !directory.isFresh { try directory.refresh() }
            let found = directory.partitions(of: Topic.shards) ?? 1
            guard found == wanted else {
                throw EventLogError.badSetting(
                    "shards",
                    "is \(wanted), but \(Topic.shards) of the brokers has \(found) partitions: tenants are dealt out to \(found). Set it to that, or"
                        + " change the number as docs/deployment.md says")
            }
            guard layout == .keyed, wanted > 1, let partitions = directory.partitions(of: place) else { return }
            guard partitions % wanted == 0 else {
                throw EventLogError.badSetting(
                    "shards", "is \(wanted), but must divide the partitions of \(place), which are \(partitions)")
            }
        }
    }

    /// Whether a reader of the shard reads a partition: its own of the topics that are dealt out, all of the others.
    func isRead(_ partition: Partition, by shard: TenantShard) -> Bool {
        isDealt(partition.topic, shard.count) ? shard.holds(partition: partition.number) : true
    }

    /// A topic that somebody gave another number of partitions is read by all, who leave out what is not theirs.
    func isDealt(_ topic: TopicName, _ count: Int32) -> Bool {
        guard KafkaTopicLayout.dealt.contains(topic), let partitions = directory.partitions(of: topic) else { return false }
        return partitions % count == 0
    }

    // MARK: Who runs which

    /// Joins those who share out the shards of a group among themselves.
    ///
    /// - Parameter member: a name that no other process has.
    public func joinShards(of group: String, member: String) async throws -> GroupMember {
        try await join(
            group: group + ".shards", patterns: [TopicPattern(Topic.shards.rawValue)], member: member,
            sessionMs: Int64(configuration.sessionMs))
    }

    /// What it is given at the moment. Asking is also its sign of life. Throws `staleMember` when it is none any more.
    public func shards(of member: GroupMember) async throws -> [TenantShard] {
        let count = configuration.topics.shards
        return try await assignment(of: member).slots.flatMap(\.next.parts).compactMap(\.place).compactMap { place in
            place.topic == Topic.shards && place.partition < count ? TenantShard(place.partition, of: count) : nil
        }
    }

    // MARK: Another number of shards

    /// The committed places of a group and, where they are further, of the groups that read the same for another number of shards:
    /// what those have decided is not decided again.
    ///
    /// Where the brokers do not list groups, only the group without shards is asked.
    func furthest(_ committed: [Partition: Int64], of group: String, _ partitions: [Partition]) async throws -> [Partition: Int64] {
        let own = TenantShard(group: group)?.count ?? 1
        let base = TenantShard.base(ofGroup: group)
        let timeoutMs = configuration.callTimeoutMs
        let listed = try await calls.run { [control] in try? control.groups(timeoutMs: min(timeoutMs, 1000)) }
        let others = (listed ?? (own > 1 ? [base] : [])).filter { name in
            TenantShard.base(ofGroup: name) == base && (TenantShard(group: name)?.count ?? 1) != own
        }
        var furthest = committed
        for name in others {
            let observer = try KafkaHandle(
                .consumer, configuration.consumerSettings() + [("group.id", name)], extra: configuration.extra)
            let theirs = try await calls.run { try observer.committed(name, partitions, timeoutMs: timeoutMs) }
            furthest.merge(theirs) { max($0, $1) }
        }
        return furthest
    }
}
