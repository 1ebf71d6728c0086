/// A generator that runs and gives no power while the battery carries the load: its power does not arrive (DOMAIN S20).
struct TransferWatch: WatchState {
    var idle = 0.0
    var holds = 0.0

    mutating func visit(_ each: (inout Double) -> Void) {
        each(&idle)
        each(&holds)
    }

    /// - Parameters:
    ///   - kilowatts: what the generator gives.
    ///   - isNeeded: the grid is away and the battery discharges.
    mutating func take(isRunning: Bool, kilowatts: Double, isNeeded: Bool) -> WatchVerdict {
        guard isRunning, isNeeded, kilowatts < 0.15 else {
            idle = 0
            guard holds == 1, kilowatts >= 0.15 || !isNeeded else { return .same }
            holds = 0
            return .ends
        }
        idle += 1
        guard holds == 0, idle >= 2 else { return .same }
        holds = 1
        return .begins
    }
}
