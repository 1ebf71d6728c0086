package import TowerModel
package import TowerStores

/// Values for store tests: short to write, alike for every tenant.
package struct Fleet {
    package let tenant: TenantID
    package init(_ tenant: String = "acme") { self.tenant = TenantID(tenant) }

    package static func at(_ minute: Int) -> Timestamp { Timestamp(seconds: 1_767_322_800 + Double(minute * 60)) }

    package func site(_ id: String, name: String? = nil, region: String? = "North", isHub: Bool = false) -> Site {
        Site(
            siteID: SiteID(id), tenantID: tenant, name: name ?? "\(tenant) \(id)", latitude: 1.5, longitude: -2.5, region: region,
            timezone: "UTC", operators: ["op-a", "op-b"], gridClass: "B", feederID: "F-1", isHub: isHub, loadKilowatts: 2.5,
            battery: Site.Battery(strings: 2, ampHours: 400, chemistry: "vrla", installed: "2024-01-01"),
            generator: Site.Generator(kva: 15, tankLitres: 400), solarKilowattsPeak: 3)
    }

    package func id(_ number: Int) -> EventID { EventID.derived(from: EventID(high: 7, low: UInt64(number)), tenant.rawValue) }

    package func alarm(
        _ number: Int, site: String, type: String = "power.grid.outage", severity: Severity = .major, state: Alarm.State = .raised,
        raised: Int = 0, changed: Int? = nil, incident: EventID? = nil
    ) -> Alarm {
        Alarm(
            alarmID: id(number), tenantID: tenant, siteID: SiteID(site), managedObject: "grid", alarmType: type, probableCause: 106,
            severity: severity, state: state, raisedAt: Self.at(raised), changedAt: Self.at(changed ?? raised),
            clearedAt: state == .cleared ? Self.at(changed ?? raised) : nil, occurrences: 2, isFlapping: true, source: .detected,
            text: "lost of \(tenant)", incidentID: incident, eventIDs: [id(100_000 + number), id(200_000 + number)])
    }

    package func snapshot(
        _ number: Int, revision: Int = 1, status: IncidentSnapshot.Status = .open, severity: Severity = .critical, site: String = "S-1",
        affected: [(String, IncidentSnapshot.AffectedSite.Impact)] = [], alarms: [Int] = [], minute: Int = 1, needsPerson: Bool = true
    ) -> IncidentSnapshot {
        IncidentSnapshot(
            incidentID: id(number), tenantID: tenant, revision: revision, status: status, severity: severity, openedAt: Self.at(1),
            onsetAt: Self.at(0), updatedAt: Self.at(minute), needsPerson: needsPerson, title: "generator did not start",
            explanation: "of \(tenant)", reason: "revision \(revision)", siteID: SiteID(site),
            affectedSites: affected.map { .init(siteID: SiteID($0.0), impact: $0.1, since: Self.at(2), operators: ["op-a"]) },
            affectedOperators: ["op-a"],
            rootCauseCandidates: [
                .init(
                    siteID: site, managedObject: "dg", condition: "dg.start_failed", eventType: "dg.start_failed", label: "Generator",
                    probability: 0.9, evidenceFor: [.init(text: "it said so", at: Self.at(1), likelihoodRatio: 9, eventIDs: [id(5)])])
            ], eventIDs: [id(5)], alarmIDs: alarms.map(id), alarmCount: alarms.count)
    }

    package func engine(_ type: String, _ snapshot: IncidentSnapshot) -> ProjectionBatch.IncidentRecord {
        ProjectionBatch.IncidentRecord(
            tenantID: tenant, incidentID: snapshot.incidentID, eventID: .derived(from: snapshot.incidentID, "\(type)/\(snapshot.revision)"),
            eventType: type, at: snapshot.updatedAt, actor: "engine", text: snapshot.reason, target: snapshot.mergedInto?.description,
            snapshot: snapshot)
    }

    package func person(_ type: String, _ incident: Int, minute: Int = 3, text: String = "", target: String? = nil)
        -> ProjectionBatch.IncidentRecord
    {
        ProjectionBatch.IncidentRecord(
            tenantID: tenant, incidentID: id(incident), eventID: .derived(from: id(incident), "\(type)\(minute)\(text)"),
            eventType: type, at: Self.at(minute), actor: "ada", text: text, target: target)
    }

    package func forecast(_ site: String, minute: Int, p50: Double) -> (tenant: TenantID, forecast: AutonomyForecast) {
        (
            tenant,
            AutonomyForecast(
                siteID: SiteID(site), at: Self.at(minute), minutesP10: p50 / 2, minutesP50: p50, minutesP90: p50 * 2, endsWith: "lvd2")
        )
    }

    package func kpi(_ name: String, _ site: String?, _ value: Double?, hour: Int = 0, hours: Int = 1) -> (tenant: TenantID, kpi: KPIView) {
        (
            tenant,
            KPIView(
                kpi: name, siteID: site, value: value, unit: "ratio", windowStart: Self.at(hour * 60),
                windowEnd: Self.at((hour + hours) * 60))
        )
    }

    package func heard(_ site: String, _ minute: Int) -> ProjectionBatch.SiteHeard {
        ProjectionBatch.SiteHeard(tenantID: tenant, siteID: SiteID(site), at: Self.at(minute))
    }

    package func latest(_ site: String, _ metric: String, _ value: Double, _ minute: Int) -> (tenant: TenantID, site: SiteID, value: LatestValue) {
        (tenant, SiteID(site), LatestValue(metric: metric, value: value, at: Self.at(minute)))
    }

    /// A batch with a bit of everything: three sites, a hop, alarms, an incident that people touched, a forecast, KPIs.
    package func everything(position: Int64 = 10, after: Int64 = 0) -> ProjectionBatch {
        var batch = ProjectionBatch(group: StoreContract.group, position: position, after: after)
        batch.sites = [site("S-1", isHub: true), site("S-2", region: "South"), site("S-3")]
        batch.links = [
            TopologyLink(tenantID: tenant, a: "S-1", b: "S-2", kind: .hop, parent: "S-1", frequencyGHz: 23, lengthKilometres: 4),
            TopologyLink(tenantID: tenant, a: "S-3", b: "S-2", kind: .hop, parent: "S-2"),
        ]
        batch.heard = [heard("S-1", 4), heard("S-1", 2), heard("S-9", 1)]
        batch.latest = [latest("S-1", "battery.i", -31, 4), latest("S-1", "power.dc.bus_v", 47.5, 4), latest("S-1", "battery.i", -30, 3)]
        batch.alarms = [
            alarm(1, site: "S-1"), alarm(2, site: "S-1", type: "dg.start_failed", severity: .critical, raised: 1),
            alarm(3, site: "S-3", type: "access.door_open", severity: .minor, raised: 2),
            alarm(3, site: "S-3", type: "access.door_open", severity: .minor, state: .cleared, raised: 2, changed: 3),
        ]
        batch.incidents = [
            engine("incident.opened", snapshot(50, affected: [("S-1", .root)], alarms: [1])),
            engine(
                "incident.updated",
                snapshot(50, revision: 2, affected: [("S-1", .onBattery), ("S-2", .atRisk)], alarms: [1, 2], minute: 3)),
            person("incident.acknowledged", 50), person("incident.assigned", 50, target: "bob"),
            person("incident.commented", 50, text: "on my way"),
        ]
        batch.forecasts = [forecast("S-1", minute: 4, p50: 47)]
        batch.kpis = [
            kpi("site_availability", "S-1", 0.5), kpi("site_availability", "S-1", 1, hour: 1), kpi("power_availability", "S-1", 0.9),
            kpi("mttr", nil, 42), kpi("site_availability", "S-2", nil),
        ]
        return batch
    }
}
