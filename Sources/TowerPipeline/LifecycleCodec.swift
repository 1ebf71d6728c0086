import Foundation
public import TowerIncidents
import TowerModel
public import TowerStreaming
import TowerWire

/// Lifecycle events of incidents as records of the tenant's lifecycle topic, and back (docs/formats/lifecycle-events.md).
public enum LifecycleCodec {
    /// Why a record of the lifecycle topic could not be read.
    public struct Unreadable: Error, Sendable, CustomStringConvertible {
        public var code: String
        public var description: String
    }

    /// - Errors: an `EncodingError` when the snapshot holds a number that JSON cannot say.
    public static func record(_ event: IncidentLifecycleEvent, site: String) throws -> Record {
        var json = JSONBuffer()
        json.beginObject()
        if let snapshot = event.snapshot {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            json.key("incident")
            json.raw(try encoder.encode(snapshot))
            if let first = event.splitFrom {
                json.member("actor", event.actor)
                json.member("split_from", first.description)
            }
        } else {
            json.member("incident_id", event.incidentID.description)
            json.member("actor", event.actor)
            switch event.kind {
            case .commented: json.member("text", event.text)
            case .assigned: json.member("assignee", event.assignee ?? "")
            case .merged: json.member("into", event.mergedInto?.description ?? "")
            case .resolved, .reopened: json.member("reason", event.text)
            case .causeJudged: if let verdict = event.verdict { write(verdict, into: &json) }
            case .split:
                json.member("reason", event.text)
                if let cut = event.split { write(cut, into: &json) }
            default: break
            }
            if let key = event.idempotencyKey { json.member("idempotency_key", key) }
        }
        json.endObject()
        let value = EventWriter.event(
            id: event.eventID, type: event.eventType, tenant: event.tenantID, site: DerivedEvent.site(SiteID(site)), timestamp: event.at,
            payload: json.bytes)
        var record = DerivedEvent.record(
            Topic.incidents(tenant: event.tenantID.rawValue), key: event.incidentID.description, value: value, eventID: event.eventID)
        if event.snapshot != nil { record.headers.append(Record.Header(engineHeader, "1")) }
        return record
    }

    private static func write(_ verdict: CauseVerdict, into json: inout JSONBuffer) {
        json.member("verdict", verdict.word.rawValue)
        for (name, cause) in [("candidate", verdict.candidate), ("cause", verdict.cause)] {
            guard let cause else { continue }
            json.key(name)
            json.beginObject()
            json.member("site_id", cause.siteID)
            json.member("managed_object", cause.managedObject)
            json.member("condition", cause.condition)
            json.member("label", cause.label)
            json.endObject()
        }
        json.member("reason", verdict.reason)
    }

    private static func write(_ cut: IncidentCut, into json: inout JSONBuffer) {
        json.member("into", cut.into.description)
        for (name, items) in [
            ("alarm_ids", cut.alarmIDs.map(\.description)), ("site_ids", cut.siteIDs.map(\.rawValue)),
            ("event_ids", cut.eventIDs.map(\.description)),
        ] {
            json.key(name)
            json.beginArray()
            for item in items { json.value(item) }
            json.endArray()
        }
    }

    /// Header of the engine's own events: it passes over them without reading them.
    public static let engineHeader = "engine"

    private struct Envelope: Decodable {
        struct Payload: Decodable {
            var incident: IncidentSnapshot?
            var incident_id: EventID?
            var actor: String?
            var text: String?
            var assignee: String?
            var into: String?
            var reason: String?
            var verdict: CauseVerdict.Word?
            var candidate: CauseVerdict.Cause?
            var cause: CauseVerdict.Cause?
            var alarm_ids: [EventID]?
            var site_ids: [SiteID]?
            var event_ids: [EventID]?
            var split_from: String?
            var idempotency_key: String?
        }
        var event_id: EventID
        var event_type: String
        var tenant_id: String
        var timestamp: Timestamp
        var payload: Payload
    }

    /// - Returns: `nil` for an event of a type this version does not know: history for somebody else.
    /// - Errors: `Unreadable` when it is not what its type says.
    public static func event(_ record: Record) throws -> IncidentLifecycleEvent? {
        let envelope: Envelope
        do {
            envelope = try JSONDecoder().decode(Envelope.self, from: Data(record.value))
        } catch {
            // A later version may write types whose payload looks otherwise.
            if let type = type(of: record), IncidentLifecycleEvent.Kind(rawValue: type) == nil { return nil }
            throw Unreadable(code: "lifecycle.unreadable", description: "not a lifecycle event: \(error)")
        }
        guard IncidentLifecycleEvent.Kind(rawValue: envelope.event_type) != nil else { return nil }
        guard record.topic == Topic.incidents(tenant: envelope.tenant_id) else {
            throw Unreadable(
                code: "lifecycle.tenant_mismatch",
                description: "an event of tenant \(envelope.tenant_id) on the topic \(record.topic)")
        }
        let payload = envelope.payload
        if let snapshot = payload.incident {
            guard snapshot.tenantID.rawValue == envelope.tenant_id else {
                throw Unreadable(code: "lifecycle.tenant_mismatch", description: "the snapshot is of tenant \(snapshot.tenantID)")
            }
            return IncidentLifecycleEvent(
                eventID: envelope.event_id, tenantID: TenantID(envelope.tenant_id), incidentID: snapshot.incidentID,
                eventType: envelope.event_type, at: envelope.timestamp, actor: payload.actor ?? IncidentLifecycleEvent.engineActor,
                text: snapshot.reason, mergedInto: snapshot.mergedInto, splitFrom: payload.split_from.flatMap { EventID($0) },
                snapshot: snapshot)
        }
        guard let incident = payload.incident_id, let actor = payload.actor else {
            throw Unreadable(
                code: "lifecycle.unreadable", description: "neither `incident` nor `incident_id` with `actor` in the payload")
        }
        var event = IncidentLifecycleEvent(
            eventID: envelope.event_id, tenantID: TenantID(envelope.tenant_id), incidentID: incident, eventType: envelope.event_type,
            at: envelope.timestamp, actor: actor, text: payload.text ?? payload.reason ?? "", assignee: payload.assignee,
            idempotencyKey: payload.idempotency_key)
        let into = payload.into.flatMap { EventID($0) }
        if event.kind == .merged { event.mergedInto = into }
        if event.kind == .causeJudged, let word = payload.verdict {
            event.verdict = CauseVerdict(
                word: word, candidate: payload.candidate, cause: payload.cause, reason: event.text, actor: actor, at: event.at)
        }
        if event.kind == .split, let into {
            event.split = IncidentCut(
                into: into, alarmIDs: payload.alarm_ids ?? [], siteIDs: payload.site_ids ?? [], eventIDs: payload.event_ids ?? [])
        }
        return event
    }

    private static func type(of record: Record) -> String? {
        let object = try? JSONSerialization.jsonObject(with: Data(record.value)) as? [String: Any]
        return object?["event_type"] as? String
    }
}
