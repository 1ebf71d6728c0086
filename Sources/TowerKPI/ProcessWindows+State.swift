import TowerModel

extension TenantWindows {
    func encode(into writer: inout StateWriter) {
        writer.write(siteCount)
        writer.write(hours: dirtyHours)
        writer.write(hours: dirtyDays)
        for table in [hours, days] {
            let records = table.sorted { $0.key < $1.key }
            writer.write(count: records.count)
            for (window, record) in records {
                writer.write(signed: window)
                writer.write(unsigned: UInt64(record.told))
                Measure.encode(record.measures, into: &writer)
            }
        }
        process.encode(into: &writer)
    }

    init(decoding reader: inout StateReader) throws(StateError) {
        self.init()
        siteCount = try reader.int("tenant.sites")
        dirtyHours = try reader.hours("tenant.dirty_hours")
        dirtyDays = try reader.hours("tenant.dirty_days")
        hours = try Self.records(&reader)
        days = try Self.records(&reader)
        process = try ProcessWindows(decoding: &reader)
    }

    private static func records(_ reader: inout StateReader) throws(StateError) -> [Int64: Record] {
        var records: [Int64: Record] = [:]
        for _ in 0..<(try reader.count("tenant.windows", each: 3)) {
            let window = try reader.signed("tenant.window")
            let told = try Measure.told(&reader)
            records[window] = Record(measures: try Measure.decode(&reader, count: KPICatalog.siteKPIs.count), told: told)
        }
        return records
    }
}

extension ProcessWindows {
    func encode(into writer: inout StateWriter) {
        writer.write(signed: nextHour)
        writer.write(hours: dirty)
        writer.write(hours: pendingDays)
        let hours = hours.sorted { $0.key < $1.key }
        writer.write(count: hours.count)
        for (hour, content) in hours {
            writer.write(signed: hour)
            content.encode(into: &writer)
        }
        let incidents = incidents.sorted { $0.key < $1.key }
        writer.write(count: incidents.count)
        for (id, record) in incidents {
            writer.write(id)
            record.encode(into: &writer)
        }
        let alarms = alarms.sorted { $0.key < $1.key }
        writer.write(count: alarms.count)
        for (id, hour) in alarms {
            writer.write(id)
            writer.write(signed: hour)
        }
        for table in [toldHours, toldDays] {
            let told = table.sorted { $0.key < $1.key }
            writer.write(count: told.count)
            for (window, measures) in told {
                writer.write(signed: window)
                Measure.encode(measures, into: &writer)
            }
        }
    }

    init(decoding reader: inout StateReader) throws(StateError) {
        self.init()
        nextHour = try reader.signed("process.next_hour")
        dirty = try reader.hours("process.dirty")
        pendingDays = try reader.hours("process.pending_days")
        for _ in 0..<(try reader.count("process.hours", each: 6)) {
            let hour = try reader.signed("process.hour")
            hours[hour] = try ProcessHour(decoding: &reader)
        }
        for _ in 0..<(try reader.count("process.incidents", each: 20)) {
            let id = try reader.id("process.incident")
            incidents[id] = try IncidentRecord(decoding: &reader)
        }
        for _ in 0..<(try reader.count("process.alarms", each: 17)) {
            let id = try reader.id("process.alarm")
            alarms[id] = try reader.signed("process.alarm")
        }
        toldHours = try Self.told(&reader)
        toldDays = try Self.told(&reader)
    }

    private static func told(_ reader: inout StateReader) throws(StateError) -> [Int64: [Measure]] {
        var told: [Int64: [Measure]] = [:]
        for _ in 0..<(try reader.count("process.told", each: 2)) {
            let window = try reader.signed("process.window")
            told[window] = try Measure.decode(&reader, count: KPICatalog.processKPIs.count)
        }
        return told
    }
}

extension ProcessWindows.IncidentRecord {
    func encode(into writer: inout StateWriter) {
        writer.write(revision)
        writer.write(isCounted)
        writer.write(openedAt)
        writer.write(onsetAt, near: openedAt)
        writer.write(optional: resolvedAt, near: openedAt)
        writer.write(optional: acknowledgedAt, near: openedAt)
    }

    init(decoding reader: inout StateReader) throws(StateError) {
        self.init()
        revision = try reader.int("incident.revision")
        isCounted = try reader.flag("incident.is_counted")
        openedAt = try reader.timestamp("incident.opened_at")
        onsetAt = try reader.timestamp("incident.onset_at", near: openedAt)
        resolvedAt = try reader.optionalTimestamp("incident.resolved_at", near: openedAt)
        acknowledgedAt = try reader.optionalTimestamp("incident.acknowledged_at", near: openedAt)
    }
}

extension ProcessHour {
    func encode(into writer: inout StateWriter) {
        for table in [detected, acknowledged, restored] {
            let minutes = table.sorted { $0.key < $1.key }
            writer.write(count: minutes.count)
            for (id, value) in minutes {
                writer.write(id)
                writer.write(value)
            }
        }
        for ids in [opened, raisedAlarms] { writer.write(ids.sorted()) }
    }

    init(decoding reader: inout StateReader) throws(StateError) {
        self.init()
        detected = try Self.minutes(&reader)
        acknowledged = try Self.minutes(&reader)
        restored = try Self.minutes(&reader)
        opened = Set(try reader.ids("process.opened"))
        raisedAlarms = Set(try reader.ids("process.raised"))
    }

    private static func minutes(_ reader: inout StateReader) throws(StateError) -> [EventID: Double] {
        var minutes: [EventID: Double] = [:]
        for _ in 0..<(try reader.count("process.minutes", each: 24)) {
            let id = try reader.id("process.minutes")
            minutes[id] = try reader.double("process.minutes")
        }
        return minutes
    }
}
