import TowerModel

/// Minutes that the battery would carry the present load, averaged over the time heard.
enum BatteryAutonomyMinutes {
    static let kpi = KPICatalog.SiteKPI(
        definition: KPIDefinition(
            name: "battery_autonomy_minutes", view: "Battery autonomy",
            formulaInWords: "usable energy of the battery over the power of the load",
            formula: "60 · C_rated·strings · SoH · (SoC − (1 − DoD)) · 48 V · η / P_load; SoH is 1 and P_load the inventory's "
                + "where they are not measured", unit: "minutes", object: .site,
            source: "IEEE 485 and 1188 practice; DOMAIN 4.3 no. 14"),
        isSum: false, roles: [.stateOfCharge], measure: measure)

    static func measure(_ hour: SiteHour) -> Measure {
        guard let battery = hour.site?.battery, let charge = hour.mean(.stateOfCharge) else { return .nothing }
        guard let kilowatts = hour.mean(.loadPower)?.mean ?? hour.site?.loadKilowatts, kilowatts > 0 else { return .nothing }
        let health = (hour.mean(.stateOfHealth)?.mean ?? 100) / 100
        let constants = hour.configuration
        let usable = max(charge.mean / 100 - (1 - constants.usableDepth), 0)
        let kilowattHours = battery.ampHours * Double(battery.strings) * health * usable * constants.nominalVolts / 1000
        let minutes = 60 * kilowattHours * constants.dischargeEfficiency / kilowatts
        let seconds = Double(charge.seconds)
        return Measure(sum: minutes * seconds, weight: seconds, eventCount: hour.count(.stateOfCharge) + hour.count(.loadPower))
    }
}
