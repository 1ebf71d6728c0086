import TowerIncidents
package import TowerModel

/// Within a slice only the last state of an alarm, a forecast or a site is written: a storm costs its alarms once.
package enum SliceChoices {
    /// The state of each alarm that counts, in the order in which they were met first.
    package static func alarms(_ alarms: [Alarm]) -> [Alarm] {
        var last: [ItemKey: Int] = [:]
        var chosen: [Alarm] = []
        for alarm in alarms {
            let key = ItemKey(tenant: alarm.tenantID, id: alarm.alarmID)
            guard let index = last[key] else {
                last[key] = chosen.count
                chosen.append(alarm)
                continue
            }
            let known = chosen[index]
            guard AlarmRevision.supersedes(alarm, changedAt: known.changedAt, isCleared: known.state == .cleared) else { continue }
            chosen[index] = alarm
            if alarm.incidentID == nil { chosen[index].incidentID = known.incidentID }
        }
        return chosen
    }

    /// The newest forecast of each site and kind, by tenant, kind and site.
    package static func outlooks(
        _ all: [(tenant: TenantID, forecast: SiteForecast)]
    ) -> [(tenant: TenantID, forecast: SiteForecast)] {
        var newest: [OutlookKey: SiteForecast] = [:]
        for item in all where !item.forecast.siteID.rawValue.isEmpty {
            let key = OutlookKey(tenant: item.tenant, kind: item.forecast.kind.rawValue, site: item.forecast.siteID)
            if let known = newest[key], known.at > item.forecast.at { continue }
            newest[key] = item.forecast
        }
        return newest.sorted { ($0.key.tenant, $0.key.kind, $0.key.site) < ($1.key.tenant, $1.key.kind, $1.key.site) }
            .map { ($0.key.tenant, $0.value) }
    }

    private struct OutlookKey: Hashable {
        let tenant: TenantID
        let kind: String
        let site: SiteID
    }

    /// The newest forecast of each site.
    package static func forecasts(_ forecasts: [(tenant: TenantID, forecast: AutonomyForecast)]) -> [SiteKey: AutonomyForecast] {
        var newest: [SiteKey: AutonomyForecast] = [:]
        for item in forecasts {
            let key = SiteKey(tenant: item.tenant, site: item.forecast.siteID)
            if let known = newest[key], known.at > item.forecast.at { continue }
            newest[key] = item.forecast
        }
        return newest
    }

    /// The newest time at which each site was heard.
    package static func heard(_ heard: [ProjectionBatch.SiteHeard]) -> [SiteKey: Timestamp] {
        var newest: [SiteKey: Timestamp] = [:]
        for item in heard {
            let key = SiteKey(tenant: item.tenantID, site: item.siteID)
            newest[key] = max(newest[key] ?? item.at, item.at)
        }
        return newest
    }
}
