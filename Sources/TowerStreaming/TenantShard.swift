/// One of `count` shards that the tenants of a log are dealt out to: the unit by which several processes share a group's work.
///
/// - A tenant is of the shard that its name hashes to (murmur2, positive, modulo the count), in every process and for ever.
/// - Each shard is read by a group of its own, `aiops-engine.s1of4`; of one shard there is nothing but the group itself.
public struct TenantShard: Hashable, Sendable, CustomStringConvertible {
    /// From 0.
    public let number: Int32
    public let count: Int32

    /// - Parameters:
    ///   - number: 0..<`count`.
    ///   - count: within `counts`.
    public init(_ number: Int32, of count: Int32) {
        precondition(Self.counts.contains(count) && (0..<count).contains(number), "no shard \(number) of \(count)")
        self.number = number
        self.count = count
    }

    public static let counts: ClosedRange<Int32> = 1...64

    /// As people count: `1 of 4`.
    public var description: String { "\(number + 1) of \(count)" }

    // MARK: Tenants and partitions

    public static func number(ofTenant name: UnsafeRawBufferPointer, count: Int32) -> Int32 {
        count > 1 ? Murmur2.partition(of: name, count: count) : 0
    }

    public func holds(tenant: String) -> Bool {
        var tenant = tenant
        return tenant.withUTF8 { Self.number(ofTenant: UnsafeRawBufferPointer($0), count: count) } == number
    }

    /// Of a topic whose partitions are dealt out: the remainder says the shard, so that partitions which are added stay with it.
    public func holds(partition: Int32) -> Bool { partition % count == number }

    // MARK: Names of groups

    /// The group that reads this shard for `base`.
    public func group(_ base: String) -> String { count == 1 ? base : "\(base).s\(number + 1)of\(count)" }

    /// The shard that a group of that name reads; `nil` for a group that is none of a shard.
    public init?(group name: String) {
        guard let dot = name.lastIndex(of: ".") else { return nil }
        let suffix = name[name.index(after: dot)...]
        guard suffix.first == "s", let middle = suffix.firstRange(of: "of") else { return nil }
        guard let number = Int32(suffix[suffix.index(after: suffix.startIndex)..<middle.lowerBound]),
            let count = Int32(suffix[middle.upperBound...]), Self.counts.contains(count), count > 1, (1...count).contains(number)
        else { return nil }
        self.init(number - 1, of: count)
    }

    /// The name without the shard.
    public static func base(ofGroup name: String) -> String {
        guard TenantShard(group: name) != nil, let dot = name.lastIndex(of: ".") else { return name }
        return String(name[..<dot])
    }
}

/// A log that shows its reader one shard of the tenants.
///
/// Records of other shards' tenants may still come where partitions are not dealt out, or from a time with another number of
/// shards: who reads leaves them out.
public protocol ShardedLog: EventLog {
    var shard: TenantShard { get }
    /// Whether a record there that is of another shard's tenant stands in a wrong partition, and no reader of this group has passed
    /// it before: whoever wrote it does not deal tenants out as we do.
    ///
    /// - Parameter place: the broker's topic.
    func isStray(_ place: TopicName, partition: Int32, offset: Int64) -> Bool
}
