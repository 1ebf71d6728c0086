import TowerIncidents
import TowerModel
import TowerWire

/// Writes a message from what is known of an incident or an alarm: what, why, who is affected, how long the battery lasts, what
/// to do first, where to look.
struct MessageWriter {
    let kind: NotificationKind
    let deliveryID: EventID
    let tenant: TenantID
    let route: NotificationRoute
    let step: Int
    let at: Timestamp
    let folded: Int
    let consoleURL: String
    let sites: [SiteID: NotificationRouter.SiteFacts]

    static let subjectBytesMax = 200
    static let textBytesMax = 16 << 10
    private static let sitesMax = 20

    func message(about thing: Followed.Thing) -> NotificationMessage {
        switch thing {
        case .incident(let state): incidentMessage(state.snapshot)
        case .alarm(let alarm): alarmMessage(alarm)
        }
    }

    func testMessage() -> NotificationMessage {
        let values = common(severity: .indeterminate)
        return finish(
            subject: "[test] \(route.name)", text: MessageTemplate.test.filled(values)) { _ in }
    }

    // MARK: Incidents

    private func incidentMessage(_ incident: IncidentSnapshot) -> NotificationMessage {
        var values = common(severity: incident.severity)
        values["title"] = incident.title
        values["explanation"] = incident.explanation
        if let cause = incident.rootCauseCandidates.first, cause.condition != "unknown" {
            values["cause"] = "\(cause.label), \(Int((cause.probability * 100).rounded())) %"
        } else {
            values["cause"] = "not known yet"
        }
        values["site"] = name(incident.siteID)
        values["affected"] = affected(incident)
        values["operators"] = incident.affectedOperators.joined(separator: ", ")
        if let shortest = shortest(incident) {
            values["battery"] =
                "\(Self.minutes(shortest.minutesP50)) left at \(name(shortest.siteID)) (\(Self.minutes(shortest.minutesP10)) to \(Self.minutes(shortest.minutesP90)))"
        }
        values["since"] = incident.onsetAt.description
        values["action"] = incident.actions.prefix(3).map { $0.detail.isEmpty ? $0.text : "\($0.text): \($0.detail)" }
            .joined(separator: "\n")
        values["link"] = link(incident.incidentID)
        return finish(subject: MessageTemplate.subject.filled(values), text: MessageTemplate.incident.filled(values)) { json in
            json.key("incident")
            write(incident, &json)
        }
    }

    private func affected(_ incident: IncidentSnapshot) -> String {
        let touched = incident.affectedSites.filter { $0.impact != .root }
        guard !touched.isEmpty else { return "" }
        let byImpact = Dictionary(grouping: touched, by: \.impact)
        let order: [IncidentSnapshot.AffectedSite.Impact] = [.down, .degraded, .onBattery, .atRisk, .blind]
        let counts = order.compactMap { impact in
            byImpact[impact].map { "\($0.count) \(impact.rawValue.replacing("_", with: " "))" }
        }
        let names = touched.prefix(Self.sitesMax).map { name($0.siteID) }.joined(separator: ", ")
        let more = touched.count > Self.sitesMax ? " and \(touched.count - Self.sitesMax) more" : ""
        return counts.joined(separator: ", ") + "\n" + names + more
    }

    private func shortest(_ incident: IncidentSnapshot) -> AutonomyForecast? {
        incident.autonomy.min { ($0.minutesP50, $0.siteID) < ($1.minutesP50, $1.siteID) }
    }

    private func write(_ incident: IncidentSnapshot, _ json: inout JSONBuffer) {
        json.beginObject()
        json.member("incident_id", incident.incidentID.description)
        json.member("revision", incident.revision)
        json.member("severity", incident.severity.rawValue)
        json.member("title", incident.title)
        json.member("explanation", incident.explanation)
        json.member("site_id", incident.siteID.rawValue)
        json.member("onset_at", incident.onsetAt.description)
        json.member("opened_at", incident.openedAt.description)
        json.member("updated_at", incident.updatedAt.description)
        json.key("affected_sites")
        json.beginArray()
        for site in incident.affectedSites.prefix(200) {
            json.beginObject()
            json.member("site_id", site.siteID.rawValue)
            json.member("impact", site.impact.rawValue)
            json.endObject()
        }
        json.endArray()
        json.member("affected_site_count", incident.affectedSites.count)
        json.key("affected_operators")
        json.beginArray()
        for name in incident.affectedOperators.prefix(200) { json.value(name) }
        json.endArray()
        if let cause = incident.rootCauseCandidates.first {
            json.key("root_cause")
            json.beginObject()
            json.member("condition", cause.condition)
            json.member("label", cause.label)
            json.member("site_id", cause.siteID)
            json.member("managed_object", cause.managedObject)
            json.member("probability", cause.probability)
            json.endObject()
        }
        if let shortest = shortest(incident) {
            json.key("battery")
            json.beginObject()
            json.member("site_id", shortest.siteID.rawValue)
            json.member("minutes_p10", shortest.minutesP10)
            json.member("minutes_p50", shortest.minutesP50)
            json.member("minutes_p90", shortest.minutesP90)
            json.endObject()
        }
        json.key("actions")
        json.beginArray()
        for action in incident.actions.prefix(3) {
            json.beginObject()
            json.member("text", action.text)
            json.member("detail", action.detail)
            json.member("kind", action.kind.rawValue)
            json.endObject()
        }
        json.endArray()
        if let link = link(incident.incidentID) { json.member("link", link) }
        json.endObject()
    }

