import Logging
import TowerKafka
import TowerPipeline
import TowerStreaming

extension ServeJob {
    /// A role's group, whole or in shards as the log is dealt out.
    ///
    /// - Parameter make: the runner of a group by its name, of what it reads.
    func group<Work>(
        _ role: Role, _ served: any ServedLog, _ records: GroupReaders, _ logger: Logger,
        _ make: @escaping @Sendable (_ group: String, _ log: any EventLog, _ records: DecodedLog) -> ProcessorRunner<Work>
    ) -> RoleGroup {
        guard let kafka = (served as? BrokerLog)?.kafka, kafka.shards.count > 1, Role.sharded.contains(role) else {
            return RoleGroup(role, make(role.rawValue, served.log, records[role]))
        }
        // The host and the process for people, the rest because no other may have it.
        let member = "\(kafka.configuration.clientID.prefix(80)).\(SystemSources.token())"
        let sharded = ShardedGroup<Work>(role, kafka, member: member, logger: logger) { shard in
            let log = kafka.shard(shard)
            let reader = records.reader(of: role, on: log)
            return ShardedGroup.Parts(runner: make(shard.group(role.rawValue), log, reader)) {
                records.retire(reader)
                try? await log.close()
            }
        }
        return RoleGroup(role, sharded)
    }
}
