public import TowerModel

/// Groups alarms that no template knows: bursts on the same or linked devices, and groups of bursts that go on.
///
/// - A raise belongs to a group whose last alarm on the same device is at most `quiet` seconds old, or on a linked device
///   at most `gap` seconds. Event time decides; what is older than its group's start still joins.
/// - A burst ends when nothing came for `gap` seconds; it then teaches `OpenerStatistics`. A group ends after `quiet`.
/// - Bound: `maximumDevices` a group and `longest` seconds, so that a busy network does not become one group; at most
///   `maximumEvents` event ids are kept a group, the first and the last among them.
public struct BurstGrouper: Sendable {
    public struct Configuration: Sendable {
        public var gap = 45.0
        public var quiet = 600.0
        public var longest = 6 * 3600.0
        public var maximumDevices = 128
        public var maximumEvents = 2_000
        public var maximumNeighbours = 256
        public init() {}
    }

    /// One raise.
    public struct Raise: Sendable {
        public var device: Int32
        public var type: Int32
        public var at: Timestamp
        public var eventID: EventID
        public var slot: Int32
        public var severity: Severity
        public init(device: Int32, type: Int32, at: Timestamp, eventID: EventID, slot: Int32, severity: Severity) {
            self.device = device
            self.type = type
            self.at = at
            self.eventID = eventID
            self.slot = slot
            self.severity = severity
        }
    }

    /// A type on a device inside a group: its first raise there and how often it came.
    public struct Member: Sendable {
        public var type: Int32
        public var device: Int32
        public var first: Timestamp
        public var last: Timestamp
        public var count: Int
        public var eventID: EventID
        public var slot: Int32
    }

    public struct Group: Sendable {
        public var members: [Member] = []
        public var eventIDs: [EventID] = []
        public var eventCount = 0
        public var start: Timestamp
        public var last: Timestamp
        public var severity: Severity
        /// The burst that goes on now: first raise of each type.
        public var burst: [(type: Int32, first: Int64)] = []
        public var burstLast: Timestamp
        /// Scores summed over the bursts seen so far, by type, and their number.
        public var deviceCount = 0
        public var isOpen = true
    }

    public let configuration: Configuration
    public internal(set) var statistics = OpenerStatistics()
    public internal(set) var groups: [Int32: Group] = [:]
    var groupOfDevice: [Int32: (group: Int32, last: Timestamp)] = [:]
    var nextGroup: Int32 = 0
    var deadlines = DeadlineQueue<(group: Int32, isBurst: Bool)>()

    public init(configuration: Configuration = .init()) { self.configuration = configuration }

    public func group(_ number: Int32) -> Group? { groups[number] }

    /// Puts a raise where it belongs. `merged` names a younger group that this raise has shown to be the same.
    public mutating func take(_ raise: Raise, neighbours: [Int32], now: Timestamp) -> (group: Int32, isNew: Bool, merged: Int32?)
    {
        var own: Int32?
        if let entry = groupOfDevice[raise.device], fits(raise, entry, within: configuration.quiet, isNewDevice: false) {
            own = entry.group
        }
        var linked: Int32?
        var linkedLast = Timestamp.distantPast
        for neighbour in neighbours.prefix(configuration.maximumNeighbours) {
            guard let entry = groupOfDevice[neighbour], entry.group != own,
                fits(raise, entry, within: configuration.gap, isNewDevice: true)
            else { continue }
            // The nearest in time wins; of equals the older group.
            if entry.last > linkedLast || (entry.last == linkedLast && entry.group < linked ?? .max) {
                linked = entry.group
                linkedLast = entry.last
            }
        }
        var merged: Int32?
        if let one = own, let other = linked, canMerge(one, other) {
            merged = max(one, other)
            own = min(one, other)
            absorb(merged!, into: own!)
        }
        let number: Int32
        let isNew: Bool
        if let chosen = own ?? linked {
            number = chosen
            isNew = false
        } else {
            number = nextGroup
            nextGroup += 1
            isNew = true
            groups[number] = Group(start: raise.at, last: raise.at, severity: raise.severity, burstLast: raise.at)
        }
        add(raise, to: number, now: now)
        return (number, isNew, merged)
    }

    private func fits(_ raise: Raise, _ entry: (group: Int32, last: Timestamp), within seconds: Double, isNewDevice: Bool) -> Bool
    {
        guard let group = groups[entry.group], group.isOpen else { return false }
        if isNewDevice, group.deviceCount >= configuration.maximumDevices { return false }
        let distance = raise.at.seconds(since: entry.last)
        return distance <= seconds && distance >= -seconds - group.last.seconds(since: group.start)
            && raise.at.seconds(since: group.start) <= configuration.longest
    }

    private func canMerge(_ a: Int32, _ b: Int32) -> Bool {
        guard let left = groups[a], let right = groups[b] else { return false }
        let younger = left.start > right.start ? left : right
        return younger.last.seconds(since: younger.start) <= 4 * configuration.gap
            && left.deviceCount + right.deviceCount <= configuration.maximumDevices
    }

