package import TowerModel

/// Since when each battery discharges, from its currents one by one: a turn inside the slice counts too.
package struct BatteryFold {
    package struct Battery: Sendable {
        /// Microseconds; `nil` while it does not discharge.
        package var since: Int64?
        /// When its current was measured last.
        package var newest: Int64
        package var isChanged = false
        package init(since: Int64?, newest: Int64?) {
            self.since = since
            self.newest = newest ?? .min
        }
    }
    package private(set) var batteries: [SiteKey: Battery] = [:]

    package init() {}

    /// - Parameter load: what the store knows of a battery; asked once for each.
    package mutating func fold(
        _ latest: [(tenant: TenantID, site: SiteID, value: LatestValue)], load: (SiteKey) throws -> Battery
    ) rethrows {
        for item in latest where item.value.metric == ProjectionBatch.batteryCurrent {
            let key = SiteKey(tenant: item.tenant, site: item.site)
            var battery = try batteries[key] ?? load(key)
            let at = item.value.at.microseconds
            if at >= battery.newest {
                let isDischarging = item.value.value < SiteStateRules.dischargeAmps
                battery.newest = at
                if isDischarging != (battery.since != nil) {
                    battery.since = isDischarging ? at : nil
                    battery.isChanged = true
                }
            }
            batteries[key] = battery
        }
    }
}
