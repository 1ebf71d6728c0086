/// Durations in nanoseconds, in buckets of equal relative width: what an exact tail needs and a mean hides.
///
/// - Shape: 128 buckets for each doubling, so that a quantile is at most 1/128 (0.8 %) above the true value and never below
///   it; values to about 19 minutes, larger ones count in the last bucket while `maximum` stays exact.
/// - Source: the bucket scheme of HdrHistogram (G. Tene), with seven bits of precision.
/// - Ownership: a value; one per thread, merged at the end. Recording allocates nothing.
struct QuantileHistogram: Sendable {
    private static let precisionBits = 7
    private static let largestExponent = 40
    private var counts: [UInt32]
    private(set) var count = 0
    private(set) var maximum: Int64 = 0

    init() {
        counts = [UInt32](repeating: 0, count: (Self.largestExponent - Self.precisionBits + 1) << Self.precisionBits)
    }

    /// Values below 128 have a bucket each; above, the seven bits behind the leading one choose it.
    private static func bucket(_ value: Int64) -> Int {
        let positive = max(value, 0)
        guard positive >> precisionBits > 0 else { return Int(positive) }
        let exponent = 63 - positive.leadingZeroBitCount
        guard exponent < largestExponent else { return ((largestExponent - precisionBits + 1) << precisionBits) - 1 }
        let shift = exponent - precisionBits
        return ((shift + 1) << precisionBits) + Int(positive >> Int64(shift)) - (1 << precisionBits)
    }

    /// Largest value of a bucket.
    private static func upperBound(_ bucket: Int) -> Int64 {
        guard bucket >> precisionBits > 0 else { return Int64(bucket) }
        let shift = (bucket >> precisionBits) - 1
        let mantissa = bucket & ((1 << precisionBits) - 1) | 1 << precisionBits
        return ((Int64(mantissa) + 1) << Int64(shift)) - 1
    }

    mutating func record(_ nanoseconds: Int64) {
        counts[Self.bucket(nanoseconds)] &+= 1
        count += 1
        maximum = max(maximum, nanoseconds)
    }

    mutating func merge(_ other: QuantileHistogram) {
        for index in counts.indices { counts[index] &+= other.counts[index] }
        count += other.count
        maximum = max(maximum, other.maximum)
    }

    /// The smallest bucket bound that at least this share of the values does not exceed; 0 when nothing was recorded.
    ///
    /// - Parameter share: 0...1; 0.999 is the 99.9th percentile.
    func quantile(_ share: Double) -> Int64 {
        guard count > 0 else { return 0 }
        let rank = max(1, Int((Double(count) * share).rounded(.up)))
        var seen = 0
        for (bucket, inBucket) in counts.enumerated() {
            seen += Int(inBucket)
            if seen >= rank { return min(Self.upperBound(bucket), maximum) }
        }
        return maximum
    }
}
