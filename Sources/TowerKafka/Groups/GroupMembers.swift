import Synchronization
import TowerStreaming

/// Who of this process is in which group, and what it calls the partitions.
///
/// - Rules: as in the journal, a newer single member fences whoever was in the group here; a shared member fences a single one
///   and the older of its own name. Members of other processes are fenced by the brokers.
final class GroupMembers: Sendable {
    struct Single: Sendable {
        var epoch: Int64
        var session: GroupSession
    }
    struct Shared: Sendable {
        var epoch: Int64
        var session: GroupSession
    }
    struct Known: Sendable {
        var patterns: [TopicPattern]
        var epoch: Int64 = 0
        var single: Single?
        var shared: [String: Shared] = [:]

        var sessions: [GroupSession] { shared.values.map(\.session) + (single.map { [$0.session] } ?? []) }
    }
    private struct State {
        var groups: [String: Known] = [:]
        var slots: [Partition: Int] = [:]
    }
    private let state = Mutex(State())

    var all: [(name: String, group: Known)] {
        state.withLock { state in state.groups.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }
    }

    func group(_ name: String) -> Known? { state.withLock { $0.groups[name] } }

    /// The number of a partition in this process.
    func slot(of partition: Partition) -> Int {
        state.withLock { state in
            let number = state.slots[partition] ?? state.slots.count
            state.slots[partition] = number
            return number
        }
    }

    /// Takes everybody out of the group; they have to leave.
    func dismiss(_ name: String) -> [GroupSession] {
        state.withLock { state in
            guard var group = state.groups[name] else { return [] }
            let sessions = group.sessions
            group.single = nil
            group.shared = [:]
            group.epoch += 1
            state.groups[name] = group
            return sessions
        }
    }

    /// Takes out who has to go before `member` comes: everybody who is single, and the older of its name.
    func dismiss(_ name: String, for member: String) -> [GroupSession] {
        state.withLock { state in
            guard var group = state.groups[name] else { return [] }
            var sessions = group.single.map { [$0.session] } ?? []
            if let older = group.shared.removeValue(forKey: member) { sessions.append(older.session) }
            group.single = nil
            state.groups[name] = group
            return sessions
        }
    }

    /// - Returns: its epoch.
    func add(_ name: String, _ patterns: [TopicPattern], single session: GroupSession) -> Int64 {
        change(name, patterns) { $0.single = Single(epoch: $0.epoch, session: session) }
    }

    func add(_ name: String, _ patterns: [TopicPattern], member: String, _ session: GroupSession) -> Int64 {
        change(name, patterns) { $0.shared[member] = Shared(epoch: $0.epoch, session: session) }
    }

    private func change(_ name: String, _ patterns: [TopicPattern], _ body: (inout Known) -> Void) -> Int64 {
        state.withLock { state in
            var group = state.groups[name] ?? Known(patterns: patterns)
            group.patterns = patterns
            group.epoch += 1
            body(&group)
            state.groups[name] = group
            return group.epoch
        }
    }

    /// The member's session while the membership holds.
    func session(_ membership: GroupMembership) -> GroupSession? {
        state.withLock { state in
            guard let single = state.groups[membership.group]?.single, single.epoch == membership.epoch else { return nil }
            return single.session
        }
    }

    func session(_ member: GroupMember) -> GroupSession? {
        state.withLock { state in
            guard let shared = state.groups[member.group]?.shared[member.member], shared.epoch == member.epoch else { return nil }
            return shared.session
        }
    }

    func remove(_ membership: GroupMembership) {
        state.withLock { state in
            if state.groups[membership.group]?.single?.epoch == membership.epoch { state.groups[membership.group]?.single = nil }
        }
    }

    func remove(_ member: GroupMember) {
        state.withLock { state in
            if state.groups[member.group]?.shared[member.member]?.epoch == member.epoch {
                state.groups[member.group]?.shared[member.member] = nil
            }
        }
    }

    func close() async {
        let sessions = state.withLock { state in
            let sessions = state.groups.values.flatMap(\.sessions)
            state.groups = [:]
            return sessions
        }
        for session in sessions { await session.leave() }
    }
}
