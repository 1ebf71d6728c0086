public import TowerModel

extension AlarmBook {
    public func encode(into writer: inout StateWriter) {
        writer.write(refused)
        writer.write(activeCount)
        names.encode(into: &writer)
        writer.write(count: records.count)
        for record in records { record.encode(into: &writer) }
        writer.write(freeSlots)
        // A slot is free or holds its key: both tables below follow from the records, but for ids that several name.
        let raises = slotOfRaise.sorted { $0.key < $1.key }
        writer.write(count: raises.count)
        for (id, slot) in raises {
            writer.write(id)
            writer.write(slot)
        }
        let sites = slotsOfSite.sorted { $0.key < $1.key }
        writer.write(count: sites.count)
        for (site, slots) in sites {
            writer.write(site)
            writer.write(slots)
        }
        holds.encode(into: &writer, element: Self.encode)
        forget.encode(into: &writer, element: Self.encode)
    }

    private static func encode(_ element: (slot: Int32, generation: UInt32), _ writer: inout StateWriter) {
        writer.write(element.slot)
        writer.write(unsigned: UInt64(element.generation))
    }

    public init(decoding reader: inout StateReader, tenantID: TenantID, configuration: Configuration) throws(StateError) {
        self.init(tenantID: tenantID, configuration: configuration)
        refused = try reader.int("alarms.refused")
        activeCount = try reader.int("alarms.active")
        names = try NameTable(decoding: &reader)
        for _ in 0..<(try reader.count("alarms", each: 80)) { records.append(try Record(decoding: &reader, names: names.count)) }
        freeSlots = try reader.numbers("alarms.free")
        var isFree = [Bool](repeating: false, count: records.count)
        for slot in freeSlots {
            guard records.indices.contains(Int(slot)), !isFree[Int(slot)] else { throw reader.outOfRange("alarms.free") }
            isFree[Int(slot)] = true
        }
        for slot in records.indices where !isFree[slot] {
            guard slots.updateValue(Int32(slot), forKey: records[slot].key) == nil else { throw reader.outOfRange("alarms.key") }
        }
        let slotCount = records.count
        for _ in 0..<(try reader.count("alarms.raises", each: 17)) {
            let id = try reader.id("alarms.raises")
            slotOfRaise[id] = try reader.index("alarms.raises", below: slotCount)
        }
        for _ in 0..<(try reader.count("alarms.sites")) {
            let site = try reader.int32("alarms.sites")
            let slots = try reader.numbers("alarms.sites")
            guard slots.allSatisfy({ records.indices.contains(Int($0)) }) else { throw reader.outOfRange("alarms.sites") }
            slotsOfSite[site] = slots
        }
        func element(_ reader: inout StateReader) throws(StateError) -> (slot: Int32, generation: UInt32) {
            let slot = try reader.index("alarms.deadline", below: slotCount)
            return (slot, try Record.generation(&reader))
        }
        holds = try DeadlineQueue(decoding: &reader, element: element)
        forget = try DeadlineQueue(decoding: &reader, element: element)
    }
}

extension AlarmBook.Record {
    func encode(into writer: inout StateWriter) {
        for number in [key.site, key.object, key.type, key.qualifier] { writer.write(number) }
        alarm.encode(into: &writer)
        writer.write(isActive)
        writer.write(lastRaiseAt)
        writer.write(lastRaiseID)
        writer.write(lastClearAt, near: lastRaiseAt)
        writer.write(pendingClear != nil)
        if let pendingClear {
            writer.write(pendingClear.at, near: lastRaiseAt)
            writer.write(pendingClear.id)
        }
        writer.write(count: raiseTimes.count)
        for time in raiseTimes { writer.write(time, near: lastRaiseAt) }
        writer.write(unsigned: UInt64(generation))
    }

    init(decoding reader: inout StateReader, names: Int) throws(StateError) {
        var numbers: [Int32] = []
        for _ in 0..<4 {
            let number = try reader.int32("alarm.key")
            guard number >= -1, Int(number) < names else { throw reader.outOfRange("alarm.key") }
            numbers.append(number)
        }
        key = AlarmBook.Key(site: numbers[0], object: numbers[1], type: numbers[2], qualifier: numbers[3])
        alarm = try Alarm(decoding: &reader)
        isActive = try reader.flag("alarm.is_active")
        lastRaiseAt = try reader.timestamp("alarm.last_raise")
        lastRaiseID = try reader.id("alarm.last_raise")
        lastClearAt = try reader.timestamp("alarm.last_clear", near: lastRaiseAt)
        pendingClear = nil
        if try reader.flag("alarm.pending") {
            let at = try reader.timestamp("alarm.pending", near: lastRaiseAt)
            pendingClear = (at, try reader.id("alarm.pending"))
        }
        raiseTimes = []
        for _ in 0..<(try reader.count("alarm.raises")) {
            raiseTimes.append(try reader.timestamp("alarm.raises", near: lastRaiseAt))
        }
        generation = try Self.generation(&reader)
    }

    static func generation(_ reader: inout StateReader) throws(StateError) -> UInt32 {
        guard let value = UInt32(exactly: try reader.unsigned("alarm.generation")) else {
            throw reader.outOfRange("alarm.generation")
        }
        return value
    }
}
