import Synchronization
public import TowerStreaming

extension Journal {
    public func join(group: String, patterns: [TopicPattern]) async throws -> GroupMembership {
        let joined = try await change { groups, _ throws(EventLogError) in try groups.join(group, patterns: patterns) }
        guard let joined else { throw EventLogError(.unknownGroup, "could not join group \(group)") }
        return GroupMembership(group: group, epoch: joined.epoch, committed: joined.committed)
    }

    public func commit(_ membership: GroupMembership, cursor: LogCursor) async throws {
        _ = try await change { groups, end throws(EventLogError) in try groups.commit(membership, cursor: cursor, end: end) }
    }

    public func leave(_ membership: GroupMembership) async throws {
        _ = try await change { groups, _ throws(EventLogError) in groups.leave(membership) }
    }

    public func seek(group: String, to cursor: LogCursor) async throws {
        _ = try await change { groups, end throws(EventLogError) in try groups.seek(group, to: cursor, end: end) }
    }

    /// Changes a group in memory, then returns when its new state is durable.
    private func change(
        _ body: (inout GroupTable, Int64) throws(EventLogError) -> GroupTable.Group?
    ) async throws -> GroupTable.Group? {
        if let refusal = queue.refusal { throw refusal }
        let changed = catalog.state.withLock { state in
            Result { () throws(EventLogError) in try body(&state.groups, state.end) }
        }
        guard let group = try changed.get() else { return nil }
        try await submit(.group(group), bytes: GroupFile.copySize)
        return group
    }

    public func groups() async throws -> [GroupDescription] {
        try checkOpen()
        let (groups, newestMs) = catalog.read { ($0.groups.sorted, $0.lastTimestampMs) }
        return try groups.map { group in
            let unread = try unread(group.patterns, from: group.committed.sequence)
            return GroupDescription(
                group: group.name, patterns: group.patterns, committed: group.committed, offsetLag: unread.count,
                timeLagMs: unread.oldestMs.map { max(0, newestMs - $0) } ?? 0, members: group.members, epoch: group.epoch)
        }
    }
}
