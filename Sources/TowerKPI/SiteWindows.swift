import TowerModel

/// What the engine keeps of one site: readings of open hours, the measures made of them, alarms that bear on them.
struct SiteWindows: Sendable {
    struct HourRecord: Sendable {
        var samples = [SampleHour](repeating: SampleHour(), count: MetricRole.count)
        var measures = [Measure](repeating: .nothing, count: KPICatalog.siteKPIs.count)
        /// KPIs told for this hour, a bit each.
        var told: UInt16 = 0
        var isHeard = false
    }

    struct DayRecord: Sendable {
        var measures = [Measure](repeating: .nothing, count: KPICatalog.siteKPIs.count)
        var told: UInt16 = 0
    }

    /// One alarm's effect: the seconds from its raise to its clear.
    struct AlarmInterval: Sendable, Hashable {
        enum Kind: Sendable, Hashable { case down, gridLost }
        var kind: Kind
        var from: Int64
        /// `nil` while active.
        var to: Int64?
        var changedAt: Int64
        /// Worst severity it ever had.
        var rank: Int
    }

    let tenantID: TenantID
    let siteID: SiteID
    var info: Site?
    var hours: [Int64: HourRecord] = [:]
    var days: [Int64: DayRecord] = [:]
    var alarms: [EventID: AlarmInterval] = [:]
    /// First hour in which each role was heard.
    var firstHour = [Int64](repeating: .max, count: MetricRole.count)
    /// Hours already told that something late changed.
    var dirty: Set<Int64> = []
    var pendingDays: Set<Int64> = []
    /// First hour not told yet; `.max` before the first reading.
    var nextHour = Int64.max
    var lastHeardHour = Int64.min

    init(tenantID: TenantID, siteID: SiteID) {
        self.tenantID = tenantID
        self.siteID = siteID
    }

    mutating func insert(_ role: MetricRole, at: Timestamp, value: Double) {
        let hour = EventTimeWindows.hour(of: at)
        let offset = UInt32(at.microseconds - hour * EventTimeWindows.hour)
        guard hours[hour, default: HourRecord()].samples[role.rawValue].insert(offset: offset, value: value) else { return }
        hours[hour]?.isHeard = true
        if nextHour == .max { nextHour = hour }
        if hour < firstHour[role.rawValue] {
            // The KPIs of this role begin earlier than was thought: what was told of the hours between is not complete.
            touch(from: hour, to: firstHour[role.rawValue])
            firstHour[role.rawValue] = hour
        }
        lastHeardHour = max(lastHeardHour, hour)
        // A reading may speak into the hour that follows.
        touch(from: hour, to: hour + 2)
    }

    /// Marks those of the hours that were told already.
    private mutating func touch(from: Int64, to: Int64) {
        var hour = from
        while hour < min(to, nextHour) {
            dirty.insert(hour)
            hour += 1
        }
    }

    /// Takes a new state of an alarm; the newest by (changed, cleared) decides, the worst severity stays.
    mutating func update(_ alarm: Alarm, kind: AlarmInterval.Kind, openFrom: Int64) {
        var new = AlarmInterval(
            kind: kind, from: alarm.raisedAt.microseconds, to: alarm.clearedAt?.microseconds,
            changedAt: alarm.changedAt.microseconds, rank: alarm.severity.rank)
        let old = alarms[alarm.alarmID]
        if let old {
            new.rank = max(new.rank, old.rank)
            new.from = min(new.from, old.from)
            let isNewer =
                new.changedAt != old.changedAt ? new.changedAt > old.changedAt : (new.to ?? .min) >= (old.to ?? .min)
            if !isNewer {
                new.to = old.to
                new.changedAt = old.changedAt
            }
        }
        guard new != old else { return }
        alarms[alarm.alarmID] = new
        guard nextHour != .max else { return }
        let first = max(EventTimeWindows.hour(of: Timestamp(microseconds: new.from)), openFrom)
        touch(from: first, to: nextHour)
    }

    /// All that is known of one hour.
    func siteHour(_ hour: Int64, configuration: KPIConfiguration) -> SiteHour {
        let nothing = [SampleHour](repeating: SampleHour(), count: MetricRole.count)
        var result = SiteHour(
            configuration: configuration, site: info, samples: hours[hour]?.samples ?? nothing,
            before: hours[hour - 1]?.samples ?? nothing)
        let start = hour * EventTimeWindows.hour
        for (_, alarm) in alarms {
            if alarm.kind == .down, alarm.rank < Severity.critical.rank { continue }
            let from = max(alarm.from - start, 0)
            let to = min((alarm.to ?? .max) &- (alarm.to == nil ? 0 : start), EventTimeWindows.hour)
            guard from < to else { continue }
            // Seconds touched, so that a short outage is not rounded away.
            let seconds = Int(from / 1_000_000)..<Int((to + 999_999) / 1_000_000)
            switch alarm.kind {
            case .down: result.down.fill(seconds.lowerBound, seconds.upperBound)
            case .gridLost: result.gridLost.fill(seconds.lowerBound, seconds.upperBound)
            }
            result.alarmCount += 1
        }
        return result
    }

    func isRelevant(_ kpi: KPICatalog.SiteKPI, hour: Int64) -> Bool {
        kpi.roles.contains { firstHour[$0.rawValue] <= hour }
    }

    /// Drops what no late data can reach any more: readings but those of the last closed hour, and whole days.
    mutating func evict(openFrom: Int64) {
        for hour in hours.keys where hour < openFrom - 1 {
            if EventTimeWindows.day(ofHour: hour) * 24 + 24 <= openFrom {
                hours[hour] = nil
            } else if hours[hour]?.samples.contains(where: { !$0.isEmpty }) == true {
                hours[hour]?.samples = [SampleHour](repeating: SampleHour(), count: MetricRole.count)
            }
        }
        for day in days.keys where day * 24 + 24 <= openFrom && !pendingDays.contains(day) { days[day] = nil }
        let start = (openFrom - 1) * EventTimeWindows.hour
        for (id, alarm) in alarms where (alarm.to ?? .max) < start { alarms[id] = nil }
        dirty = dirty.filter { $0 >= openFrom }
    }
}
