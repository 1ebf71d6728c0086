import TowerModel
import TowerPipeline
import TowerStreaming
import TowerWire

/// How the consumer groups of a process read the log: on the journal what one decodes all read; on brokers each reads at its own
/// places and leaves out what it has seen.
final class GroupReaders: Sendable {
    private let shared: DecodedLog?
    private let own: [Role: DecodedLog]
    private let make: @Sendable (Role) -> DecodedLog

    /// Events whose repeats a group knows on a log of partitions.
    private static let repeatWindow = 1 << 20

    /// - Parameter kinds: what each group wants.
    init(
        _ served: any ServedLog, symbols: SymbolTable, kinds: [Role: RecordKinds], upcaster: @escaping @Sendable () -> EventUpcaster?
    ) {
        let configuration = DecodedLog.Configuration(repeatWindow: served is BrokerLog ? Self.repeatWindow : 0)
        make = { role in
            DecodedLog(
                log: served.log, symbols: symbols, kinds: kinds[role] ?? .all, configuration: configuration, upcaster: upcaster)
        }
        shared = served is BrokerLog ? nil : DecodedLog(log: served.log, symbols: symbols, upcaster: upcaster)
        var own: [Role: DecodedLog] = [:]
        if served is BrokerLog { for role in kinds.keys { own[role] = make(role) } }
        self.own = own
    }

    subscript(role: Role) -> DecodedLog { shared ?? own[role] ?? make(role) }

    /// Takes events that the door has just accepted; on brokers they come through the log.
    func offer(_ batch: EventBatch, events: [Int32], positions: [StoredPosition], trace: TraceContext?) {
        shared?.offer(batch, events: events, positions: positions, trace: trace)
    }

    var counters: DecodedLog.Counters {
        if let shared { return shared.counters }
        return own.values.reduce(DecodedLog.Counters()) { $0 + $1.counters }
    }
}
