import TowerModel

extension RaiseLog {
    func encode(into writer: inout StateWriter) {
        writer.write(end)
        writer.write(count: count)
        var last: Int64 = 0
        for place in start..<end {
            writer.write(type(place))
            writer.write(device(place))
            writer.write(signed: instant(place) - last)
            last = instant(place)
        }
    }

    init(decoding reader: inout StateReader, capacity: Int) throws(StateError) {
        let end = try reader.int("raises.end")
        let count = try reader.count("raises", each: 3)
        guard count <= capacity, end >= count, end == count || count == capacity else { throw reader.outOfRange("raises.end") }
        self.init(capacity: capacity, from: end - count)
        var last: Int64 = 0
        for _ in 0..<count {
            let type = try reader.int32("raises.type")
            let device = try reader.int32("raises.device")
            guard type >= 0, device >= 0 else { throw reader.outOfRange("raises.type") }
            last += try reader.signed("raises.at")
            append(type: type, device: device, at: last)
        }
    }
}
