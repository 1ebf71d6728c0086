/// The clock of the room, passed in so that tests own it.
public struct PipelineTime: Sendable {
    /// Monotonic nanoseconds, for durations.
    public var nowNanoseconds: @Sendable () -> UInt64
    /// Waits that long, or throws `CancellationError`.
    public var sleep: @Sendable (Duration) async throws -> Void

    public init(
        nowNanoseconds: @escaping @Sendable () -> UInt64, sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.nowNanoseconds = nowNanoseconds
        self.sleep = sleep
    }

    /// The machine's.
    public static let system: PipelineTime = {
        let start = ContinuousClock.now
        return PipelineTime(
            nowNanoseconds: {
                let (seconds, attoseconds) = start.duration(to: .now).components
                return UInt64(seconds) &* 1_000_000_000 &+ UInt64(attoseconds / 1_000_000_000)
            },
            sleep: { try await Task.sleep(for: $0) })
    }()
}
