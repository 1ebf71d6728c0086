import TowerModel

extension StateWriter {
    mutating func write(hours: Set<Int64>) {
        write(count: hours.count)
        for hour in hours.sorted() { write(signed: hour) }
    }
}

extension StateReader {
    mutating func hours(_ field: StaticString) throws(StateError) -> Set<Int64> {
        var hours: Set<Int64> = []
        for _ in 0..<(try count(field)) { hours.insert(try signed(field)) }
        return hours
    }
}

extension SiteWindows {
    /// Without its names, which the engine writes.
    func encode(into writer: inout StateWriter) {
        writer.write(info != nil)
        info?.encode(into: &writer)
        writer.write(signed: nextHour)
        writer.write(signed: lastHeardHour)
        for hour in firstHour { writer.write(signed: hour) }
        writer.write(hours: dirty)
        writer.write(hours: pendingDays)
        let hours = hours.sorted { $0.key < $1.key }
        writer.write(count: hours.count)
        for (hour, record) in hours {
            writer.write(signed: hour)
            record.encode(into: &writer)
        }
        let days = days.sorted { $0.key < $1.key }
        writer.write(count: days.count)
        for (day, record) in days {
            writer.write(signed: day)
            writer.write(unsigned: UInt64(record.told))
            Measure.encode(record.measures, into: &writer)
        }
        let alarms = alarms.sorted { $0.key < $1.key }
        writer.write(count: alarms.count)
        for (id, alarm) in alarms {
            writer.write(id)
            alarm.encode(into: &writer)
        }
    }

    init(decoding reader: inout StateReader, tenantID: TenantID, siteID: SiteID) throws(StateError) {
        self.init(tenantID: tenantID, siteID: siteID)
        info = try reader.flag("site.info") ? try Site(decoding: &reader) : nil
        nextHour = try reader.signed("site.next_hour")
        lastHeardHour = try reader.signed("site.last_heard")
        for role in firstHour.indices { firstHour[role] = try reader.signed("site.first_hour") }
        dirty = try reader.hours("site.dirty")
        pendingDays = try reader.hours("site.pending_days")
        for _ in 0..<(try reader.count("site.hours", each: 4)) {
            let hour = try reader.signed("site.hour")
            hours[hour] = try HourRecord(decoding: &reader)
        }
        for _ in 0..<(try reader.count("site.days", each: 3)) {
            let day = try reader.signed("site.day")
            let told = try Measure.told(&reader)
            days[day] = DayRecord(measures: try Measure.decode(&reader, count: KPICatalog.siteKPIs.count), told: told)
        }
        for _ in 0..<(try reader.count("site.alarms", each: 20)) {
            let id = try reader.id("site.alarm")
            alarms[id] = try AlarmInterval(decoding: &reader)
        }
    }
}

extension SiteWindows.HourRecord {
    func encode(into writer: inout StateWriter) {
        writer.write(isHeard)
        writer.write(unsigned: UInt64(told))
        Measure.encode(measures, into: &writer)
        var mask: UInt64 = 0
        for (role, hour) in samples.enumerated() where !hour.isEmpty { mask |= 1 << UInt64(role) }
        writer.write(unsigned: mask)
        for hour in samples where !hour.isEmpty { hour.encode(into: &writer) }
    }

    init(decoding reader: inout StateReader) throws(StateError) {
        self.init()
        isHeard = try reader.flag("hour.is_heard")
        told = try Measure.told(&reader)
        measures = try Measure.decode(&reader, count: KPICatalog.siteKPIs.count)
        let mask = try reader.unsigned("hour.roles")
        guard mask >> UInt64(MetricRole.count) == 0 else { throw reader.outOfRange("hour.roles") }
        for role in 0..<MetricRole.count where mask & 1 << UInt64(role) != 0 {
            samples[role] = try SampleHour(decoding: &reader)
        }
    }
}

extension SiteWindows.AlarmInterval {
    func encode(into writer: inout StateWriter) {
        writer.write(kind == .down)
        writer.write(instant: from, near: 0)
        writer.write(to != nil)
        if let to { writer.write(instant: to, near: from) }
        writer.write(instant: changedAt, near: from)
        writer.write(rank)
    }

    init(decoding reader: inout StateReader) throws(StateError) {
        kind = try reader.flag("interval.kind") ? .down : .gridLost
        from = try reader.instant("interval.from", near: 0)
        to = try reader.flag("interval.to") ? try reader.instant("interval.to", near: from) : nil
        changedAt = try reader.instant("interval.changed_at", near: from)
        rank = try reader.int("interval.rank")
    }
}