    private mutating func absorb(_ source: Int32, into target: Int32) {
        guard let gone = groups.removeValue(forKey: source) else { return }
        for member in gone.members {
            let existing = groups[target]!.members.firstIndex { $0.type == member.type && $0.device == member.device }
            if let existing {
                groups[target]!.members[existing].count += member.count
                groups[target]!.members[existing].first = min(groups[target]!.members[existing].first, member.first)
                groups[target]!.members[existing].last = max(groups[target]!.members[existing].last, member.last)
            } else {
                groups[target]!.members.append(member)
            }
            if let entry = groupOfDevice[member.device], entry.group == source {
                groupOfDevice[member.device] = (target, entry.last)
            }
        }
        groups[target]!.deviceCount = Set(groups[target]!.members.map(\.device)).count
        groups[target]!.eventCount += gone.eventCount
        let room = configuration.maximumEvents - groups[target]!.eventIDs.count
        groups[target]!.eventIDs.append(contentsOf: gone.eventIDs.prefix(max(0, room)))
        groups[target]!.start = min(groups[target]!.start, gone.start)
        groups[target]!.last = max(groups[target]!.last, gone.last)
        groups[target]!.severity = max(groups[target]!.severity, gone.severity)
        for entry in gone.burst { note(entry.type, at: entry.first, in: target) }
    }

    private mutating func add(_ raise: Raise, to number: Int32, now: Timestamp) {
        let isFirstOnDevice = groupOfDevice[raise.device]?.group != number
        if isFirstOnDevice { groups[number]!.deviceCount += 1 }
        let last = isFirstOnDevice ? raise.at : max(raise.at, groupOfDevice[raise.device]!.last)
        groupOfDevice[raise.device] = (number, last)
        let found = groups[number]!.members.firstIndex { $0.type == raise.type && $0.device == raise.device }
        if let found {
            groups[number]!.members[found].count += 1
            groups[number]!.members[found].first = min(groups[number]!.members[found].first, raise.at)
            groups[number]!.members[found].last = max(groups[number]!.members[found].last, raise.at)
        } else {
            groups[number]!.members.append(
                Member(
                    type: raise.type, device: raise.device, first: raise.at, last: raise.at, count: 1, eventID: raise.eventID,
                    slot: raise.slot))
        }
        if groups[number]!.eventIDs.count < configuration.maximumEvents {
            groups[number]!.eventIDs.append(raise.eventID)
        } else {
            groups[number]!.eventIDs[configuration.maximumEvents - 1] = raise.eventID
        }
        groups[number]!.eventCount += 1
        groups[number]!.start = min(groups[number]!.start, raise.at)
        groups[number]!.last = max(groups[number]!.last, raise.at)
        groups[number]!.severity = max(groups[number]!.severity, raise.severity)
        if raise.at.seconds(since: groups[number]!.burstLast) > configuration.gap { endBurst(number) }
        let wasQuiet = groups[number]!.burst.isEmpty
        note(raise.type, at: raise.at.microseconds / 1_000_000, in: number)
        groups[number]!.burstLast = max(groups[number]!.burstLast, raise.at)
        if wasQuiet { deadlines.schedule((number, true), at: now.adding(seconds: configuration.gap + 1)) }
        if groups[number]!.eventCount == 1 { deadlines.schedule((number, false), at: now.adding(seconds: configuration.quiet)) }
    }

    private mutating func note(_ type: Int32, at second: Int64, in number: Int32) {
        if let index = groups[number]!.burst.firstIndex(where: { $0.type == type }) {
            groups[number]!.burst[index].first = min(groups[number]!.burst[index].first, second)
        } else if groups[number]!.burst.count < 256 {
            groups[number]!.burst.append((type, second))
        }
    }

    private mutating func endBurst(_ number: Int32) {
        statistics.learn(groups[number]!.burst)
        groups[number]!.burst = []
    }

    /// Ends bursts and groups that have been quiet long enough; answers the groups that ended.
    public mutating func advance(to now: Timestamp) -> [Int32] {
        var ended: [Int32] = []
        while let due = deadlines.popDue(by: now) {
            let (number, isBurst) = due.element
            guard let group = groups[number] else { continue }
            if isBurst {
                guard !group.burst.isEmpty else { continue }
                let end = group.burstLast.adding(seconds: configuration.gap)
                if end < now { endBurst(number) } else { deadlines.schedule((number, true), at: end.adding(seconds: 1)) }
            } else {
                let end = group.last.adding(seconds: configuration.quiet)
                if end <= now { ended.append(number) } else { deadlines.schedule((number, false), at: end) }
            }
        }
        return ended
    }

    public var nextDeadline: Timestamp? { deadlines.next }

    /// Forgets a group that the caller is done with.
    public mutating func remove(_ number: Int32) {
        guard let group = groups.removeValue(forKey: number) else { return }
        if !group.burst.isEmpty { statistics.learn(group.burst) }
        for member in group.members where groupOfDevice[member.device]?.group == number { groupOfDevice[member.device] = nil }
    }
}
