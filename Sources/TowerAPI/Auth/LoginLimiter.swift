import TowerModel

/// Token buckets per (address, user): a few tries at once, then one every few seconds.
///
/// Bounded: buckets that are full again are forgotten; when all are in use, a new pair is refused rather than an old
/// one forgiven.
struct LoginLimiter: Sendable {
    private struct Bucket {
        var tokens: Double
        var at: Timestamp
    }
    private var buckets: [String: Bucket] = [:]
    private let burst: Double
    private let refillSeconds: Double
    private let bucketsMax: Int

    init(burst: Int, refillSeconds: Double, bucketsMax: Int = 20_000) {
        self.burst = Double(burst)
        self.refillSeconds = refillSeconds
        self.bucketsMax = bucketsMax
    }

    /// `nil` when the try may go on, otherwise whole seconds to wait.
    mutating func take(address: String, user: String, now: Timestamp) -> Int? {
        let key = "\(address)\u{0}\(user)"
        if buckets[key] == nil, buckets.count >= bucketsMax {
            buckets = buckets.filter { filled($0.value, now: now) < burst }
            guard buckets.count < bucketsMax else { return Int(refillSeconds.rounded(.up)) }
        }
        var bucket = buckets[key] ?? Bucket(tokens: burst, at: now)
        bucket.tokens = filled(bucket, now: now)
        bucket.at = now
        guard bucket.tokens >= 1 else {
            buckets[key] = bucket
            return max(Int(((1 - bucket.tokens) * refillSeconds).rounded(.up)), 1)
        }
        bucket.tokens -= 1
        buckets[key] = bucket
        return nil
    }

    private func filled(_ bucket: Bucket, now: Timestamp) -> Double {
        min(burst, bucket.tokens + max(now.seconds(since: bucket.at), 0) / refillSeconds)
    }
}
