import TowerModel

/// What the engine keeps of how one tenant's alarms and incidents were handled.
struct ProcessWindows: Sendable {
    struct IncidentRecord: Sendable {
        var revision = 0
        var isCounted = false
        var openedAt = Timestamp.distantPast
        var onsetAt = Timestamp.distantPast
        var resolvedAt: Timestamp?
        var acknowledgedAt: Timestamp?
    }

    var hours: [Int64: ProcessHour] = [:]
    var incidents: [EventID: IncidentRecord] = [:]
    var alarms: [EventID: Int64] = [:]
    var dirty: Set<Int64> = []
    var nextHour = Int64.max
    var pendingDays: Set<Int64> = []
    /// Measures told, by hour and by day, in the order of the catalogue.
    var toldHours: [Int64: [Measure]] = [:]
    var toldDays: [Int64: [Measure]] = [:]

    mutating func observe(_ snapshot: IncidentSnapshot, openFrom: Int64) {
        change(snapshot.incidentID, openFrom: openFrom) { record in
            guard snapshot.revision > record.revision else { return }
            record.revision = snapshot.revision
            record.openedAt = snapshot.openedAt
            record.onsetAt = snapshot.onsetAt
            record.resolvedAt = snapshot.resolvedAt
            // A record that closed by itself, or that goes on inside another, was nobody's work.
            switch snapshot.status {
            case .open: record.isCounted = snapshot.needsPerson
            case .resolved: record.isCounted = true
            case .autoClosed, .merged: record.isCounted = false
            }
        }
    }

    mutating func acknowledge(_ incident: EventID, at: Timestamp, openFrom: Int64) {
        change(incident, openFrom: openFrom) { record in
            record.acknowledgedAt = record.acknowledgedAt.map { min($0, at) } ?? at
        }
    }

    mutating func observe(_ alarm: Alarm, openFrom: Int64) {
        let hour = EventTimeWindows.hour(of: alarm.raisedAt)
        guard alarms[alarm.alarmID] == nil, hour >= openFrom else { return }
        alarms[alarm.alarmID] = hour
        edit(hour, openFrom: openFrom) { $0.raisedAlarms.insert(alarm.alarmID) }
    }

    private mutating func change(_ id: EventID, openFrom: Int64, _ body: (inout IncidentRecord) -> Void) {
        var record = incidents[id] ?? IncidentRecord()
        place(id, record, isPresent: false, openFrom: openFrom)
        body(&record)
        incidents[id] = record
        place(id, record, isPresent: true, openFrom: openFrom)
    }

    /// Puts an incident into, or takes it out of, the hours in which its things happened.
    private mutating func place(_ id: EventID, _ record: IncidentRecord, isPresent: Bool, openFrom: Int64) {
        guard record.revision > 0, record.isCounted else { return }
        func minutes(_ to: Timestamp, _ from: Timestamp) -> Double? { isPresent ? max(to.seconds(since: from), 0) / 60 : nil }
        edit(EventTimeWindows.hour(of: record.openedAt), openFrom: openFrom) { hour in
            hour.detected[id] = minutes(record.openedAt, record.onsetAt)
            if isPresent { hour.opened.insert(id) } else { hour.opened.remove(id) }
        }
        if let acknowledgedAt = record.acknowledgedAt {
            edit(EventTimeWindows.hour(of: acknowledgedAt), openFrom: openFrom) {
                $0.acknowledged[id] = minutes(acknowledgedAt, record.openedAt)
            }
        }
        if let resolvedAt = record.resolvedAt {
            edit(EventTimeWindows.hour(of: resolvedAt), openFrom: openFrom) {
                $0.restored[id] = minutes(resolvedAt, record.onsetAt)
            }
        }
    }

    private mutating func edit(_ hour: Int64, openFrom: Int64, _ body: (inout ProcessHour) -> Void) {
        guard hour >= openFrom else { return }
        body(&hours[hour, default: ProcessHour()])
        if toldHours.isEmpty, hour < nextHour { nextHour = hour }
        if hour < nextHour { dirty.insert(hour) }
    }

    mutating func evict(openFrom: Int64) {
        for hour in hours.keys where EventTimeWindows.day(ofHour: hour) * 24 + 24 <= openFrom { hours[hour] = nil }
        for hour in toldHours.keys where hour < openFrom { toldHours[hour] = nil }
        for day in toldDays.keys where day * 24 + 24 <= openFrom { toldDays[day] = nil }
        for (id, hour) in alarms where hour < openFrom { alarms[id] = nil }
        let start = EventTimeWindows.start(ofHour: openFrom)
        for (id, record) in incidents where record.resolvedAt.map({ $0 < start }) ?? false { incidents[id] = nil }
    }
}
