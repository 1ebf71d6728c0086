import TowerModel
import TowerPipeline
import TowerStreaming
import TowerWire

/// How the consumer groups of a process read the log: on the journal what one decodes all read; on brokers each reads at its own
/// places and leaves out what it has seen.
final class GroupReaders: Sendable {
    private let shared: DecodedLog?
    private let own: [Role: DecodedLog]

    /// Events whose repeats a group knows on a log of partitions.
    private static let repeatWindow = 1 << 20

    /// - Parameter kinds: what each group wants.
    init(
        _ served: any ServedLog, symbols: SymbolTable, kinds: [Role: RecordKinds], upcaster: @escaping @Sendable () -> EventUpcaster?
    ) {
        guard served is BrokerLog else {
            shared = DecodedLog(log: served.log, symbols: symbols, upcaster: upcaster)
            own = [:]
            return
        }
        shared = nil
        let configuration = DecodedLog.Configuration(repeatWindow: Self.repeatWindow)
        own = kinds.mapValues {
            DecodedLog(log: served.log, symbols: symbols, kinds: $0, configuration: configuration, upcaster: upcaster)
        }
    }

    /// `nil` decodes for the group alone.
    subscript(role: Role) -> DecodedLog? { shared ?? own[role] }

    /// Takes events that the door has just accepted; on brokers they come through the log.
    func offer(_ batch: EventBatch, events: [Int32], positions: [StoredPosition], trace: TraceContext?) {
        shared?.offer(batch, events: events, positions: positions, trace: trace)
    }

    var counters: DecodedLog.Counters {
        if let shared { return shared.counters }
        return own.values.reduce(DecodedLog.Counters()) { $0 + $1.counters }
    }
}
