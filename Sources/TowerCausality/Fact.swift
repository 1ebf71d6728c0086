public import TowerModel

/// One condition of one component over one stretch of time, with everything that told us of it.
public struct Fact: Sendable {
    public var component: Component
    public var condition: Condition
    /// Event time of the first sign.
    public var onset: Timestamp
    /// It may have begun as early as this: the last contrary sample before a sampled sign; else `onset`.
    public var earliest: Timestamp
    public var lastAt: Timestamp
    public var endedAt: Timestamp?
    /// Slots of the alarms that hold it up now.
    public var alarmSlots: [Int32] = []
    /// Every alarm slot that ever did.
    public var allSlots: [Int32] = []
    /// An alarm or notice told of it.
    public var isReported = false
    /// Telemetry shows it now; showed it.
    public var isMeasured = false
    public var wasMeasured = false
    /// Worked out from other facts or from silence.
    public var isInferred = false
    public var eventIDs: [EventID] = []
    /// Largest number of objects of the component that showed it at once (cells, strings).
    public var count = 1
    public var severity = Severity.indeterminate
    /// The managed object as sent, for names.
    public var managedObject = ""
    /// A number worth telling: volts, dB, hours.
    public var value: Double?
    /// The case that holds it; -1 for none.
    public var caseNumber: Int32 = -1

    public var isActive: Bool { endedAt == nil }

    public init(component: Component, condition: Condition, onset: Timestamp, earliest: Timestamp, managedObject: String) {
        self.component = component
        self.condition = condition
        self.onset = onset
        self.earliest = earliest
        self.lastAt = onset
        self.managedObject = managedObject
    }
}

/// What telemetry says of a condition now: holds or does not, and since when.
public struct Reading: Sendable {
    public var holds: Bool
    public var since: Timestamp
    public var at: Timestamp
    public var eventID: EventID
    public init(holds: Bool, since: Timestamp, at: Timestamp, eventID: EventID) {
        self.holds = holds
        self.since = since
        self.at = at
        self.eventID = eventID
    }
}

/// All facts and readings of one tenant, found by (component, condition).
///
/// - Bound: facts that ended and belong to no open case are forgotten by `prune`; ids a fact are at most 256 events.
public struct FactBook: Sendable {
    public struct Key: Hashable, Sendable {
        public var component: Component
        public var condition: Condition
        public init(_ component: Component, _ condition: Condition) {
            self.component = component
            self.condition = condition
        }
        public func hash(into hasher: inout Hasher) {
            hasher.combine(
                UInt64(UInt32(bitPattern: component.number)) << 16 | UInt64(component.kind.rawValue) << 8 | UInt64(condition.ordinal))
        }
    }
    static let maximumEvents = 256

    public internal(set) var facts: [Fact?] = []
    var free: [Int32] = []
    var newest = ConditionTable()
    /// Places in `readingList`.
    var readings = ConditionTable()
    var readingList: [(key: Key, reading: Reading)] = []
    /// Links that have shown a fade or a lower modulation: what makes a storm of several hops.
    public private(set) var fadingLinks: Set<Int32> = []

    public init() {}

    public subscript(_ number: Int32) -> Fact {
        get { facts[Int(number)]! }
        // In place: a fact taken out and put back would copy its lists at every change.
        _modify { yield &facts[Int(number)]! }
    }

    /// The newest fact of a condition, over or not.
    public func newest(_ component: Component, _ condition: Condition) -> Int32? {
        let number = newest[component, condition]
        return number >= 0 ? number : nil
    }

    public func fact(_ component: Component, _ condition: Condition) -> Fact? {
        let number = newest[component, condition]
        return number >= 0 ? facts[Int(number)] : nil
    }

    public func active(_ component: Component, _ condition: Condition) -> Fact? {
        guard holds(component, condition) else { return nil }
        return fact(component, condition)
    }

    /// Whether the newest fact of a condition goes on; nothing is copied.
    public func holds(_ component: Component, _ condition: Condition) -> Bool {
        let number = newest[component, condition]
        return number >= 0 && facts[Int(number)]?.endedAt == nil
    }

    /// The case of the newest fact of a condition; `nil` without a fact.
    public func owner(_ component: Component, _ condition: Condition) -> Int32? {
        let number = newest[component, condition]
        return number >= 0 ? facts[Int(number)]?.caseNumber : nil
    }

    public func reading(_ component: Component, _ condition: Condition) -> Reading? {
        let place = readings[component, condition]
        return place >= 0 ? readingList[Int(place)].reading : nil
    }

    public mutating func setReading(_ component: Component, _ condition: Condition, _ reading: Reading) {
        let place = readings[component, condition]
        if place >= 0 {
            readingList[Int(place)].reading = reading
        } else {
            readings[component, condition] = Int32(readingList.count)
            readingList.append((Key(component, condition), reading))
        }
    }

    /// Adds a fact and makes it the newest of its key.
    public mutating func insert(_ fact: Fact) -> Int32 {
        let number: Int32
        if let reused = free.popLast() {
            number = reused
            facts[Int(number)] = fact
        } else {
            number = Int32(facts.count)
            facts.append(fact)
        }
        setNewest(number, of: fact.component, fact.condition)
        return number
    }

    mutating func setNewest(_ number: Int32, of component: Component, _ condition: Condition) {
        newest[component, condition] = number
        guard component.kind == .link, condition == .rainFade || condition == .modulationDown else { return }
        if newest[component, .rainFade] >= 0 || newest[component, .modulationDown] >= 0 {
            fadingLinks.insert(component.number)
        } else {
            fadingLinks.remove(component.number)
        }
    }

    public mutating func addEvent(_ id: EventID, to number: Int32) {
        guard facts[Int(number)]!.eventIDs.count < Self.maximumEvents, !facts[Int(number)]!.eventIDs.contains(id) else { return }
        facts[Int(number)]!.eventIDs.append(id)
    }

    public mutating func remove(_ number: Int32) {
        guard let fact = facts[Int(number)] else { return }
        if newest[fact.component, fact.condition] == number { setNewest(-1, of: fact.component, fact.condition) }
        facts[Int(number)] = nil
        free.append(number)
    }
}
