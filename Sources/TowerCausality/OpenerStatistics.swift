import Glibc

/// Which alarm types open bursts and which come before which, learned from bursts that are over.
///
/// Score of a type in a burst: `ln((O + 1) / (N - O + 1)) + 0.1 mean_u ln((W_tu + 1) / (W_ut + 1)) + 0.25 [first here]`,
/// with O times the type was among the first (ties share one), N bursts that had it, W times it came strictly before
/// another. Only the past is used.
/// - Bound: `maximumTypes` types; a further one is scored as never seen. Memory is types squared times 4 bytes.
public struct OpenerStatistics: Sendable {
    public static let maximumTypes = 1024
    /// Divides scores before they become probabilities.
    public var temperature = 0.8
    var opened: [Double] = []
    var present: [Double] = []
    /// `before[a][b]`: times a came strictly before b.
    var before: [[Float]] = []
    public internal(set) var burstsLearned = 0

    public init() {}

    private mutating func grow(to type: Int32) {
        while opened.count <= Int(type) {
            opened.append(0)
            present.append(0)
            before.append([])
        }
    }

    /// Learns one finished burst: each type once, with the instant (any unit) of its first raise there.
    public mutating func learn(_ burst: [(type: Int32, first: Int64)]) {
        guard burst.count >= 2 else { return }
        burstsLearned += 1
        let start = burst.map(\.first).min() ?? 0
        let openers = burst.filter { $0.first == start }.count
        for entry in burst where entry.type < Self.maximumTypes {
            grow(to: entry.type)
            present[Int(entry.type)] += 1
            if entry.first == start { opened[Int(entry.type)] += 1 / Double(openers) }
            for other in burst where other.type < Self.maximumTypes && other.type != entry.type && entry.first < other.first {
                if before[Int(entry.type)].count <= Int(other.type) {
                    let missing = Int(other.type) + 1 - before[Int(entry.type)].count
                    before[Int(entry.type)].append(contentsOf: repeatElement(0, count: missing))
                }
                before[Int(entry.type)][Int(other.type)] += 1
            }
        }
    }

    private func count(_ a: Int32, before b: Int32) -> Double {
        guard a < before.count, b < before[Int(a)].count else { return 0 }
        return Double(before[Int(a)][Int(b)])
    }

    /// Scores of the types of one burst, in the order given.
    public func scores(_ burst: [(type: Int32, first: Int64)]) -> [Double] {
        let start = burst.map(\.first).min() ?? 0
        return burst.map { entry in
            let known = entry.type < opened.count
            let o = known ? opened[Int(entry.type)] : 0
            let n = known ? present[Int(entry.type)] : 0
            var score = log((o + 1) / (n - o + 1))
            if burst.count > 1 {
                var precedence = 0.0
                for other in burst where other.type != entry.type {
                    precedence += log((count(entry.type, before: other.type) + 1) / (count(other.type, before: entry.type) + 1))
                }
                score += 0.1 * precedence / Double(burst.count - 1)
            }
            return entry.first == start ? score + 0.25 : score
        }
    }

    /// Probabilities of the types of one burst to be its root, in the order given; they sum to `1 - unknown`.
    ///
    /// "Unknown" is large while few bursts have been seen and never below 0.05.
    public func probabilities(_ burst: [(type: Int32, first: Int64)]) -> (types: [Double], unknown: Double) {
        let scores = scores(burst)
        let best = scores.max() ?? 0
        let weights = scores.map { exp(($0 - best) / temperature) }
        let total = weights.reduce(0, +)
        let unknown = 0.05 + 0.45 / (1 + Double(burstsLearned) / 20)
        return (weights.map { $0 / total * (1 - unknown) }, unknown)
    }
}
