import Synchronization
import TowerModel
import TowerPipeline
import TowerStreaming
import TowerWire

/// How the consumer groups of a process read the log: on the journal what one decodes all read; on brokers each reads at its own
/// places and leaves out what it has seen.
final class GroupReaders: Sendable {
    private let shared: DecodedLog?
    private let log: any EventLog
    private let configuration: DecodedLog.Configuration
    private let own: [Role: DecodedLog]
    private let make: @Sendable (Role, any EventLog, DecodedLog.Configuration) -> DecodedLog
    private let sharded = Mutex(Sharded())

    /// Readers of shards that run here, and what those that ran before have counted.
    private struct Sharded {
        var readers: [DecodedLog] = []
        var past = DecodedLog.Counters()
    }

    /// Events whose repeats a group knows on a log of partitions.
    private static let repeatWindow = 1 << 20

    /// - Parameter kinds: what each group wants.
    init(
        _ served: any ServedLog, symbols: SymbolTable, kinds: [Role: RecordKinds], upcaster: @escaping @Sendable () -> EventUpcaster?
    ) {
        let configuration = DecodedLog.Configuration(repeatWindow: served is BrokerLog ? Self.repeatWindow : 0)
        make = { role, log, configuration in
            DecodedLog(log: log, symbols: symbols, kinds: kinds[role] ?? .all, configuration: configuration, upcaster: upcaster)
        }
        log = served.log
        self.configuration = configuration
        shared = served is BrokerLog ? nil : DecodedLog(log: served.log, symbols: symbols, upcaster: upcaster)
        var own: [Role: DecodedLog] = [:]
        if served is BrokerLog { for role in kinds.keys { own[role] = make(role, served.log, configuration) } }
        self.own = own
    }

    subscript(role: Role) -> DecodedLog { shared ?? own[role] ?? make(role, log, configuration) }

    /// A reader of one shard, until `retire`. The engine's brings records that stand in a wrong partition to where they belong.
    func reader(of role: Role, on shard: any ShardedLog) -> DecodedLog {
        var configuration = configuration
        configuration.movesStrays = role == .engine
        let reader = make(role, shard, configuration)
        sharded.withLock { $0.readers.append(reader) }
        return reader
    }

    func retire(_ reader: DecodedLog) {
        sharded.withLock { sharded in
            guard let index = sharded.readers.firstIndex(where: { $0 === reader }) else { return }
            sharded.readers.remove(at: index)
            var counted = reader.counters
            counted.bytesHeld = 0
            sharded.past = sharded.past + counted
        }
    }

    /// Takes events that the door has just accepted; on brokers they come through the log.
    func offer(_ batch: EventBatch, events: [Int32], positions: [StoredPosition], trace: TraceContext?) {
        shared?.offer(batch, events: events, positions: positions, trace: trace)
    }

    var counters: DecodedLog.Counters {
        if let shared { return shared.counters }
        let (running, past) = sharded.withLock { ($0.readers, $0.past) }
        return (own.values + running).reduce(past) { $0 + $1.counters }
    }
}
