/// Shares every raise among a background of its own device and the types present in the `horizon` before it, on its device or
/// on linked ones.
///
/// Model: the rate of type j on device d is `mu[d, j] + sum over i of a[i, j] present(i on d) + b[i, j] present(i beside d)`;
/// a type is present for `horizon` seconds after its raise, once, however often it was raised. Expectation maximisation
/// (Lewis and Mohler 2011); raises of the same instant are present for each other, the order says in which direction.
/// - Cost: raises times types present, times iterations. Memory: 4 bytes a raise and type present.
struct HawkesAttribution {
    let types: Int
    private(set) var explainedShare = 0.0
    private var raises: [Double]
    /// Raises of j explained by i, and raises of j with i present: `[i * types + j]`.
    private var shares: [Double]
    private var chances: [Double]

    private struct Candidates {
        /// Candidates of event e are `parameters[start[e]..<start[e + 1]]`: `(hop * types + cause) * types + effect`.
        var start: [Int32] = [0]
        var parameters: [Int32] = []
    }

    init(
        _ events: AttributionEvents, types: Int, horizon: Double, iterations: Int, mayCause: (Int, Int) -> Bool
    ) {
        self.types = types
        raises = [Double](repeating: 0, count: types)
        shares = [Double](repeating: 0, count: types * types)
        chances = shares
        guard types > 0, let first = events.instants.first, let last = events.instants.last else { return }
        for type in events.types { raises[Int(type)] += 1 }
        let window = LearningConfiguration.microseconds(horizon)
        var allowed = [Bool](repeating: false, count: types * types)
        for cause in 0..<types { for effect in 0..<types where cause != effect { allowed[cause * types + effect] = mayCause(cause, effect) } }
        let candidates = Self.candidates(events, types: types, window: window, allowed: allowed)
        let exposures = Self.exposures(events, types: types, window: window)
        let duration = Double(last - first) / 1_000_000 + 1
        maximise(events, candidates, exposures: exposures, duration: duration, iterations: iterations)
        for parameter in candidates.parameters { chances[Int(parameter) % (types * types)] += 1 }
    }

    /// Raises of the effect that a raise of the cause brings.
    func yield(_ cause: Int, _ effect: Int) -> Double { raises[cause] > 0 ? explained(cause, effect) / raises[cause] : 0 }
    func explained(_ cause: Int, _ effect: Int) -> Double { shares[cause * types + effect] }
    /// Were all coincidences chance, their number would vary by its root.
    func errors(_ cause: Int, _ effect: Int) -> Double {
        explained(cause, effect) / (chances[cause * types + effect] + 1).squareRoot()
    }

    private static func candidates(_ events: AttributionEvents, types: Int, window: Int64, allowed: [Bool]) -> Candidates {
        var result = Candidates()
        var mark = [Int32](repeating: -1, count: types)
        // Raises of an instant stand together, so that the ones after an event matter too.
        func collect(_ event: Int, on device: Int32, hop: Int, stamp: Int32) {
            let effect = Int(events.types[event])
            let instant = events.instants[event]
            let low = Int(events.deviceStart[Int(device)])
            var index = upperBound(events, of: instant, on: device) - 1
            while index >= low {
                let other = Int(events.ofDevice[index])
                guard instant - events.instants[other] <= window else { break }
                let cause = Int(events.types[other])
                if mark[cause] != stamp, allowed[cause * types + effect] {
                    mark[cause] = stamp
                    result.parameters.append(Int32((hop * types + cause) * types + effect))
                }
                index -= 1
            }
        }
        for event in events.types.indices {
            collect(event, on: events.devices[event], hop: 0, stamp: Int32(2 * event))
            for neighbour in events.neighbours(of: events.devices[event]) {
                collect(event, on: neighbour, hop: 1, stamp: Int32(2 * event + 1))
            }
            result.start.append(Int32(result.parameters.count))
        }
        return result
    }

    /// The first of a device's raises after an instant, as an index of `ofDevice`.
    private static func upperBound(_ events: AttributionEvents, of instant: Int64, on device: Int32) -> Int {
        var low = Int(events.deviceStart[Int(device)])
        var high = Int(events.deviceStart[Int(device) + 1])
        while low < high {
            let middle = (low + high) / 2
            if events.instants[Int(events.ofDevice[middle])] <= instant { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Device seconds during which a type is present: on a device, then beside one.
    private static func exposures(_ events: AttributionEvents, types: Int, window: Int64) -> [Double] {
        var exposures = [Double](repeating: 0, count: 2 * types)
        var ends: [Int64: Int64] = [:]
        func expose(_ hop: Int, _ device: Int32, _ type: Int32, at instant: Int64) {
            let key = (Int64(hop) << 62) | (Int64(device) << 31) | Int64(type)
            let end = ends.updateValue(instant + window, forKey: key) ?? instant
            exposures[hop * types + Int(type)] += Double(instant + window - max(instant, end)) / 1_000_000
        }
        for event in events.types.indices {
            let (device, type, instant) = (events.devices[event], events.types[event], events.instants[event])
            expose(0, device, type, at: instant)
            for neighbour in events.neighbours(of: device) { expose(1, neighbour, type, at: instant) }
        }
        return exposures
    }

    private mutating func maximise(
        _ events: AttributionEvents, _ candidates: Candidates, exposures: [Double], duration: Double, iterations: Int
    ) {
        let pairs = types * types
        // One background rate a device and type that occur together.
        var background: [Double] = []
        var backgroundOf = [Int32](repeating: 0, count: events.types.count)
        var number: [Int64: Int32] = [:]
        for event in events.types.indices {
            let key = Int64(events.devices[event]) << 32 | Int64(events.types[event])
            let index = number[key] ?? Int32(background.count)
            if Int(index) == background.count {
                background.append(0)
                number[key] = index
            }
            background[Int(index)] += 0.5 / duration
            backgroundOf[event] = index
        }
        var rates = [Double](repeating: 0, count: 2 * pairs)
        let area = duration * Double(max(1, events.deviceCount))
        for index in rates.indices { rates[index] = 5 * raises[index % types] / area }
        var shared = rates
        var own = background
        for _ in 0..<iterations {
            for index in shared.indices { shared[index] = 0 }
            for index in own.indices { own[index] = 0 }
            for event in events.types.indices {
                let mine = Int(backgroundOf[event])
                let range = Int(candidates.start[event])..<Int(candidates.start[event + 1])
                var total = background[mine]
                for index in range { total += rates[Int(candidates.parameters[index])] }
                guard total > 0 else { continue }
                own[mine] += background[mine] / total
                for index in range {
                    let parameter = Int(candidates.parameters[index])
                    shared[parameter] += rates[parameter] / total
                }
            }
            for index in background.indices { background[index] = own[index] / duration }
            for index in rates.indices {
                let exposure = exposures[index / types]
                rates[index] = exposure > 0 ? shared[index] / exposure : 0
            }
        }
        for index in 0..<pairs { shares[index] = shared[index] + shared[pairs + index] }
        explainedShare = shares.reduce(0, +) / Double(max(1, events.types.count))
    }
}
