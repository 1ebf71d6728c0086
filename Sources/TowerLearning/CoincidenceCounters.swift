/// Which alarm types come before and without which: one pass over raises in order of time, flat counters only.
///
/// - *folding*: a raise of a type that was raised on the same device at most `fold` seconds ago is the same trouble flapping;
/// - *leads*: raises of one type with another strictly before it within `lead` seconds on the device;
/// - *openers*: raises with nothing on the device or its neighbours in the `quiet` seconds before; raises of one instant share.
///
/// Types and devices are small numbers. Nothing depends on the order within an instant.
/// - Bound: `maximumTypes` types, 4 bytes a pair; `maximumSteps` raises looked at a device, `maximumNeighbours` neighbours.
/// - Cost: the raises of the last 30 seconds on the device, and the newest one of each neighbour.
struct CoincidenceCounters: Sendable {
    let configuration: LearningConfiguration
    var log: RaiseLog
    /// Raises by type, flapping folded.
    var raises: [Double] = []
    var openers: [Double] = []
    /// `leads[a * stride + b]`: raises of b with an a before.
    var stride = 0
    var leads: [Float] = []
    var folded = 0
    /// Last raise, folded or not, by device and type.
    var lastRaise: [Int64: Int64] = [:]
    /// Scratch: the raise that counted a type last.
    private var seenAt: [Int] = []
    private var fresh: [(type: Int32, device: Int32)] = []

    init(configuration: LearningConfiguration) {
        self.configuration = configuration
        log = RaiseLog(capacity: max(1, configuration.maximumRaises))
    }

    var typeCount: Int { raises.count }

    /// Takes all raises of one instant, which is not before the last one taken.
    mutating func take(
        _ group: ArraySlice<PendingRaise>, neighbours: (Int32) -> [Int32]
    ) {
        guard let instant = group.first?.at else { return }
        let fold = LearningConfiguration.microseconds(configuration.fold)
        fresh.removeAll(keepingCapacity: true)
        for raise in group {
            grow(to: Int(raise.type))
            let before = lastRaise.updateValue(instant, forKey: Int64(raise.device) << 32 | Int64(raise.type))
            if let before, instant - before <= fold { folded += 1 } else { fresh.append((raise.type, raise.device)) }
        }
        for (index, raise) in fresh.enumerated() {
            raises[Int(raise.type)] += 1
            countLeads(of: raise.type, on: raise.device, at: instant, mark: log.end + index)
            let share = openerShare(of: raise.type, on: raise.device, at: instant, neighbours: neighbours)
            if share > 0 { openers[Int(raise.type)] += share }
        }
        for raise in fresh { log.append(type: raise.type, device: raise.device, at: instant) }
        if lastRaise.count > 4 * configuration.maximumRaises { forgetFolds(before: instant - fold) }
    }

    private mutating func countLeads(of type: Int32, on device: Int32, at instant: Int64, mark: Int) {
        let window = LearningConfiguration.microseconds(configuration.lead)
        var place = log.newestPlace(on: device)
        var steps = 0
        while place >= 0, steps < configuration.maximumSteps, instant - log.instant(place) <= window {
            let other = Int(log.type(place))
            if log.instant(place) < instant, other != Int(type), seenAt[other] != mark {
                leads[other * stride + Int(type)] += 1
                seenAt[other] = mark
            }
            place = log.place(before: place)
            steps += 1
        }
    }

    /// 1 for a raise that comes out of silence, less when types of the same instant share the place, 0 otherwise.
    private func openerShare(of type: Int32, on device: Int32, at instant: Int64, neighbours: (Int32) -> [Int32]) -> Double {
        let quiet = LearningConfiguration.microseconds(configuration.quiet)
        func isQuiet(_ device: Int32) -> Bool {
            let place = log.newestPlace(on: device)
            return place < 0 || instant - log.instant(place) > quiet
        }
        guard isQuiet(device) else { return 0 }
        let linked = neighbours(device).prefix(configuration.maximumNeighbours)
        for neighbour in linked where !isQuiet(neighbour) { return 0 }
        if fresh.count == 1 { return 1 }
        var types: Set<Int32> = [type]
        for other in fresh where other.device == device || linked.contains(other.device) { types.insert(other.type) }
        return 1 / Double(types.count)
    }

    private mutating func forgetFolds(before instant: Int64) {
        lastRaise = lastRaise.filter { $0.value >= instant }
    }

    mutating func grow(to type: Int) {
        while raises.count <= type {
            raises.append(0)
            openers.append(0)
            seenAt.append(-1)
        }
        guard type >= stride else { return }
        var wider = max(16, stride)
        while wider <= type { wider *= 2 }
        var new = [Float](repeating: 0, count: wider * wider)
        for row in 0..<stride { for column in 0..<stride { new[row * wider + column] = leads[row * stride + column] } }
        leads = new
        stride = wider
    }
}

/// A raise that waits for what may still come before it.
struct PendingRaise: Sendable, Hashable {
    var at: Int64
    var type: Int32
    var device: Int32
}
