/// The keys of one generation, in parts that grow apart from each other, so that no single insertion waits for the whole
/// table to move.
struct KeyGeneration: ~Copyable, @unchecked Sendable {
    private static let partCount = 64
    private let parts: UnsafeMutablePointer<FlatKeySet>
    private(set) var count = 0

    init() {
        parts = .allocate(capacity: Self.partCount)
        for part in 0..<Self.partCount { (parts + part).initialize(to: FlatKeySet()) }
    }

    deinit {
        parts.deinitialize(count: Self.partCount)
        parts.deallocate()
    }

    var bytes: Int { (0..<Self.partCount).reduce(0) { $0 + parts[$1].bytes } }

    /// Room for `keys` that spread as random ones do.
    mutating func reserveCapacity(_ keys: Int) {
        // Parts are not equally full: four standard deviations more than the mean, and then the next power of two.
        let mean = Double(keys) / Double(Self.partCount)
        let most = Int(mean + 4 * mean.squareRoot()) + 1
        for part in 0..<Self.partCount { parts[part].reserveCapacity(most) }
    }

    @inline(__always)
    private static func part(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash >> 58) }

    @inline(__always)
    func prefetch(_ hash: UInt64) { parts[Self.part(hash)].prefetch(hash) }

    @inline(__always)
    func contains(_ key: EventKey, hash: UInt64) -> Bool { count > 0 && parts[Self.part(hash)].contains(key, hash: hash) }

    /// Whether it was new.
    @inline(__always)
    mutating func insert(_ key: EventKey, hash: UInt64) -> Bool {
        guard parts[Self.part(hash)].insert(key, hash: hash) else { return false }
        count += 1
        return true
    }

    /// Whether it was there.
    mutating func remove(_ key: EventKey, hash: UInt64) -> Bool {
        guard parts[Self.part(hash)].remove(key, hash: hash) else { return false }
        count -= 1
        return true
    }
}
