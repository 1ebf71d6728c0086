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
