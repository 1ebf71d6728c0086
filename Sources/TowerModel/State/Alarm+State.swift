extension Alarm {
    public func encode(into writer: inout StateWriter) {
        writer.write(alarmID)
        writer.write(tenantID.rawValue)
        writer.write(siteID.rawValue)
        writer.write(managedObject)
        writer.write(alarmType)
        writer.write(probableCause != nil)
        if let probableCause { writer.write(probableCause) }
        writer.write(severity.rawValue)
        writer.write(state.rawValue)
        writer.write(raisedAt)
        writer.write(changedAt, near: raisedAt)
        writer.write(optional: clearedAt, near: raisedAt)
        writer.write(occurrences)
        writer.write(isFlapping)
        writer.write(source.rawValue)
        writer.write(text)
        writer.write(incidentID)
        writer.write(eventIDs)
    }

    public init(decoding reader: inout StateReader) throws(StateError) {
        alarmID = try reader.id("alarm.id")
        tenantID = TenantID(try reader.name("alarm.tenant"))
        siteID = SiteID(try reader.name("alarm.site"))
        managedObject = try reader.name("alarm.object")
        alarmType = try reader.name("alarm.type")
        probableCause = try reader.flag("alarm.cause") ? try reader.int("alarm.cause") : nil
        severity = try reader.named(Severity.self, "alarm.severity")
        state = try reader.named(State.self, "alarm.state")
        raisedAt = try reader.timestamp("alarm.raised_at")
        changedAt = try reader.timestamp("alarm.changed_at", near: raisedAt)
        clearedAt = try reader.optionalTimestamp("alarm.cleared_at", near: raisedAt)
        occurrences = try reader.int("alarm.occurrences")
        isFlapping = try reader.flag("alarm.is_flapping")
        source = try reader.named(Source.self, "alarm.source")
        text = try reader.name("alarm.text")
        incidentID = try reader.optionalID("alarm.incident")
        eventIDs = try reader.ids("alarm.events")
    }
}
