import TowerModel

extension BurstChains {
    func encode(into writer: inout StateWriter) {
        writer.write(next)
        writer.write(count: bursts.count)
        for (number, burst) in bursts.sorted(by: { $0.key < $1.key }) {
            writer.write(number)
            writer.write(signed: burst.start)
            writer.write(signed: burst.last)
            writer.write(count: burst.types.count)
            for entry in burst.types {
                writer.write(entry.type)
                writer.write(signed: entry.first)
            }
        }
        writer.write(count: lastOnDevice.count)
        for (device, entry) in lastOnDevice.sorted(by: { $0.key < $1.key }) {
            writer.write(device)
            writer.write(signed: entry.at)
            writer.write(entry.burst)
        }
        writer.write(count: joined.count)
        for (number, to) in joined.sorted(by: { $0.key < $1.key }) {
            writer.write(number)
            writer.write(to)
        }
        // What is due already is not written, so that equal states give equal bytes whenever the queue was cut last.
        writer.write(count: deadlines.count - head)
        for due in deadlines[head...] {
            writer.write(signed: due.at)
            writer.write(due.burst)
            writer.write(due.device)
        }
    }

    init(decoding reader: inout StateReader, configuration: LearningConfiguration) throws(StateError) {
        self.init(configuration: configuration)
        next = try reader.int("chains.next")
        for _ in 0..<(try reader.count("chains", each: 4)) {
            let number = try reader.int("chains.number")
            let start = try reader.signed("chains.start")
            var burst = Burst(start: start, last: try reader.signed("chains.last"))
            for _ in 0..<(try reader.count("chains.types", each: 2)) {
                let type = try reader.int32("chains.type")
                burst.types.append((type, try reader.signed("chains.first")))
            }
            bursts[number] = burst
        }
        for _ in 0..<(try reader.count("chains.devices", each: 3)) {
            let device = try reader.int32("chains.device")
            let at = try reader.signed("chains.at")
            lastOnDevice[device] = (at, try reader.int("chains.burst"))
        }
        for _ in 0..<(try reader.count("chains.joined", each: 2)) {
            let number = try reader.int("chains.joined")
            let to = try reader.int("chains.to")
            // A burst is joined to an older one: so the way to its end has no circle.
            guard to < number else { throw reader.outOfRange("chains.to") }
            joined[number] = to
        }
        for _ in 0..<(try reader.count("chains.deadlines", each: 3)) {
            let at = try reader.signed("chains.due")
            let burst = try reader.int("chains.burst")
            deadlines.append((at, burst, try reader.int32("chains.device")))
        }
    }
}
