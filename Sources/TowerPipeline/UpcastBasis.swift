import Synchronization
import TowerWire

/// By which schemas' steps a log is decoded, and whether it was the same ones throughout.
///
/// A state in memory that came about under several bases is one that no replay gives: it is not kept (`CheckpointKeeper`).
final class UpcastBasis: Sendable {
    private let source: @Sendable () -> EventUpcaster?
    private let steady = Atomic(true)
    /// Of the steps that were registered when this was made; 0 for none.
    let fingerprint: UInt64

    init(_ source: @escaping @Sendable () -> EventUpcaster?) {
        self.source = source
        fingerprint = source()?.fingerprint ?? 0
    }

    /// False for good once anybody was answered another upcaster than the first.
    var isSteady: Bool { steady.load(ordering: .acquiring) }

    /// What to decode by now.
    func upcaster() -> EventUpcaster? {
        let upcaster = source()
        if (upcaster?.fingerprint ?? 0) != fingerprint { steady.store(false, ordering: .releasing) }
        return upcaster
    }
}
