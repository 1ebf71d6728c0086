public import TowerModel

extension BurstGrouper {
    public func encode(into writer: inout StateWriter) {
        statistics.encode(into: &writer)
        writer.write(nextGroup)
        let groups = groups.sorted { $0.key < $1.key }
        writer.write(count: groups.count)
        for (number, group) in groups {
            writer.write(number)
            group.encode(into: &writer)
        }
        let devices = groupOfDevice.sorted { $0.key < $1.key }
        writer.write(count: devices.count)
        for (device, entry) in devices {
            writer.write(device)
            writer.write(entry.group)
            writer.write(entry.last)
        }
        deadlines.encode(into: &writer) { element, writer in
            writer.write(element.group)
            writer.write(element.isBurst)
        }
    }

    public init(decoding reader: inout StateReader, configuration: Configuration) throws(StateError) {
        self.init(configuration: configuration)
        statistics = try OpenerStatistics(decoding: &reader)
        nextGroup = try reader.int32("bursts.next")
        for _ in 0..<(try reader.count("bursts")) {
            let number = try reader.int32("bursts.number")
            groups[number] = try Group(decoding: &reader)
        }
        for _ in 0..<(try reader.count("bursts.devices")) {
            let device = try reader.int32("bursts.device")
            let group = try reader.int32("bursts.group")
            groupOfDevice[device] = (group, try reader.timestamp("bursts.last"))
        }
        func element(_ reader: inout StateReader) throws(StateError) -> (group: Int32, isBurst: Bool) {
            let group = try reader.int32("bursts.deadline")
            return (group, try reader.flag("bursts.deadline"))
        }
        deadlines = try DeadlineQueue(decoding: &reader, element: element)
    }
}

extension BurstGrouper.Group {
    func encode(into writer: inout StateWriter) {
        writer.write(start)
        writer.write(last, near: start)
        writer.write(severity.rawValue)
        writer.write(burstLast, near: start)
        writer.write(deviceCount)
        writer.write(isOpen)
        writer.write(eventIDs)
        writer.write(eventCount)
        writer.write(count: members.count)
        for member in members {
            writer.write(member.type)
            writer.write(member.device)
            writer.write(member.first, near: start)
            writer.write(member.last, near: start)
            writer.write(member.count)
            writer.write(member.eventID)
            writer.write(member.slot)
        }
        writer.write(count: burst.count)
        for entry in burst {
            writer.write(entry.type)
            writer.write(signed: entry.first)
        }
    }

    init(decoding reader: inout StateReader) throws(StateError) {
        start = try reader.timestamp("burst.start")
        last = try reader.timestamp("burst.last", near: start)
        severity = try reader.named(Severity.self, "burst.severity")
        burstLast = try reader.timestamp("burst.burst_last", near: start)
        deviceCount = try reader.int("burst.devices")
        isOpen = try reader.flag("burst.is_open")
        eventIDs = try reader.ids("burst.events")
        eventCount = try reader.int("burst.event_count")
        for _ in 0..<(try reader.count("burst.members", each: 20)) {
            let type = try reader.int32("member.type")
            let device = try reader.int32("member.device")
            let first = try reader.timestamp("member.first", near: start)
            let last = try reader.timestamp("member.last", near: start)
            let count = try reader.int("member.count")
            let id = try reader.id("member.event")
            members.append(
                BurstGrouper.Member(
                    type: type, device: device, first: first, last: last, count: count, eventID: id,
                    slot: try reader.int32("member.slot")))
        }
        for _ in 0..<(try reader.count("burst.burst")) {
            let type = try reader.int32("burst.type")
            burst.append((type, try reader.signed("burst.first")))
        }
    }
}

extension OpenerStatistics {
    public func encode(into writer: inout StateWriter) {
        writer.write(temperature)
        writer.write(burstsLearned)
        writer.write(count: opened.count)
        for type in opened.indices {
            writer.write(opened[type])
            writer.write(present[type])
            writer.write(count: before[type].count)
            for times in before[type] { writer.write(times) }
        }
    }

    public init(decoding reader: inout StateReader) throws(StateError) {
        self.init()
        temperature = try reader.double("openers.temperature")
        burstsLearned = try reader.int("openers.bursts")
        for _ in 0..<(try reader.count("openers", each: 17)) {
            opened.append(try reader.double("openers.opened"))
            present.append(try reader.double("openers.present"))
            var row: [Float] = []
            for _ in 0..<(try reader.count("openers.before", each: 4)) { row.append(try reader.float("openers.before")) }
            before.append(row)
        }
    }
}
