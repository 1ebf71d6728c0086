import TowerModel

extension KPIEngine {
    /// Measures the complete and the changed hours of one site, and tells what is new.
    mutating func advanceSite(_ index: Int, into results: inout [KPIResult]) {
        let complete = windows.completeBefore
        var due = sites[index].dirty.filter { $0 < complete }.sorted()
        sites[index].dirty.subtract(due)
        if sites[index].nextHour < complete {
            due += unheardBounded(index, before: complete)
            sites[index].nextHour = complete
        }
        for hour in due { measure(index, hour: hour, into: &results) }
        if !due.isEmpty || !sites[index].pendingDays.isEmpty { tellDays(index, before: complete, into: &results) }
    }

    /// The hours not told yet, without those of a site that fell silent for good.
    private func unheardBounded(_ index: Int, before complete: Int64) -> [Int64] {
        let site = sites[index]
        let retireAfter = Int64(configuration.retireAfter / 3600)
        var result: [Int64] = []
        var lastHeard = site.hours.keys.filter { $0 < site.nextHour && site.hours[$0]?.isHeard == true }.max() ?? site.nextHour
        if site.lastHeardHour < site.nextHour { lastHeard = site.lastHeardHour }
        let last = min(complete, site.lastHeardHour + retireAfter + 1)
        guard site.nextHour < last else { return [] }
        for hour in site.nextHour..<last {
            if site.hours[hour]?.isHeard == true { lastHeard = hour }
            if hour - lastHeard <= retireAfter { result.append(hour) }
        }
        return result
    }

    private mutating func measure(_ index: Int, hour: Int64, into results: inout [KPIResult]) {
        let siteHour = sites[index].siteHour(hour, configuration: configuration)
        var record = sites[index].hours[hour] ?? SiteWindows.HourRecord()
        var isChanged = false
        for (number, kpi) in KPICatalog.siteKPIs.enumerated() where sites[index].isRelevant(kpi, hour: hour) {
            let measure = kpi.measure(siteHour)
            let bit = UInt16(1) << UInt16(number)
            let isTold = record.told & bit != 0
            guard !isTold || measure != record.measures[number] else { continue }
            record.measures[number] = measure
            record.told |= bit
            isChanged = true
            results.append(
                result(
                    kpi.definition, tenant: sites[index].tenantID, site: sites[index].siteID, measure, isSum: kpi.isSum,
                    hour: hour,
                    hours: 1, isRecomputed: isTold))
        }
        guard isChanged else { return }
        sites[index].hours[hour] = record
        let day = EventTimeWindows.day(ofHour: hour)
        sites[index].pendingDays.insert(day)
        tenants[sites[index].tenantID]?.dirtyHours.insert(hour)
    }

    private mutating func tellDays(_ index: Int, before complete: Int64, into results: inout [KPIResult]) {
        for day in sites[index].pendingDays.sorted() where (day + 1) * 24 <= complete {
            sites[index].pendingDays.remove(day)
            var record = sites[index].days[day] ?? SiteWindows.DayRecord()
            for (number, kpi) in KPICatalog.siteKPIs.enumerated() {
                let bit = UInt16(1) << UInt16(number)
                var sum = Measure.nothing
                var isKnown = false
                for hour in day * 24..<day * 24 + 24 {
                    guard let measured = sites[index].hours[hour], measured.told & bit != 0 else { continue }
                    sum = sum + measured.measures[number]
                    isKnown = true
                }
                let isTold = record.told & bit != 0
                guard isKnown, !isTold || sum != record.measures[number] else { continue }
                record.measures[number] = sum
                record.told |= bit
                results.append(
                    result(
                        kpi.definition, tenant: sites[index].tenantID, site: sites[index].siteID, sum, isSum: kpi.isSum,
                        hour: day * 24, hours: 24, isRecomputed: isTold))
            }
            sites[index].days[day] = record
            tenants[sites[index].tenantID]?.dirtyDays.insert(day)
        }
    }

    func result(
        _ definition: KPIDefinition, tenant: TenantID, site: SiteID?, _ measure: Measure, isSum: Bool, hour: Int64, hours: Int64,
        isRecomputed: Bool
    ) -> KPIResult {
        KPIResult(
            tenantID: tenant, siteID: site, kpi: definition.name, value: measure.value(isSum: isSum), unit: definition.unit,
            windowStart: EventTimeWindows.start(ofHour: hour), windowEnd: EventTimeWindows.start(ofHour: hour + hours),
            isRecomputed: isRecomputed, eventCount: measure.eventCount)
    }
}
