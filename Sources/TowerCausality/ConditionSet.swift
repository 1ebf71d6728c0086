/// Conditions as bits.
public struct ConditionSet: Sendable, Equatable {
    private var low: UInt64 = 0
    private var high: UInt64 = 0

    public init() {}
    public init(_ conditions: [Condition]) { for condition in conditions { insert(condition) } }

    public var isEmpty: Bool { low | high == 0 }

    public mutating func insert(_ condition: Condition) {
        let bit = condition.ordinal
        if bit < 64 { low |= 1 << UInt64(bit) } else { high |= 1 << UInt64(bit & 63) }
    }

    public func contains(_ condition: Condition) -> Bool { intersects(ConditionSet([condition])) }
    public func intersects(_ other: ConditionSet) -> Bool { low & other.low | high & other.high != 0 }
}
