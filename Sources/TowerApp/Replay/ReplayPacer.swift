/// When a record is due, so that a window comes back in its own rhythm, or that many times faster.
///
/// Pure: instants in, instants out. A record from before one that was already due is due at once, so order is kept.
struct ReplayPacer {
    /// Times faster than real time; above 0.
    private let speed: Double
    private var first: Int64?
    private var newest: Int64 = .min
    private var beganNanoseconds: UInt64 = 0

    init(speed: Double) { self.speed = speed }

    /// The monotonic nanosecond at which a record of that instant (milliseconds) is due. The first one is due now.
    mutating func due(_ milliseconds: Int64, now nanoseconds: UInt64) -> UInt64 {
        guard let first else {
            first = milliseconds
            newest = milliseconds
            beganNanoseconds = nanoseconds
            return nanoseconds
        }
        newest = max(newest, milliseconds)
        let passed = Double(newest) - Double(first)
        let wait = (passed * 1e6 / speed).rounded()
        // More than 100 years is a mistake in the data; it must not overflow.
        return beganNanoseconds + UInt64(min(max(wait, 0), 3.2e18))
    }
}
