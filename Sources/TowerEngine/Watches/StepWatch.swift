/// A received level that falls at once and stays: rain wanders and comes back, an antenna that was turned does neither.
struct StepWatch: WatchState {
    static let goneDecibels = 27.0
    var before = 0.0
    var samples = 0.0
    /// Level after the fall, how many samples have stayed there, and how far they strayed.
    var after = 0.0
    var stayed = -1.0
    var holds = 0.0
    /// Seconds of the fall, in event time.
    var fellAt = 0.0

    mutating func visit(_ each: (inout Double) -> Void) {
        for field in [\Self.before, \.samples, \.after, \.stayed, \.holds, \.fellAt] { each(&self[keyPath: field]) }
    }

    /// - Parameter at: event time, seconds.
    mutating func take(_ level: Double, at: Double) -> WatchVerdict {
        samples += 1
        guard samples > 1 else {
            before = level
            return .same
        }
        if stayed < 0 {
            // A level that is gone altogether is a far end that does not send.
            guard before - level < Self.goneDecibels else { return .same }
            if samples > 6, before - level >= 4.5 {
                after = level
                stayed = 0
                fellAt = at
                return .same
            }
            before += (samples < 12 ? 0.3 : 0.05) * (level - before)
            return .same
        }
        if before - level < 2.5 || before - level >= Self.goneDecibels {
            stayed = -1
            guard holds == 1 else { return .same }
            holds = 0
            return .ends
        }
        // It still falls, or wanders: not settled yet.
        if abs(level - after) > 1.2 {
            after = level
            stayed = 0
            return .same
        }
        after += 0.3 * (level - after)
        stayed += 1
        guard holds == 0, stayed >= 5, at - fellAt >= 1_200 else { return .same }
        holds = 1
        return .begins
    }
}
