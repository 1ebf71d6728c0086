/// A sensor that contradicts physics: stuck while what it measures must move, or a jump that is taken back (DOMAIN S24).
struct SensorWatch: WatchState {
    var last = 0.0
    /// Equal readings in a row while the cause of change was there.
    var stuck = 0.0
    /// How much the cause has changed since the reading last moved.
    var cause = 0.0
    /// The level before a jump; below zero when none waits to be taken back.
    var before = -1.0
    var waited = 0.0
    var holds = 0.0
    var samples = 0.0

    /// A jump waits to be taken back, or the reading has been found wrong.
    var isDoubtful: Bool { before >= 0 || holds == 1 }

    mutating func visit(_ each: (inout Double) -> Void) {
        for field in [\Self.last, \.stuck, \.cause, \.before, \.waited, \.holds, \.samples] { each(&self[keyPath: field]) }
    }

    /// - Parameters:
    ///   - push: how much the measured thing should have changed since the last sample, in its own unit.
    ///   - jump: a change larger than this that is taken back within six samples was none.
    mutating func take(_ value: Double, push: Double, stuckAfter: Double, atLeast: Double, jump: Double) -> WatchVerdict {
        defer {
            last = value
            samples += 1
        }
        guard samples > 0 else { return .same }
        if before >= 0 {
            waited += 1
            if abs(value - before) < 0.25 * jump {
                before = -1
                return begin()
            }
            if waited >= 6 { before = -1 }
        } else if samples > 6, abs(value - last) >= jump, last >= 0 {
            before = last
            waited = 0
        }
        if value == last {
            stuck += 1
            cause += abs(push)
        } else {
            stuck = 0
            cause = 0
            if holds == 1, before < 0 {
                holds = 0
                return .ends
            }
        }
        return stuck >= atLeast && cause >= stuckAfter ? begin() : .same
    }

    private mutating func begin() -> WatchVerdict {
        guard holds == 0 else { return .same }
        holds = 1
        return .begins
    }
}
