import TowerModel

/// Tumbling windows over event time: hours and the UTC days made of them, an event-time watermark and allowed lateness.
///
/// An hour is complete once the watermark reached its end, and open to late data until the lateness has passed too.
struct EventTimeWindows: Sendable {
    static let hour: Int64 = 3_600_000_000
    static let hoursOfDay: Int64 = 24

    /// Microseconds.
    let allowedLateness: Int64
    var watermark = Timestamp.distantPast

    init(allowedLatenessSeconds: Double) {
        allowedLateness = Int64(max(allowedLatenessSeconds, 0) * 1_000_000)
    }

    mutating func advance(to watermark: Timestamp) { self.watermark = max(self.watermark, watermark) }

    /// Hours before this one are complete.
    var completeBefore: Int64 { Self.hour(of: watermark) }

    /// Hours from this one on take late data.
    var openFrom: Int64 { Self.floor(watermark.microseconds &- allowedLateness, Self.hour) }

    static func hour(of at: Timestamp) -> Int64 { floor(at.microseconds, hour) }
    static func day(ofHour hour: Int64) -> Int64 { floor(hour, hoursOfDay) }
    static func start(ofHour hour: Int64) -> Timestamp { Timestamp(microseconds: hour * Self.hour) }

    private static func floor(_ value: Int64, _ size: Int64) -> Int64 {
        let quotient = value / size
        return value % size < 0 ? quotient - 1 : quotient
    }
}
