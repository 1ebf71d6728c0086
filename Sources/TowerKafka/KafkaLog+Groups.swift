public import TowerStreaming

extension KafkaLog {
    public func join(group: String, patterns: [TopicPattern]) async throws -> GroupMembership {
        try checkOpen()
        try GroupTable.check(group, patterns, maxBytes: GroupTable.maxPatternBytes)
        for older in members.dismiss(group) { await older.leave() }
        if configuration.electsSingleMembers { return try await joinElected(group, patterns) }
        let session = try await session(group, patterns, instance: configuration.staticMembership ? group + ".single" : nil, nil)
        let epoch = members.add(group, patterns, single: session)
        let partitions = try await partitions(matching: patterns)
        let committed = try await session.committed(partitions)
        return GroupMembership(
            group: group, epoch: epoch, committed: LogCursor(parts: committed.map { LogPart(name: $0.key.name, next: $0.value) }))
    }

    public func commit(_ membership: GroupMembership, cursor: LogCursor) async throws {
        try checkOpen()
        let cursor = try checked(cursor)
        let session = try right(of: membership, "commit for")
        try await session.commit(Self.places(cursor)) { [members] _ in members.session(membership) != nil && session.holdsItsPart }
        _ = try right(of: membership, "commit for")
    }

    public func leave(_ membership: GroupMembership) async throws {
        guard let session = members.session(membership) else { return }
        members.remove(membership)
        await session.leave()
    }

    public func standBy(_ membership: GroupMembership) async throws {
        try checkOpen()
        _ = try right(of: membership, "go on reading for")
    }

    /// The session of a member that is still it. One that lost its place leaves, so that the brokers give it on at once.
    private func right(of membership: GroupMembership, _ what: String) throws -> GroupSession {
        let session = members.session(membership)
        if let session, session.holdsItsPart, session.sign() { return session }
        members.remove(membership)
        session?.end()
        throw Self.stale(membership.group, what)
    }

    /// With a member here its right is used, and it is fenced. Throws `groupBusy` when members of other processes hold the group.
    public func seek(group: String, to cursor: LogCursor) async throws {
        try checkOpen()
        let cursor = try checked(cursor)
        let known = members.group(group)
        let shard = TenantShard(group: group)
        let partitions = try await partitions(matching: known?.patterns ?? [TopicPattern("*")]).filter { partition in
            shard.map { isRead(partition, by: $0) } ?? true
        }
        let places = try await places(cursor, partitions)
        if let session = known?.sessions.first(where: { !$0.isOver }) {
            try await session.commit(places) { _ in true }
            for session in members.dismiss(group) { await session.leave() }
            return
        }
        let observer = try KafkaHandle(
            .consumer, configuration.consumerSettings() + [("group.id", group)], extra: configuration.extra)
        let timeoutMs = configuration.callTimeoutMs
        let isKnown = known != nil
        try await calls.run {
            if !isKnown, try observer.committed(group, partitions, timeoutMs: timeoutMs).isEmpty {
                throw EventLogError(
                    .unknownGroup, "could not seek group \(group): no member ever joined it; look at the list of groups")
            }
            try observer.commitAlone(group, places)
        }
    }

    // MARK: Shared

    public func join(group: String, patterns: [TopicPattern], member: String, sessionMs: Int64) async throws -> GroupMember {
        try checkOpen()
        try GroupTable.check(group, patterns, maxBytes: GroupTable.maxSharedPatternBytes)
        try GroupTable.check(member, [], maxBytes: 0)
        guard GroupTable.sessionMs.contains(sessionMs) else {
            throw EventLogError(
                .badGroup, "could not join group \(group): a session of \(sessionMs) ms is not within \(GroupTable.sessionMs) ms")
        }
        for older in members.dismiss(group, for: member) { await older.leave() }
        if let known = members.group(group), !known.shared.isEmpty, known.patterns != patterns {
            throw EventLogError(
                .badGroup,
                "could not join group \(group): its members read \(known.patterns.map(\.text).joined(separator: ", ")); all of them"
                    + " must read the same")
        }
        let session = try await session(group, patterns, instance: configuration.staticMembership ? member : nil, sessionMs)
        return GroupMember(group: group, member: member, epoch: members.add(group, patterns, member: member, session))
    }

    public func assignment(of member: GroupMember) async throws -> GroupAssignment {
        try checkOpen()
        guard let session = members.session(member), session.sign() else {
            members.remove(member)
            throw Self.stale(member.group, "read for")
        }
        let slots = try await session.holdings().map { partition, holding in
            GroupSlot(
                slot: members.slot(of: partition), since: holding.since,
                next: LogCursor(parts: [LogPart(name: partition.name, next: holding.committed ?? 0)]))
        }
        return GroupAssignment(epoch: member.epoch, isPaused: false, slots: slots.sorted { $0.slot < $1.slot })
    }

    public func commit(_ member: GroupMember, slots: [GroupSlot]) async throws -> GroupAssignment {
        try checkOpen()
        guard let session = members.session(member), session.sign() else {
            members.remove(member)
            throw Self.stale(member.group, "commit for")
        }
        let held = Dictionary(try await session.holdings().map { ($0.partition, $0.holding) }, uniquingKeysWith: { first, _ in first })
        var places: [(Partition, Int64)] = []
        var since: [Partition: Int64] = [:]
        for slot in slots {
            guard let part = slot.next.parts.first, let place = part.place else { continue }
            let partition = Partition(topic: place.topic, number: place.partition)
            // Never backwards, and not where the partition went and came back.
            guard let holding = held[partition], holding.since == slot.since, part.next > holding.committed ?? -1 else { continue }
            places.append((partition, part.next))
            since[partition] = slot.since
        }
        let rights = since
        try await session.commit(places) { partition in rights[partition].map { session.isHeld(partition, since: $0) } ?? false }
        return try await assignment(of: member)
    }

    public func leave(_ member: GroupMember) async throws {
        guard let session = members.session(member) else { return }
        members.remove(member)
        await session.leave()
    }

    // MARK: Helpers

    private func session(
        _ group: String, _ patterns: [TopicPattern], instance: String?, _ sessionMs: Int64?
    ) async throws -> GroupSession {
        let places = Set(try await partitions(matching: patterns).map(\.topic)).sorted()
        let session = try GroupSession(
            configuration, group: group, patterns: patterns, places: places, instance: instance, sessionMs: sessionMs, clock: clock)
        // Where no topic matches yet, the brokers have nothing to let it in for.
        guard !places.isEmpty else { return session }
        do {
            try await session.waitUntilJoined()
        } catch {
            session.end()
            throw error
        }
        return session
    }

    static func stale(_ group: String, _ what: String) -> EventLogError {
        EventLogError(
            .staleMember,
            "could not \(what) group \(group): this is no longer its member, because it was silent, another one joined, or the group"
                + " was moved; join again")
    }

    static func places(_ cursor: LogCursor) -> [(Partition, Int64)] {
        cursor.parts.compactMap { part in
            part.place.map { (Partition(topic: $0.topic, number: $0.partition), part.next) }
        }
    }

    /// An offset for each partition: those that the cursor does not name go to their oldest.
    private func places(_ cursor: LogCursor, _ partitions: [Partition]) async throws -> [(Partition, Int64)] {
        let unnamed = partitions.filter { cursor.next(in: $0.name) == nil }
        let timeoutMs = configuration.callTimeoutMs
        let oldest = try await calls.run { [control] in try control.offsets(unnamed, .oldest, timeoutMs: timeoutMs) }
        return partitions.map { ($0, cursor.next(in: $0.name) ?? oldest[$0] ?? 0) }
    }
}
