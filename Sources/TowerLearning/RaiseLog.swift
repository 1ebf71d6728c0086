/// The newest raises of one tenant, in order of time, flapping already folded away: type, device and instant in flat arrays.
///
/// A ring: place `n` of all places ever given lives at `n % capacity`. `previous` chains the raises of one device, newest
/// first, so that looking back on a device costs its own raises only.
/// - Bound: `capacity` raises, 20 bytes each.
struct RaiseLog: Sendable {
    let capacity: Int
    private(set) var types: [Int32] = []
    private(set) var devices: [Int32] = []
    /// Microseconds.
    private(set) var instants: [Int64] = []
    private var previous: [Int32] = []
    /// Place of a device's newest raise, by device; -1: none.
    private var newest: [Int] = []
    /// Places given so far.
    private(set) var end = 0

    /// - Parameter start: the first place to be given; where it is not 0, `capacity` raises follow at once.
    init(capacity: Int, from start: Int = 0) {
        self.capacity = capacity
        guard start > 0 else { return }
        end = start
        types = [Int32](repeating: 0, count: capacity)
        devices = types
        previous = types
        instants = [Int64](repeating: 0, count: capacity)
    }

    var start: Int { max(0, end - capacity) }
    var count: Int { end - start }

    func type(_ place: Int) -> Int32 { types[place % capacity] }
    func device(_ place: Int) -> Int32 { devices[place % capacity] }
    func instant(_ place: Int) -> Int64 { instants[place % capacity] }

    /// Place of the newest raise on a device that is still kept; -1: none.
    func newestPlace(on device: Int32) -> Int {
        guard device >= 0, Int(device) < newest.count else { return -1 }
        let place = newest[Int(device)]
        return place >= start ? place : -1
    }

    /// Place of the raise before this one on the same device; -1: none that is kept.
    func place(before place: Int) -> Int {
        let back = Int(previous[place % capacity])
        guard back > 0, place - back >= start else { return -1 }
        return place - back
    }

    mutating func append(type: Int32, device: Int32, at instant: Int64) {
        while newest.count <= Int(device) { newest.append(-1) }
        let last = newest[Int(device)]
        let back = last >= 0 && end - last < capacity ? Int32(end - last) : 0
        if types.count < capacity {
            types.append(type)
            devices.append(device)
            instants.append(instant)
            previous.append(back)
        } else {
            let index = end % capacity
            types[index] = type
            devices[index] = device
            instants[index] = instant
            previous[index] = back
        }
        newest[Int(device)] = end
        end += 1
    }
}
