import Synchronization
public import TowerStreaming

extension Journal {
    public func join(group: String, patterns: [TopicPattern]) async throws -> GroupMembership {
        let joined = try await change { groups, _ throws(EventLogError) in
            let joined = try groups.join(group, patterns: patterns)
            return (joined, joined)
        }
        return GroupMembership(group: group, epoch: joined.epoch, committed: joined.committed)
    }

    public func commit(_ membership: GroupMembership, cursor: LogCursor) async throws {
        try await change { groups, end throws(EventLogError) in
            ((), try groups.commit(membership, cursor: cursor, end: end))
        }
    }

    public func leave(_ membership: GroupMembership) async throws {
        try await change { groups, _ throws(EventLogError) in ((), groups.leave(membership)) }
    }

    public func seek(group: String, to cursor: LogCursor) async throws {
        try await change { groups, end throws(EventLogError) in ((), try groups.seek(group, to: cursor, end: end)) }
    }

    public func setPaused(group: String, _ isPaused: Bool) async throws {
        try await change { groups, _ throws(EventLogError) in ((), try groups.setPaused(group, isPaused)) }
    }

    public func standBy(_ membership: GroupMembership) async throws {
        while !Task.isCancelled {
            try checkOpen()
            let (isPaused, changes) = try catalog.state.withLock { state in
                (try state.groups.isPaused(membership), state.groups.changes)
            }
            guard isPaused else { return }
            try await groupSignal.wait(for: changes)
        }
    }

    public func join(group: String, patterns: [TopicPattern], member: String, sessionMs: Int64) async throws -> GroupMember {
        let now = clock()
        return try await change { groups, _ throws(EventLogError) in
            try groups.join(group, patterns: patterns, member: member, sessionMs: sessionMs, nowMs: now)
        }
    }

    public func assignment(of member: GroupMember) async throws -> GroupAssignment {
        let now = clock()
        return try await change { groups, _ throws(EventLogError) in try groups.assignment(of: member, nowMs: now) }
    }

    public func commit(_ member: GroupMember, slots: [GroupSlot]) async throws -> GroupAssignment {
        let now = clock()
        return try await change { groups, end throws(EventLogError) in
            try groups.commit(member, slots: slots, end: end, nowMs: now)
        }
    }

    public func leave(_ member: GroupMember) async throws {
        try await change { groups, _ throws(EventLogError) in ((), groups.leave(member)) }
    }

    /// Changes a group in memory, then returns when its new state, if there is one, is durable.
    private func change<Answer: Sendable>(
        _ body: (inout GroupTable, Int64) throws(EventLogError) -> (Answer, GroupTable.Group?)
    ) async throws -> Answer {
        if let refusal = queue.refusal { throw refusal }
        let (changed, changes) = catalog.state.withLock { state in
            (Result { () throws(EventLogError) in try body(&state.groups, state.end) }, state.groups.changes)
        }
        let (answer, group) = try changed.get()
        guard let group else { return answer }
        // Also when it could not be made durable: in memory it is so, and who waits must see it.
        defer { groupSignal.advance(to: changes) }
        try await submit(.group(group), bytes: GroupFile.copySize)
        return answer
    }

    public func groups() async throws -> [GroupDescription] {
        try checkOpen()
        let now = clock()
        let (groups, newestMs) = catalog.read { ($0.groups.sorted, $0.lastTimestampMs) }
        return try groups.map { group in
            let unread = try unread(group)
            return GroupDescription(
                group, offsetLag: unread.count, timeLagMs: unread.oldestMs.map { max(0, newestMs - $0) } ?? 0, nowMs: now)
        }
    }
}
