public import TowerModel

/// Whether alarms come faster than people can read them: more than `limit` raised in five minutes (the console's rule).
public enum AlarmStorm {
    public static let binSeconds: Int64 = 300
    /// Raised alarms per bin beyond which it is a storm.
    public static let limit = 200

    /// Start of the storm that is still on in the newest bins, if there is one.
    ///
    /// The newest bin is unfinished: it does not end a storm.
    public static func since(bins: [Int], startAt: Timestamp) -> Timestamp? {
        guard let last = bins.indices.last else { return nil }
        var end = last
        if bins[last] <= limit { end -= 1 }
        guard end >= 0, bins[end] > limit else { return nil }
        var start = end
        while start > 0, bins[start - 1] > limit { start -= 1 }
        return startAt.adding(seconds: Double(Int64(start) * binSeconds))
    }
}