    // MARK: Alarms

    private func alarmMessage(_ alarm: Alarm) -> NotificationMessage {
        var values = common(severity: alarm.severity)
        values["title"] = "\(alarm.alarmType) at \(name(alarm.siteID))"
        values["alarm"] = alarm.alarmType
        values["object"] = alarm.managedObject
        values["site"] = name(alarm.siteID)
        values["since"] = alarm.raisedAt.description
        values["says"] = alarm.text
        values["link"] = alarm.incidentID.flatMap(link)
        return finish(subject: MessageTemplate.subject.filled(values), text: MessageTemplate.alarm.filled(values)) { json in
            json.key("alarm")
            json.beginObject()
            json.member("alarm_id", alarm.alarmID.description)
            json.member("alarm_type", alarm.alarmType)
            json.member("perceived_severity", alarm.severity.rawValue)
            json.member("site_id", alarm.siteID.rawValue)
            json.member("managed_object", alarm.managedObject)
            json.member("raised_at", alarm.raisedAt.description)
            json.member("text", alarm.text)
            if let incident = alarm.incidentID { json.member("incident_id", incident.description) }
            json.endObject()
        }
    }

    // MARK: Shared

    private var headline: String {
        switch kind {
        case .opened: "New"
        case .updated: "Update"
        case .escalated: "Worse"
        case .resolved: "Over"
        case .alarmCritical: "Alarm"
        case .unacknowledged: "Nobody has acknowledged"
        case .test: "Test"
        }
    }

    private func common(severity: Severity) -> [String: String] {
        [
            "severity": severity.rawValue.uppercased(), "headline": headline, "route": route.name, "tenant": tenant.rawValue,
            "delivery": deliveryID.description, "folded": folded > 1 ? "\(folded) changes since the last message" : "",
        ]
    }

    private func name(_ site: SiteID) -> String {
        guard let name = sites[site]?.name, name != site.rawValue, !name.isEmpty else { return site.rawValue }
        return "\(name) (\(site.rawValue))"
    }

    private func link(_ incident: EventID) -> String? {
        consoleURL.isEmpty ? nil : "\(consoleURL)/incidents/\(incident)"
    }

    private static func minutes(_ minutes: Double) -> String {
        guard minutes.isFinite, minutes < 100_000 else { return "days" }
        let whole = Int(max(0, minutes).rounded())
        return whole < 120 ? "\(whole) min" : "\(whole / 60) h \(whole % 60) min"
    }

    private func finish(subject: String, text: String, _ body: (inout JSONBuffer) -> Void) -> NotificationMessage {
        let subject = Self.cut(String(subject.map { $0.isNewline ? " " : $0 }), Self.subjectBytesMax)
        let text = Self.cut(text, Self.textBytesMax)
        var json = JSONBuffer(capacity: 2048)
        json.beginObject()
        json.member("delivery_id", deliveryID.description)
        json.member("kind", kind.rawValue)
        json.member("tenant_id", tenant.rawValue)
        json.key("route")
        json.beginObject()
        json.member("route_id", route.routeID.description)
        json.member("name", route.name)
        json.member("step", step)
        json.endObject()
        json.member("decided_at", at.description)
        json.member("folded", folded)
        json.member("subject", subject)
        json.member("text", text)
        body(&json)
        json.endObject()
        return NotificationMessage(subject: subject, text: text, json: json.bytes)
    }

    /// At most so many bytes, cut between characters and marked.
    static func cut(_ text: String, _ bytesMax: Int) -> String {
        guard text.utf8.count > bytesMax else { return text }
        var out = ""
        var bytes = 0
        for character in text {
            bytes += character.utf8.count
            guard bytes <= bytesMax - 3 else { break }
            out.append(character)
        }
        return out + "…"
    }
}
