public import TowerModel

extension Fact {
    func encode(into writer: inout StateWriter) {
        component.encode(into: &writer)
        writer.write(condition.rawValue)
        writer.write(onset)
        writer.write(earliest, near: onset)
        writer.write(lastAt, near: onset)
        writer.write(optional: endedAt, near: onset)
        writer.write(alarmSlots)
        writer.write(allSlots)
        for flag in [isReported, isMeasured, wasMeasured, isInferred] { writer.write(flag) }
        writer.write(eventIDs)
        writer.write(count)
        writer.write(severity.rawValue)
        writer.write(managedObject)
        writer.write(value)
        writer.write(caseNumber)
    }

    init(decoding reader: inout StateReader) throws(StateError) {
        let component = try Component(decoding: &reader)
        let condition = try reader.named(Condition.self, "fact.condition")
        let onset = try reader.timestamp("fact.onset")
        self.init(
            component: component, condition: condition, onset: onset, earliest: try reader.timestamp("fact.earliest", near: onset),
            managedObject: "")
        lastAt = try reader.timestamp("fact.last", near: onset)
        endedAt = try reader.optionalTimestamp("fact.ended", near: onset)
        alarmSlots = try reader.numbers("fact.slots")
        allSlots = try reader.numbers("fact.all_slots")
        isReported = try reader.flag("fact.reported")
        isMeasured = try reader.flag("fact.measured")
        wasMeasured = try reader.flag("fact.was_measured")
        isInferred = try reader.flag("fact.inferred")
        eventIDs = try reader.ids("fact.events")
        count = try reader.int("fact.count")
        severity = try reader.named(Severity.self, "fact.severity")
        managedObject = try reader.name("fact.object")
        value = try reader.optionalDouble("fact.value")
        caseNumber = try reader.int32("fact.case")
    }
}

extension FactBook {
    public func encode(into writer: inout StateWriter) {
        writer.write(count: facts.count)
        for fact in facts {
            writer.write(fact != nil)
            fact?.encode(into: &writer)
        }
        writer.write(free)
        // Numbers are given once, so they order the keys as well as the keys themselves.
        let newest = facts.indices.filter { number in
            guard let fact = facts[number] else { return false }
            return self.newest[fact.component, fact.condition] == Int32(number)
        }
        writer.write(count: newest.count)
        for number in newest { writer.write(Int32(number)) }
        let readings = readingList.sorted { Self.precedes($0.key, $1.key) }
        writer.write(count: readings.count)
        for (key, reading) in readings {
            key.component.encode(into: &writer)
            writer.write(key.condition.rawValue)
            writer.write(reading.holds)
            writer.write(reading.since)
            writer.write(reading.at, near: reading.since)
            writer.write(reading.eventID)
        }
    }

    /// Tables have a place for every number up to the largest.
    private static let mostComponents: Int32 = 4_000_000

    private static func check(_ component: Component, _ reader: StateReader) throws(StateError) {
        guard (0..<mostComponents).contains(component.number) else { throw reader.outOfRange("fact.component") }
    }

    private static func precedes(_ left: Key, _ right: Key) -> Bool {
        left.component != right.component
            ? left.component < right.component : left.condition.rawValue < right.condition.rawValue
    }

    public init(decoding reader: inout StateReader) throws(StateError) {
        self.init()
        for _ in 0..<(try reader.count("facts")) {
            facts.append(try reader.flag("facts") ? try Fact(decoding: &reader) : nil)
            if let fact = facts[facts.count - 1] { try Self.check(fact.component, reader) }
        }
        free = try reader.numbers("facts.free")
        guard free.allSatisfy({ facts.indices.contains(Int($0)) && facts[Int($0)] == nil }) else {
            throw reader.outOfRange("facts.free")
        }
        for _ in 0..<(try reader.count("facts.newest")) {
            let number = try reader.index("facts.newest", below: facts.count)
            guard let fact = facts[Int(number)] else { throw reader.outOfRange("facts.newest") }
            setNewest(number, of: fact.component, fact.condition)
        }
        for _ in 0..<(try reader.count("readings", each: 20)) {
            let component = try Component(decoding: &reader)
            try Self.check(component, reader)
            let condition = try reader.named(Condition.self, "reading.condition")
            let holds = try reader.flag("reading.holds")
            let since = try reader.timestamp("reading.since")
            let at = try reader.timestamp("reading.at", near: since)
            setReading(component, condition, Reading(holds: holds, since: since, at: at, eventID: try reader.id("reading.event")))
        }
    }
}
