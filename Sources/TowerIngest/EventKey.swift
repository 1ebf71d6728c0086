import TowerModel
import TowerStreaming

/// Identity of an event in the memory of the door: its id, blended with a secret of its tenant.
///
/// Inside a tenant different ids stay different. The secret keeps a tenant from naming another's ids, and a sender from
/// choosing ids that crowd one place of the table.
public struct EventKey: Hashable, Sendable {
    public var high: UInt64
    public var low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// A tenant's secret: what its name comes to under the door's, which is kept beside the keys that were made with it.
    struct Blend: Sendable {
        var high: UInt64
        var low: UInt64
        init(tenant: String, secret: WideKey) {
            high = SipHash.hash(tenant.utf8, key: secret)
            low = SipHash.hash(tenant.utf8, key: WideKey(high: ~secret.high, low: ~secret.low))
        }

        @inline(__always)
        func key(_ id: EventID) -> EventKey { EventKey(high: id.high ^ high, low: id.low ^ low) }
    }

    /// Where it belongs in a table: all bits of both words matter.
    @inline(__always)
    var hash: UInt64 {
        // The one key that looks like a free place is kept as its neighbour, so it must hash like it.
        let low = high | low == 0 ? 1 : low
        let product = (high ^ 0x9E37_79B9_7F4A_7C15).multipliedFullWidth(by: low ^ 0xD6E8_FEB8_6659_FD93)
        return product.high ^ product.low ^ (high &* 0xA076_1D64_78BD_642F) ^ low
    }
}
