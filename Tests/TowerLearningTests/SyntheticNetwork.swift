/// A seeded network whose true graph is known: devices in rings, root types raised at random, every edge of the graph carried
/// to the same or a linked device with a chance and a lag.
struct SyntheticNetwork {
    struct Raise: Hashable {
        var second: Int
        var type: Int32
        var device: Int32
    }

    var raises: [Raise] = []
    var truth: Set<[Int32]> = []
    let types: Int
    let devices: Int

    /// SplitMix64 (Steele, Lea, Flood 2014).
    struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = state
            value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
            return value ^ (value >> 31)
        }
    }

    /// - Parameter edges: share of the pairs down the hidden order that are edges.
    init(seed: UInt64, types: Int = 10, devices: Int = 40, edges: Double = 0.25, roots: Int = 3_000, days: Int = 30) {
        self.types = types
        self.devices = devices
        var random = Generator(state: seed)
        let order = (0..<Int32(types)).shuffled(using: &random)
        for later in 1..<types {
            for earlier in 0..<later where Double.random(in: 0..<1, using: &random) < edges {
                truth.insert([order[earlier], order[later]])
            }
        }
        let span = days * 86_400
        var open: [Raise] = (0..<roots).map { _ in
            Raise(
                second: Int.random(in: 0..<span, using: &random), type: Int32.random(in: 0..<Int32(types), using: &random),
                device: Int32.random(in: 0..<Int32(devices), using: &random))
        }
        while let cause = open.popLast() {
            raises.append(cause)
            for edge in truth.sorted(by: { $0.lexicographicallyPrecedes($1) }) where edge[0] == cause.type {
                guard Double.random(in: 0..<1, using: &random) < 0.5 else { continue }
                let isBeside = Double.random(in: 0..<1, using: &random) < 0.3
                let device = isBeside ? neighbours(cause.device).randomElement(using: &random) ?? cause.device : cause.device
                open.append(Raise(second: cause.second + Int.random(in: 0...20, using: &random), type: edge[1], device: device))
            }
        }
        raises.sort { ($0.second, $0.type, $0.device) < ($1.second, $1.type, $1.device) }
    }

    /// A ring.
    func neighbours(_ device: Int32) -> [Int32] {
        let count = Int32(devices)
        return [(device + 1) % count, (device + count - 1) % count]
    }
}
