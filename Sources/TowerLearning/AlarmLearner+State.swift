import TowerCausality
public import TowerModel

extension AlarmLearner {
    /// Version of what `encode` writes.
    public static let stateVersion: UInt64 = 1

    public func encode(into writer: inout StateWriter) {
        writer.write(signed: countedTo)
        writer.write(signed: newest)
        writer.write(refusals.types)
        writer.write(refusals.devices)
        writer.write(refusals.late)
        counters.encode(into: &writer)
        chains.encode(into: &writer)
        openers.encode(into: &writer)
        writer.write(count: pending.count)
        for raise in pending {
            writer.write(signed: raise.at)
            writer.write(raise.type)
            writer.write(raise.device)
        }
    }

    public init(decoding reader: inout StateReader, configuration: LearningConfiguration) throws(StateError) {
        self.init(configuration: configuration)
        countedTo = try reader.signed("learner.counted_to")
        newest = try reader.signed("learner.newest")
        refusals.types = try reader.int("learner.refused_types")
        refusals.devices = try reader.int("learner.refused_devices")
        refusals.late = try reader.int("learner.late")
        counters = try CoincidenceCounters(decoding: &reader, configuration: configuration)
        chains = try BurstChains(decoding: &reader, configuration: configuration)
        openers = try OpenerStatistics(decoding: &reader)
        for _ in 0..<(try reader.count("learner.pending", each: 3)) {
            let at = try reader.signed("learner.pending_at")
            let type = try reader.index("learner.pending_type", below: configuration.maximumTypes)
            pending.append(PendingRaise(at: at, type: type, device: try reader.index("learner.pending_device", below: configuration.maximumDevices)))
        }
    }
}

extension CausalConstraints {
    public func encode(into writer: inout StateWriter) {
        for pairs in [confirmed, vetoed] {
            writer.write(count: pairs.count)
            for pair in pairs.sorted(by: { ($0.cause, $0.effect) < ($1.cause, $1.effect) }) {
                writer.write(pair.cause)
                writer.write(pair.effect)
            }
        }
    }

    public init(decoding reader: inout StateReader) throws(StateError) {
        self.init()
        for isConfirmed in [true, false] {
            for _ in 0..<(try reader.count("constraints", each: 2)) {
                let cause = try reader.int32("constraints.cause")
                let pair = Pair(cause: cause, effect: try reader.int32("constraints.effect"))
                if isConfirmed { guard confirm(pair) else { throw reader.outOfRange("constraints") } } else { veto(pair) }
            }
        }
    }
}
