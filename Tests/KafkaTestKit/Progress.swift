import Synchronization

/// Tells tasks that it is time to end.
public final class Progress: Sendable {
    private let isOver = Atomic(false)
    public init() {}
    public var isFinished: Bool { isOver.load(ordering: .acquiring) }
    public func finish() { isOver.store(true, ordering: .releasing) }
}
