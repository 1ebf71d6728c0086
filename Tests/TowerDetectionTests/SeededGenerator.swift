import Glibc
import TowerDetection
import TowerModel

/// SplitMix64: the same numbers from the same seed everywhere.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }

    mutating func uniform() -> Double { Double(next() >> 11) / 9_007_199_254_740_992 }

    mutating func gaussian() -> Double {
        (-2 * log(1 - uniform())).squareRoot() * cos(2 * .pi * uniform())
    }
}

/// 2026-03-02T00:00:00Z, a Monday.
let start = Timestamp(seconds: 1_772_409_600)

/// Feeds `(seconds from start, value)` into one series and answers everything decided, the end settled by `advance`.
func run(
    _ metric: String, _ samples: [(Double, Double)], configuration: DetectionConfiguration = .standard, until: Double? = nil
) -> [Finding] {
    var bank = DetectorBank(configuration: configuration)
    let point = bank.point(metric: metric, managedObject: "unit")
    var findings: [Finding] = []
    for (seconds, value) in samples { bank.observe(point, at: start.adding(seconds: seconds), value: value, into: &findings) }
    if let until { bank.advance(to: start.adding(seconds: until), into: &findings) }
    return findings
}

extension DetectionConfiguration {
    /// Only the detectors of one kind.
    static func only(_ kind: Finding.Kind) -> DetectionConfiguration {
        var configuration = DetectionConfiguration.standard
        if kind != .threshold { configuration.thresholds = [] }
        if kind != .rate { configuration.rates = [] }
        configuration.missing.isEnabled = kind == .missing
        configuration.flatLine.isEnabled = kind == .flatLine
        configuration.baseline.isEnabled = kind == .baseline
        configuration.novelty.isGridEnabled = kind == .novelty
        return configuration
    }
}

/// Evenly spaced samples.
func samples(_ count: Int, every period: Double = 60, _ value: (Int) -> Double) -> [(Double, Double)] {
    (0..<count).map { index in (Double(index) * period, value(index)) }
}
