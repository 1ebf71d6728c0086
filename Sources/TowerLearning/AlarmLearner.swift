public import TowerCausality
public import TowerModel

/// Learns from raised alarms alone what causes what: online counters, from which `CausalGraph.estimate` makes a graph.
///
/// Raises come in order of arrival and are counted in order of time once `lateness` has passed, so that what is learned does not
/// depend on how they arrived. Types and devices are small numbers that the caller gives; names play no part.
public struct AlarmLearner: Sendable {
    public let configuration: LearningConfiguration
    var counters: CoincidenceCounters
    var chains: BurstChains
    /// What opened the bursts that are over.
    public internal(set) var openers = OpenerStatistics()
    var pending: [PendingRaise] = []
    /// The instant up to which raises have been counted.
    var countedTo = Int64.min
    /// The largest instant heard.
    var newest = Int64.min
    /// Raises that taught nothing, by reason.
    public internal(set) var refusals = Refusals()

    public struct Refusals: Sendable, Hashable {
        /// Of a type beyond `maximumTypes`.
        public var types = 0
        /// Of a device beyond `maximumDevices`.
        public var devices = 0
        /// More than `lateness` out of order.
        public var late = 0
        public init() {}
        public var isEmpty: Bool { types + devices + late == 0 }
    }

    public init(configuration: LearningConfiguration = .init()) {
        self.configuration = configuration
        counters = CoincidenceCounters(configuration: configuration)
        chains = BurstChains(configuration: configuration)
        openers.temperature = configuration.temperature
    }

    /// Raises counted, flapping folded.
    public var raiseCount: Int { counters.log.end }
    public var foldedCount: Int { counters.folded }
    public var typeCount: Int { counters.typeCount }

    /// Takes one raise; counts those before it that can have no predecessor any more.
    /// - Parameter neighbours: devices linked to a device; asked when a raise is counted.
    public mutating func take(type: Int32, device: Int32, at: Timestamp, neighbours: (Int32) -> [Int32]) {
        guard type >= 0, Int(type) < configuration.maximumTypes else {
            refusals.types += 1
            return
        }
        guard device >= 0, Int(device) < configuration.maximumDevices else {
            refusals.devices += 1
            return
        }
        let raise = PendingRaise(at: at.microseconds, type: type, device: device)
        guard raise.at > countedTo else {
            refusals.late += 1
            return
        }
        var index = pending.count
        while index > 0, pending[index - 1].at > raise.at { index -= 1 }
        pending.insert(raise, at: index)
        newest = max(newest, raise.at)
        let settled = newest - LearningConfiguration.microseconds(configuration.lateness)
        // Counting in pieces keeps moving the rest of what waits cheap.
        if pending[0].at < settled, pending.count >= 64 { count(before: settled, neighbours: neighbours) }
        if pending.count > configuration.maximumPending {
            count(before: pending[pending.count / 2].at + 1, neighbours: neighbours)
        }
    }

    /// Counts everything before an instant, and ends the bursts that nothing can join any more.
    public mutating func settle(before instant: Timestamp, neighbours: (Int32) -> [Int32]) {
        count(before: instant.microseconds, neighbours: neighbours)
        end(before: instant.microseconds)
    }

    /// The input is over: counts everything.
    public mutating func finish(neighbours: (Int32) -> [Int32]) {
        count(before: .max, neighbours: neighbours)
        end(before: .max)
    }

    /// Learns a burst that somebody else has cut out: each type once, with the microsecond of its first raise.
    public mutating func learn(burst: [(type: Int32, first: Int64)]) { openers.learn(burst) }

    private mutating func count(before instant: Int64, neighbours: (Int32) -> [Int32]) {
        var start = 0
        while start < pending.count, pending[start].at < instant {
            var end = start + 1
            while end < pending.count, pending[end].at == pending[start].at { end += 1 }
            counters.take(pending[start..<end], neighbours: neighbours)
            self.end(before: pending[start].at)
            for raise in pending[start..<end] {
                counters.grow(to: Int(raise.type))
                chains.take(raise, linked: neighbours(raise.device)[...])
            }
            countedTo = pending[start].at
            start = end
        }
        pending.removeFirst(start)
    }

    private mutating func end(before instant: Int64) {
        chains.end(before: instant) { burst in
            openers.learn(burst.types)
        }
    }
}
