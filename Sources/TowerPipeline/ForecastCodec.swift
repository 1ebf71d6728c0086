import TowerModel
import TowerStreaming
import TowerWire

/// `forecast.autonomy` and `forecast.site` on the tenant's KPI topic, and back. The payload is the forecast.
struct ForecastCodec: Sendable {
    private let names: FieldNames

    init(symbols: SymbolTable) {
        names = FieldNames(
            symbols,
            [
                "site_id", "at", "minutes_p10", "minutes_p50", "minutes_p90", "ends_with", "bus_volts", "battery_amps", "state_of_charge",
                "event_ids", "lvd2_minutes_p10", "lvd2_minutes_p50", "lvd2_minutes_p90", "kind", "p10", "p50", "p90", "basis",
            ])
    }

    static func record(_ tenant: TenantID, _ forecast: AutonomyForecast) -> Record {
        let id = EventID.derived(
            from: .platformNamespace, "forecast.autonomy/\(tenant)/\(forecast.siteID)/\(forecast.at.microseconds)/\(forecast.endsWith)")
        let value = EventWriter.event(
            id: id, type: "forecast.autonomy", tenant: tenant, site: DerivedEvent.site(forecast.siteID), timestamp: forecast.at
        ) { json in
            json.member("site_id", forecast.siteID.rawValue)
            json.member("at", forecast.at.description)
            json.member("minutes_p10", forecast.minutesP10)
            json.member("minutes_p50", forecast.minutesP50)
            json.member("minutes_p90", forecast.minutesP90)
            json.member("ends_with", forecast.endsWith)
            if let volts = forecast.busVolts { json.member("bus_volts", volts) }
            if let amps = forecast.batteryAmps { json.member("battery_amps", amps) }
            if let charge = forecast.stateOfCharge { json.member("state_of_charge", charge) }
            if let minutes = forecast.secondP10 { json.member("lvd2_minutes_p10", minutes) }
            if let minutes = forecast.secondP50 { json.member("lvd2_minutes_p50", minutes) }
            if let minutes = forecast.secondP90 { json.member("lvd2_minutes_p90", minutes) }
            json.key("event_ids")
            json.beginArray()
            for id in forecast.eventIDs { json.value(id.description) }
            json.endArray()
        }
        return DerivedEvent.record(Topic.kpis(tenant: tenant.rawValue), key: forecast.siteID.rawValue, value: value, eventID: id)
    }

    /// `nil` when a field that every forecast has is missing.
    func forecast(_ batch: EventBatch, _ event: Int) -> AutonomyForecast? {
        func number(_ name: String) -> Double? { batch.number(names[name], of: event) }
        guard let site = batch.string(names["site_id"], of: event), let at = batch.timestamp(names["at"], of: event),
            let p10 = number("minutes_p10"), let p50 = number("minutes_p50"), let p90 = number("minutes_p90")
        else { return nil }
        var second: (p10: Double, p50: Double, p90: Double)?
        if let p10 = number("lvd2_minutes_p10"), let p50 = number("lvd2_minutes_p50"), let p90 = number("lvd2_minutes_p90") {
            second = (p10, p50, p90)
        }
        return AutonomyForecast(
            siteID: SiteID(site), at: at, minutesP10: p10, minutesP50: p50, minutesP90: p90,
            endsWith: batch.string(names["ends_with"], of: event) ?? "", busVolts: number("bus_volts"), batteryAmps: number("battery_amps"),
            stateOfCharge: number("state_of_charge"), eventIDs: batch.eventIDs(names["event_ids"], of: event), second: second)
    }

    static func record(_ tenant: TenantID, _ forecast: SiteForecast) -> Record {
        let id = EventID.derived(
            from: .platformNamespace, "forecast.site/\(tenant)/\(forecast.siteID)/\(forecast.kind.rawValue)/\(forecast.at.microseconds)")
        let value = EventWriter.event(
            id: id, type: "forecast.site", tenant: tenant, site: DerivedEvent.site(forecast.siteID), timestamp: forecast.at
        ) { json in
            json.member("site_id", forecast.siteID.rawValue)
            json.member("at", forecast.at.description)
            json.member("kind", forecast.kind.rawValue)
            json.member("p10", forecast.p10)
            json.member("p50", forecast.p50)
            json.member("p90", forecast.p90)
            json.member("unit", forecast.unit)
            json.member("basis", forecast.basis)
            json.key("event_ids")
            json.beginArray()
            for id in forecast.eventIDs { json.value(id.description) }
            json.endArray()
        }
        return DerivedEvent.record(Topic.kpis(tenant: tenant.rawValue), key: forecast.siteID.rawValue, value: value, eventID: id)
    }

    /// `nil` when a field that every forecast has is missing, or its kind is of another version.
    func siteForecast(_ batch: EventBatch, _ event: Int) -> SiteForecast? {
        func number(_ name: String) -> Double? { batch.number(names[name], of: event) }
        guard let site = batch.string(names["site_id"], of: event), let at = batch.timestamp(names["at"], of: event),
            let kind = batch.string(names["kind"], of: event).flatMap({ ForecastKind(rawValue: $0) }), let p10 = number("p10"),
            let p50 = number("p50"), let p90 = number("p90")
        else { return nil }
        return SiteForecast(
            siteID: SiteID(site), at: at, kind: kind, p10: p10, p50: p50, p90: p90,
            basis: batch.string(names["basis"], of: event) ?? "", eventIDs: batch.eventIDs(names["event_ids"], of: event))
    }
}
