import CRdKafka
public import TowerStreaming

extension KafkaLog {
    /// The groups of this process and, where the brokers tell, all others. In the keyed layout lag counts all records of the
    /// broker's topics that the patterns lie in.
    public func groups() async throws -> [GroupDescription] { try await groups(among: nil) }

    /// The same of these names only; of all where there are none.
    public func groups(among names: Set<String>?) async throws -> [GroupDescription] {
        try checkOpen()
        let timeoutMs = configuration.callTimeoutMs
        var known = members.all.map { (name: $0.name, group: Optional($0.group)) }
        let listed = try await calls.run { [control] () -> [String] in
            do {
                return try control.groups(timeoutMs: min(timeoutMs, 1000))
            } catch {
                // The list is an extra; the groups of this process are described in any case.
                return []
            }
        }
        for name in listed where (names?.contains(name) ?? true) && !known.contains(where: { $0.name == name }) { known.append((name, nil)) }
        var descriptions: [GroupDescription] = []
        for (name, group) in known.sorted(by: { $0.name < $1.name }) {
            descriptions.append(try await describe(name, group))
        }
        return descriptions
    }

    private func describe(_ name: String, _ group: GroupMembers.Known?) async throws -> GroupDescription {
        let timeoutMs = configuration.callTimeoutMs
        let shard = TenantShard(group: name)
        let partitions = try await partitions(matching: group?.patterns ?? [TopicPattern("*")]).filter { partition in
            shard.map { isRead(partition, by: $0) } ?? true
        }
        let committed: [Partition: Int64]
        if let session = group?.sessions.first(where: { !$0.isOver }) {
            committed = try await session.committed(partitions)
        } else {
            let observer = try KafkaHandle(
                .consumer, configuration.consumerSettings() + [("group.id", name)], extra: configuration.extra)
            committed = try await calls.run { try observer.committed(name, partitions, timeoutMs: timeoutMs) }
        }
        let read = group == nil ? partitions.filter { committed[$0] != nil } : partitions
        let (oldest, ends) = try await calls.run { [control] in
            (try control.offsets(read, .oldest, timeoutMs: timeoutMs), try control.offsets(read, .end, timeoutMs: timeoutMs))
        }
        let unread = read.compactMap { partition -> (partition: Partition, next: Int64, count: Int64)? in
            let next = max(committed[partition] ?? 0, oldest[partition] ?? 0)
            let count = (ends[partition] ?? 0) - next
            return count > 0 ? (partition, next, count) : nil
        }
        var timeLagMs: Int64 = 0
        if !unread.isEmpty {
            let first = try await times(unread.map { ($0.partition, $0.next) }).min()
            let last = try await times(read.filter { (ends[$0] ?? 0) > (oldest[$0] ?? 0) }.map { ($0, (ends[$0] ?? 1) - 1) }).max()
            if let first, let last { timeLagMs = max(last - first, 0) }
        }
        var shares: [GroupShare] = []
        for (member, shared) in (group?.shared ?? [:]).sorted(by: { $0.key < $1.key }) where !shared.session.isOver {
            let slots = try await shared.session.holdings().map { partition, holding in
                GroupSlot(
                    slot: members.slot(of: partition), since: holding.since,
                    next: LogCursor(parts: [LogPart(name: partition.name, next: holding.committed ?? 0)]))
            }
            shares.append(GroupShare(member: member, slots: slots))
        }
        let isHeld = group?.single.map { !$0.session.isOver && !$0.session.wasLost } ?? false
        return GroupDescription(
            group: name, patterns: group?.patterns ?? [],
            committed: LogCursor(parts: committed.map { LogPart(name: $0.key.name, next: $0.value) }),
            offsetLag: unread.reduce(0) { $0 + $1.count }, timeLagMs: timeLagMs, members: isHeld ? 1 : shares.count,
            epoch: group?.epoch ?? 0, shares: shares)
    }

    /// The times of single records; of places where there is none any more, that of the next.
    private func times(_ places: [(Partition, Int64)]) async throws -> [Int64] {
        let timeoutMs = configuration.callTimeoutMs
        let cursor = LogCursor(parts: places.map { LogPart(name: $0.0.name, next: $0.1) })
        let partitions = places.map(\.0)
        return try await withReader(at: cursor, of: lookers) { reader, isThere in
            try reader.go(to: cursor, partitions, isThere: isThere, timeoutMs: timeoutMs)
            return try reader.firstTimes(timeoutMs: timeoutMs)
        }
    }
}

extension KafkaReader {
    /// The time of the next record of every part; a part whose end was reached has none.
    func firstTimes(timeoutMs: Int) throws -> [Int64] {
        var times: [Int: Int64] = [:]
        let deadline = ContinuousClock.now + .milliseconds(timeoutMs)
        while times.count < parts.count, ContinuousClock.now < deadline {
            guard let (message, part) = try peek(timeoutMs: 50) else { continue }
            if times[part] == nil { times[part] = rd_kafka_message_timestamp(message, nil) }
            take(part, message.pointee.offset)
        }
        return Array(times.values)
    }
}

extension KafkaHandle {
    /// Commits without being a member, which brokers take from an empty group only. Blocks.
    func commitAlone(_ group: String, _ places: [(Partition, Int64)]) throws {
        let error = PartitionList.with(places) { list in rd_kafka_commit(pointer, list.pointer, 0) }
        guard error != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
        guard EventLogError.Code.of(error) == .staleMember else { throw failure(error, "could not seek group \(group)") }
        throw EventLogError(.groupBusy, "could not seek group \(group): it has members elsewhere; stop them and try again")
    }
}
