/// Keys whose append is under way, each with the ticket of its request. Small: it holds what is in flight.
struct PendingKeys: Sendable {
    private struct Place {
        var key = EventKey(high: 0, low: 0)
        /// 0 marks a free place.
        var ticket: UInt64 = 0
    }
    private var places = [Place](repeating: Place(), count: 1024)
    private(set) var count = 0

    /// The ticket that holds the key; 0 for none.
    @inline(__always)
    func ticket(_ key: EventKey, hash: UInt64) -> UInt64 {
        let mask = places.count - 1
        var index = Int(truncatingIfNeeded: hash) & mask
        while places[index].ticket != 0 {
            if places[index].key == key { return places[index].ticket }
            index = (index + 1) & mask
        }
        return 0
    }

    /// Holds the key for the ticket; answers who held it already, 0 when nobody did.
    mutating func insert(_ key: EventKey, hash: UInt64, ticket: UInt64) -> UInt64 {
        if (count + 1) * 2 > places.count { grow() }
        let mask = places.count - 1
        var index = Int(truncatingIfNeeded: hash) & mask
        while places[index].ticket != 0 {
            if places[index].key == key { return places[index].ticket }
            index = (index + 1) & mask
        }
        places[index] = Place(key: key, ticket: ticket)
        count += 1
        return 0
    }

    /// Takes the key out and closes the gap, so that no probe ends too early.
    mutating func remove(_ key: EventKey, hash: UInt64) {
        let mask = places.count - 1
        var gap = Int(truncatingIfNeeded: hash) & mask
        while places[gap].ticket != 0, places[gap].key != key { gap = (gap + 1) & mask }
        guard places[gap].ticket != 0 else { return }
        count -= 1
        var next = (gap + 1) & mask
        while places[next].ticket != 0 {
            let home = Int(truncatingIfNeeded: places[next].key.hash) & mask
            // It may move into the gap unless its home lies behind the gap.
            if (next &- home) & mask >= (next &- gap) & mask {
                places[gap] = places[next]
                gap = next
            }
            next = (next + 1) & mask
        }
        places[gap] = Place()
    }

    private mutating func put(_ place: Place, _ hash: UInt64) {
        let mask = places.count - 1
        var index = Int(truncatingIfNeeded: hash) & mask
        while places[index].ticket != 0 { index = (index + 1) & mask }
        places[index] = place
    }

    private mutating func grow() {
        let old = places
        places = [Place](repeating: Place(), count: old.count * 2)
        for place in old where place.ticket != 0 { put(place, place.key.hash) }
    }
}
