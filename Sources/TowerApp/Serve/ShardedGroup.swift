import Logging
import ServiceLifecycle
import Synchronization
import TowerKafka
import TowerPipeline
import TowerStreaming

/// A role whose work is dealt out by tenants: runs the shards that this process is given, each as a consumer group of its own
/// (ADR-041).
///
/// - Who runs what is the brokers' to say: the processes of the role share the partitions of a topic that has one for each shard.
/// - A shard that comes is joined like any group, which waits until whoever had it has left; a shard that goes is stopped cleanly:
///   it keeps its state, commits and leaves. Others run on meanwhile.
final class ShardedGroup<Work: Processor>: Service {
    /// How one shard is run.
    struct Parts: Sendable {
        var runner: ProcessorRunner<Work>
        /// Called once when it has ended.
        var retire: @Sendable () async -> Void
    }
    private struct Run {
        var runner: ProcessorRunner<Work>
        var task: Task<Void, Never>
        var isStopping = false
    }
    private let role: Role
    private let kafka: KafkaLog
    private let member: String
    private let logger: Logger
    private let make: @Sendable (TenantShard) -> Parts
    private let runs = Mutex<[TenantShard: Run]>([:])

    private static var period: Duration { .milliseconds(200) }
    private static var pause: Duration { .seconds(1) }

    /// - Parameter member: a name that no other process has.
    init(_ role: Role, _ kafka: KafkaLog, member: String, logger: Logger, make: @escaping @Sendable (TenantShard) -> Parts) {
        self.role = role
        self.kafka = kafka
        self.member = member
        self.logger = logger
        self.make = make
    }

    /// Those that run here, in order; empty while this process waits.
    var shards: [TenantShard] { runs.withLock { $0.keys.sorted { $0.number < $1.number } } }

    /// Of each shard here; while there is none, of a group that waits for one.
    var statuses: [ProcessorStatus] {
        let known = runs.withLock { runs in runs.sorted { $0.key.number < $1.key.number }.map(\.value.runner.status) }
        return known.isEmpty ? [ProcessorStatus(group: role.rawValue)] : known
    }

    func run() async throws {
        await cancelWhenGracefulShutdown { [self] in
            var isFailing = false
            while !Task.isCancelled {
                do { try await share { isFailing = false } } catch {
                    guard !Task.isCancelled else { break }
                    if !isFailing {
                        logger.warning(
                            "the brokers do not say which shards to run; asking again",
                            metadata: ["group": "\(role.rawValue)", "error": "\(error)"])
                    }
                    isFailing = true
                    do { try await Task.sleep(for: Self.pause) } catch { break }
                }
            }
        }
    }

    /// Joins those who share the shards and runs what it is given, until it is cancelled or is no member any more.
    ///
    /// - Parameter isIn: called when it has joined.
    private func share(_ isIn: () -> Void) async throws {
        let membership = try await kafka.joinShards(of: role.rawValue, member: member)
        isIn()
        do {
            while true {
                // While brokers are away everything stays as it is: each shard's own membership says whether it may go on.
                if let given = try await given(to: membership) { settle(given) }
                try await Task.sleep(for: Self.period)
            }
        } catch {
            settle([])
            for task in runs.withLock({ $0.values.map(\.task) }) { await task.value }
            try? await kafka.leave(membership)
            throw error
        }
    }

    private func given(to membership: GroupMember) async throws -> Set<TenantShard>? {
        do { return Set(try await kafka.shards(of: membership)) } catch let error as EventLogError where error.isRetriable { return nil }
    }

    /// Stops what is not given, and starts what is given and does not run; what still stops is started when it has.
    private func settle(_ given: Set<TenantShard>) {
        runs.withLock { runs in
            for (shard, run) in runs where !given.contains(shard) && !run.isStopping {
                runs[shard]?.isStopping = true
                run.task.cancel()
                logger.info("stops a shard", metadata: ["group": "\(shard.group(role.rawValue))"])
            }
            for shard in given where runs[shard] == nil {
                let parts = make(shard)
                let task = Task { [self] in
                    await Self.work(parts)
                    _ = self.runs.withLock { $0.removeValue(forKey: shard) }
                }
                runs[shard] = Run(runner: parts.runner, task: task)
                logger.info("runs a shard", metadata: ["group": "\(shard.group(role.rawValue))"])
            }
        }
    }

    /// Until it is cancelled; one that failed stays visible until then.
    private static func work(_ parts: Parts) async {
        do { try await parts.runner.run() } catch {
            while !Task.isCancelled {
                do { try await Task.sleep(for: .seconds(3600)) } catch { break }
            }
        }
        await parts.retire()
    }
}
