public import TowerModel

/// Every alarm of one tenant: exactly one is active per (site, managed object, type, cause) at any instant.
///
/// - Time: raises and clears are ordered by event time, whatever order they arrive in; holds run on the caller's clock.
/// - Flapping: `flapRaises` raises inside `flapWindow` make an alarm flap; from then on a clear waits `flapHold` seconds
///   and is forgotten when the alarm returns. A raise is never delayed, so an outage is never hidden.
/// - Bound: `capacity` identities; when full the longest cleared are forgotten first, and if none is cleared the new
///   raise is refused and counted in `refused`. About 700 bytes an alarm with eight events.
public struct AlarmBook: Sendable {
    public struct Configuration: Sendable {
        public var flapRaises = 4
        public var flapWindow = 600.0
        public var flapHold = 300.0
        /// How long a cleared alarm is remembered for late words about it, in seconds.
        public var memory = 86_400.0
        public var capacity = 400_000
        public init() {}
    }

    /// What a signal did.
    public struct Outcome: Sendable, Equatable {
        public enum Change: Sendable { case raised, repeated, changed, cleared, clearHeld, historical, ignored }
        public var change: Change
        /// Slot of the alarm; -1 when there is none.
        public var slot: Int32
    }

    struct Key: Hashable, Sendable {
        var site: Int32
        var object: Int32
        var type: Int32
        var qualifier: Int32
    }

    struct Record: Sendable {
        var key: Key
        var alarm: Alarm
        var isActive: Bool
        var lastRaiseAt: Timestamp
        var lastRaiseID: EventID
        var lastClearAt: Timestamp
        /// A clear that waits for the hold to end.
        var pendingClear: (at: Timestamp, id: EventID)?
        /// Newest raises, at most eight.
        var raiseTimes: [Timestamp] = []
        var generation: UInt32 = 0
    }

    public let configuration: Configuration
    public internal(set) var refused = 0
    public internal(set) var activeCount = 0
    let tenantID: TenantID
    var names = NameTable()
    var slots: [Key: Int32] = [:]
    var records: [Record] = []
    var freeSlots: [Int32] = []
    var slotOfRaise: [EventID: Int32] = [:]
    var holds = DeadlineQueue<(slot: Int32, generation: UInt32)>()
    var forget = DeadlineQueue<(slot: Int32, generation: UInt32)>()

    public init(tenantID: TenantID, configuration: Configuration = .init()) {
        self.tenantID = tenantID
        self.configuration = configuration
    }

    public func alarm(_ slot: Int32) -> Alarm { records[Int(slot)].alarm }
    public func isActive(_ slot: Int32) -> Bool { records[Int(slot)].isActive }

    /// Takes one word in; `alarms` receives the new state when there is one to tell.
    public mutating func take(_ signal: AlarmSignal, now: Timestamp, into alarms: inout [Alarm]) -> Outcome {
        let key = Key(
            site: names.intern(signal.siteID.rawValue), object: names.intern(signal.managedObject),
            type: names.intern(signal.alarmType),
            qualifier: names.intern(signal.qualifier))
        if signal.state == .cleared {
            return clear(signal, key: slots[key] == nil ? nil : key, newKey: key, now: now, into: &alarms)
        }
        if let slot = slots[key] { return again(signal, slot: slot, now: now, into: &alarms) }
        guard let slot = makeRoom(now: now) else {
            refused += 1
            return Outcome(change: .ignored, slot: -1)
        }
        install(signal, key: key, slot: slot, into: &alarms)
        return Outcome(change: .raised, slot: slot)
    }

    /// Ends every active alarm of that type at the site, as a paired type asks. `qualifier` narrows it.
    public mutating func clearAll(
        siteID: SiteID, alarmType: String, qualifier: String? = nil, at: Timestamp, eventID: EventID, now: Timestamp,
        into alarms: inout [Alarm]
    ) -> [Int32] {
        guard let site = names.find(siteID.rawValue), let type = names.find(alarmType) else { return [] }
        let wanted = qualifier.flatMap { names.find($0) }
        if qualifier != nil, wanted == nil { return [] }
        var cleared: [Int32] = []
        // A site has few alarms of one type: they are found through the objects it has used.
        for slot in slotsOfSite[site] ?? [] {
            let record = records[Int(slot)]
            guard record.isActive, record.key.type == type, wanted == nil || record.key.qualifier == wanted else { continue }
            if end(slot, at: at, eventID: eventID, now: now, into: &alarms).change == .cleared { cleared.append(slot) }
        }
        return cleared
    }

    var slotsOfSite: [Int32: [Int32]] = [:]

    /// Writes down which incident holds an alarm; says so once per change.
    public mutating func assign(_ slot: Int32, to incident: EventID?, now: Timestamp, into alarms: inout [Alarm]) {
        guard records[Int(slot)].alarm.incidentID != incident else { return }
        records[Int(slot)].alarm.incidentID = incident
        alarms.append(records[Int(slot)].alarm)
    }

    /// Ends holds that are over. Call with a clock that never goes back.
    public mutating func advance(to now: Timestamp, into alarms: inout [Alarm]) -> [Int32] {
        var cleared: [Int32] = []
        while let due = holds.popDue(by: now) {
            let slot = due.element.slot
            guard records[Int(slot)].generation == due.element.generation, let pending = records[Int(slot)].pendingClear else {
                continue
            }
            finish(slot, at: pending.at, eventID: pending.id, now: now, into: &alarms)
            cleared.append(slot)
        }
        while let due = forget.popDue(by: now) {
            let slot = due.element.slot
            guard records[Int(slot)].generation == due.element.generation, !records[Int(slot)].isActive else { continue }
            release(slot)
        }
        return cleared
    }

    public var nextDeadline: Timestamp? {
        guard let hold = holds.next else { return forget.next }
        return forget.next.map { min($0, hold) } ?? hold
    }
}

extension AlarmBook {
    /// Whether an alarm of that type is up at that object, by that kind of source.
    public func isUp(siteID: SiteID, managedObject: String, alarmType: String, source: Alarm.Source) -> Bool {
        guard let site = names.find(siteID.rawValue), let object = names.find(managedObject), let type = names.find(alarmType)
        else {
            return false
        }
        return (slotsOfSite[site] ?? []).contains { slot in
            let record = records[Int(slot)]
            return record.isActive && record.key.object == object && record.key.type == type && record.alarm.source == source
        }
    }

    /// The part of an alarm's identity beside site, object and type.
    public func qualifier(_ slot: Int32) -> String { names[records[Int(slot)].key.qualifier] }
}
