import ServiceLifecycle
import TowerPipeline
import TowerStreaming

/// A role's consumer group as this process runs it: the whole, or those shards of it that it is given.
struct RoleGroup: Sendable {
    let role: Role
    let service: any Service
    let statuses: @Sendable () -> [ProcessorStatus]
    /// `nil` where the work is not dealt out.
    let shards: (@Sendable () -> [TenantShard])?

    init<Work>(_ role: Role, _ runner: ProcessorRunner<Work>) {
        self.role = role
        service = GroupService(runner: runner)
        statuses = { [runner.status] }
        shards = nil
    }

    init<Work>(_ role: Role, _ sharded: ShardedGroup<Work>) {
        self.role = role
        service = sharded
        statuses = { sharded.statuses }
        shards = { sharded.shards }
    }
}
