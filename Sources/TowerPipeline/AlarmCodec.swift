import TowerIncidents
import TowerModel
import TowerStreaming
import TowerWire

/// Alarms as `alert.raised`, `alert.changed`, `alert.cleared` on the tenant's alerts topic, and back. The payload is the alarm.
struct AlarmCodec: Sendable {
    private let names: FieldNames

    init(symbols: SymbolTable) {
        names = FieldNames(
            symbols,
            [
                "alarm_id", "tenant_id", "site_id", "managed_object", "alarm_type", "probable_cause", "perceived_severity", "state",
                "raised_at", "changed_at", "cleared_at", "occurrences", "is_flapping", "source", "text", "incident_id", "event_ids",
            ])
    }

    static func record(_ alarm: Alarm) -> Record {
        let id = AlarmRevision.eventID(alarm)
        let value = EventWriter.event(
            id: id, type: "alert.\(alarm.state.rawValue)", tenant: alarm.tenantID, site: DerivedEvent.site(alarm.siteID),
            timestamp: alarm.changedAt
        ) { json in
            json.member("alarm_id", alarm.alarmID.description)
            json.member("tenant_id", alarm.tenantID.rawValue)
            json.member("site_id", alarm.siteID.rawValue)
            json.member("managed_object", alarm.managedObject)
            json.member("alarm_type", alarm.alarmType)
            if let cause = alarm.probableCause { json.member("probable_cause", cause) }
            json.member("perceived_severity", alarm.severity.rawValue)
            json.member("state", alarm.state.rawValue)
            json.member("raised_at", alarm.raisedAt.description)
            json.member("changed_at", alarm.changedAt.description)
            if let cleared = alarm.clearedAt { json.member("cleared_at", cleared.description) }
            json.member("occurrences", alarm.occurrences)
            json.member("is_flapping", alarm.isFlapping)
            json.member("source", alarm.source.rawValue)
            json.member("text", alarm.text)
            if let incident = alarm.incidentID { json.member("incident_id", incident.description) }
            json.key("event_ids")
            json.beginArray()
            for id in alarm.eventIDs { json.value(id.description) }
            json.endArray()
        }
        return DerivedEvent.record(
            Topic.alerts(tenant: alarm.tenantID.rawValue), key: alarm.alarmID.description, value: value, eventID: id)
    }

    /// `nil` when a field that every alarm has is missing.
    func alarm(_ batch: EventBatch, _ event: Int) -> Alarm? {
        func text(_ name: String) -> String? { batch.string(names[name], of: event) }
        guard let id = batch.eventID(names["alarm_id"], of: event), let site = text("site_id"), let object = text("managed_object"),
            let type = text("alarm_type"), let severity = text("perceived_severity").flatMap(Severity.init(rawValue:)),
            let state = text("state").flatMap(Alarm.State.init(rawValue:)),
            let raised = batch.timestamp(names["raised_at"], of: event), let changed = batch.timestamp(names["changed_at"], of: event)
        else { return nil }
        return Alarm(
            alarmID: id, tenantID: TenantID(batch.symbols.name(batch.tenants[event])), siteID: SiteID(site), managedObject: object,
            alarmType: type, probableCause: batch.number(names["probable_cause"], of: event).flatMap { Int(exactly: $0) },
            severity: severity, state: state, raisedAt: raised, changedAt: changed,
            clearedAt: batch.timestamp(names["cleared_at"], of: event),
            occurrences: batch.number(names["occurrences"], of: event).flatMap { Int(exactly: $0) } ?? 1,
            isFlapping: batch.bool(names["is_flapping"], of: event) ?? false,
            source: text("source").flatMap(Alarm.Source.init(rawValue:)) ?? .reported, text: text("text") ?? "",
            incidentID: batch.eventID(names["incident_id"], of: event), eventIDs: batch.eventIDs(names["event_ids"], of: event))
    }
}
