import TowerModel

extension KPIEngine {
    /// Adds the sites of a tenant up, for the windows in which one of them changed.
    mutating func rollUp(_ tenant: TenantID, into results: inout [KPIResult]) {
        guard var state = tenants[tenant], !state.dirtyHours.isEmpty || !state.dirtyDays.isEmpty else { return }
        let members = siteOrder.filter { sites[$0].tenantID == tenant }
        for hour in state.dirtyHours.sorted() {
            var record = state.hours[hour] ?? TenantWindows.Record()
            tell(tenant, &record, hour: hour, hours: 1, into: &results) { number, bit in
                var sum: Measure?
                for index in members {
                    guard let measured = sites[index].hours[hour], measured.told & bit != 0 else { continue }
                    sum = (sum ?? .nothing) + measured.measures[number]
                }
                return sum
            }
            state.hours[hour] = record
        }
        for day in state.dirtyDays.sorted() {
            var record = state.days[day] ?? TenantWindows.Record()
            tell(tenant, &record, hour: day * 24, hours: 24, into: &results) { number, bit in
                var sum: Measure?
                for index in members {
                    guard let measured = sites[index].days[day], measured.told & bit != 0 else { continue }
                    sum = (sum ?? .nothing) + measured.measures[number]
                }
                return sum
            }
            state.days[day] = record
        }
        state.dirtyHours.removeAll(keepingCapacity: true)
        state.dirtyDays.removeAll(keepingCapacity: true)
        let openFrom = windows.openFrom
        for hour in state.hours.keys where hour < openFrom - 1 { state.hours[hour] = nil }
        for day in state.days.keys where day * 24 + 24 <= openFrom { state.days[day] = nil }
        tenants[tenant] = state
    }

    private func tell(
        _ tenant: TenantID, _ record: inout TenantWindows.Record, hour: Int64, hours: Int64, into results: inout [KPIResult],
        sum: (Int, UInt16) -> Measure?
    ) {
        for (number, kpi) in KPICatalog.siteKPIs.enumerated() {
            let bit = UInt16(1) << UInt16(number)
            let isTold = record.told & bit != 0
            guard let measure = sum(number, bit), !isTold || measure != record.measures[number] else { continue }
            record.measures[number] = measure
            record.told |= bit
            results.append(
                result(
                    kpi.definition, tenant: tenant, site: nil, measure, isSum: kpi.isSum, hour: hour, hours: hours,
                    isRecomputed: isTold))
        }
    }

    /// Tells how alarms and incidents were handled, for hours and days in which anything was.
    mutating func advanceProcess(_ tenant: TenantID, into results: inout [KPIResult]) {
        guard var process = tenants[tenant]?.process else { return }
        let complete = windows.completeBefore
        var due = process.dirty
        process.dirty.removeAll(keepingCapacity: true)
        for hour in process.hours.keys where hour >= process.nextHour && hour < complete { due.insert(hour) }
        if process.nextHour < complete { process.nextHour = complete }
        for hour in due.sorted() {
            let content = process.hours[hour] ?? ProcessHour()
            let measures = KPICatalog.processKPIs.map { $0.measure(content) }
            tellProcess(tenant, measures, told: &process.toldHours[hour], hour: hour, hours: 1, into: &results)
        }
        var days = process.pendingDays
        for hour in due { days.insert(EventTimeWindows.day(ofHour: hour)) }
        process.pendingDays = days.filter { ($0 + 1) * 24 > complete }
        for day in days.sorted() where (day + 1) * 24 <= complete {
            var measures = [Measure](repeating: .nothing, count: KPICatalog.processKPIs.count)
            for hour in day * 24..<day * 24 + 24 {
                guard let content = process.hours[hour] else { continue }
                for (number, kpi) in KPICatalog.processKPIs.enumerated() {
                    measures[number] = measures[number] + kpi.measure(content)
                }
            }
            tellProcess(tenant, measures, told: &process.toldDays[day], hour: day * 24, hours: 24, into: &results)
        }
        process.evict(openFrom: windows.openFrom)
        tenants[tenant]?.process = process
    }

    private func tellProcess(
        _ tenant: TenantID, _ measures: [Measure], told: inout [Measure]?, hour: Int64, hours: Int64,
        into results: inout [KPIResult]
    ) {
        for (number, kpi) in KPICatalog.processKPIs.enumerated() {
            let measure = measures[number]
            let before = told?[number] ?? .nothing
            guard measure != before else { continue }
            results.append(
                result(
                    kpi.definition, tenant: tenant, site: nil, measure, isSum: false, hour: hour, hours: hours,
                    isRecomputed: before != .nothing))
        }
        told = measures
    }
}
