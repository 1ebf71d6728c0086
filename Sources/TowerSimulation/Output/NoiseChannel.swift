import Glibc
import TowerModel

/// The way from the site to the platform's door: loses, repeats, delays and misdates. Draws from a stream of its own, so
/// that the same seed gives the same world and the same truth at every noise level.
struct NoiseChannel: Sendable {
    enum Kind: Sendable {
        case inventory, telemetry
        case alarm(UInt8)
    }
    /// What one lying sensor of a site does.
    enum Lie: UInt8, Sendable { case none, stuckFuel, invertedGenerator, frozenTemperature, stuckGrid, jumpingFuel }

    private struct Pending: HeapOrdered {
        var arrival: Int64
        var order: UInt64
        var event: SimulatedEvent

        static func precedes(_ left: Pending, _ right: Pending) -> Bool {
            left.arrival != right.arrival ? left.arrival < right.arrival : left.order < right.order
        }
    }

    private let noise: NoiseModel
    private let isNone: Bool
    private var random: SeededGenerator
    private let wiringSeed: UInt64
    private let skew: [Int64]
    let lies: [Lie]
    /// Hour last looked at and, while the controller buffers, the instant at which it will send.
    private var lateHour: [Int64]
    private var lateUntil: [Int64]
    private var heap = BinaryHeap<Pending>()
    private var ready: [SimulatedEvent] = []
    private var order: UInt64 = 0

    init(noise: NoiseModel, seed: UInt64, sites: Int) {
        self.noise = noise
        isNone = noise.isNone
        var random = SeededGenerator(seed: seed, stream: "noise")
        wiringSeed = random.next()
        skew = (0..<sites).map { _ in noise.skew > 0 ? Int64((random.uniform(-noise.skew, noise.skew) * 1000).rounded()) : 0 }
        lies = (0..<sites).map { _ in
            guard noise.lying > 0, random.chance(noise.lying) else { return .none }
            return random.pick([.stuckFuel, .invertedGenerator, .frozenTemperature, .stuckGrid])
        }
        lateHour = Array(repeating: -1, count: noise.late > 0 ? sites : 0)
        lateUntil = Array(repeating: .min, count: noise.late > 0 ? sites : 0)
        self.random = random
    }

    /// The site's own idea of the time.
    func clock(_ site: Int, _ milliseconds: Int64) -> Int64 { milliseconds + skew[site] }

    /// Whether a site's alarms of a type have a wire at all.
    func isWired(_ site: Int, _ type: UInt8) -> Bool {
        guard noise.unwired > 0 else { return true }
        var state = wiringSeed ^ UInt64(site) &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(type) << 56
        return Double(SeededGenerator.splitMix(&state) >> 11) * 0x1p-53 >= noise.unwired
    }

    /// Gaps in milliseconds of a chattering contact; `nil` for a steady one.
    mutating func bounces() -> [Int64]? {
        guard noise.flapping > 0, random.chance(noise.flapping) else { return nil }
        return (0..<random.integer(1...4)).map { _ in Int64(random.uniform(2, 20) * 1000) }
    }

    mutating func deliver(
        _ json: [UInt8], site: Int, kind: Kind, producer: AlarmType.Producer, happened: Int64, written: Int64
    ) {
        let stamp = Timestamp(milliseconds: written)
        if isNone {
            ready.append(SimulatedEvent(json: json, timestamp: stamp, arrival: Timestamp(milliseconds: happened)))
            return
        }
        switch kind {
        case .inventory: break
        case .telemetry:
            if noise.telemetry > 0, random.chance(noise.telemetry) { return }
        case .alarm(let type):
            if !isWired(site, type) { return }
            if noise.lost > 0, random.chance(noise.lost) { return }
        }
        var arrival = happened
        if noise.late > 0, producer == .controller { arrival = delayed(site, happened) }
        push(arrival, SimulatedEvent(json: json, timestamp: stamp, arrival: Timestamp(milliseconds: arrival)))
        guard noise.duplicates > 0, random.chance(noise.duplicates) else { return }
        let again = arrival + Int64(random.uniform(50, 30_000))
        push(again, SimulatedEvent(json: json, timestamp: stamp, arrival: Timestamp(milliseconds: again)))
    }

    /// A buffering controller sends at the end of its gap, in no particular order.
    private mutating func delayed(_ site: Int, _ happened: Int64) -> Int64 {
        let hour = happened / 3_600_000
        if hour != lateHour[site] {
            lateHour[site] = hour
            if happened >= lateUntil[site], random.chance(noise.late) {
                let seconds = min(86_400, Spread.lognormal(median: 3600, p90: 6 * 3600).draw(&random))
                lateUntil[site] = happened + Int64(seconds * 1000)
            }
        }
        guard happened < lateUntil[site] else { return happened }
        return min(happened + 86_400_000, lateUntil[site] + Int64(random.uniform(0, 60_000)))
    }

    // MARK: Arrival order

    private mutating func push(_ arrival: Int64, _ event: SimulatedEvent) {
        order &+= 1
        heap.insert(Pending(arrival: arrival, order: order, event: event))
    }

    /// Everything that has arrived before `end`, in order of arrival.
    mutating func take(before end: Int64) -> [SimulatedEvent] {
        var events = ready
        ready.removeAll(keepingCapacity: true)
        while let first = heap.first, first.arrival < end {
            _ = heap.popFirst()
            events.append(first.event)
        }
        return events
    }
}
