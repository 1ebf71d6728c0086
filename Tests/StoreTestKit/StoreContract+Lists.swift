import Testing
import TowerModel
package import TowerStores

extension StoreContract {
    /// Follows the cursors of a list to its end.
    package static func walk<Item: Sendable & Codable>(_ page: (String?) async throws -> Page<Item>) async throws -> (items: [Item], pages: Int) {
        var (items, pages, cursor): ([Item], Int, String?) = ([], 0, nil)
        repeat {
            let next = try await page(cursor)
            items += next.items
            pages += 1
            cursor = next.nextCursor
        } while cursor != nil && pages < 1000
        return (items, pages)
    }

    package static func sitePages(_ store: any Store) async throws {
        let acme = Fleet()
        var batch = ProjectionBatch(group: group, position: 1)
        batch.sites = (0..<25).map { acme.site("S-\(10 + $0)", name: $0 == 7 ? "Nørre Høj 100%" : nil, region: $0 < 10 ? "North" : "South") }
        batch.alarms = [acme.alarm(1, site: "S-12"), acme.alarm(2, site: "S-13", type: "rms.offline")]
        _ = try await store.apply(batch)
        let (all, pages) = try await walk { try await store.sites(tenant: acme.tenant, filter: SiteFilter(), limit: 10, cursor: $0) }
        #expect(all.map(\.site.siteID.rawValue) == (0..<25).map { "S-\(10 + $0)" })
        #expect(pages == 3)
        func count(_ filter: SiteFilter) async throws -> Int? {
            let page = try await store.sites(tenant: acme.tenant, filter: filter, limit: 1000, cursor: nil)
            #expect(page.total == page.items.count)
            return page.total
        }
        #expect(try await count(SiteFilter(region: "North")) == 10)
        #expect(try await count(SiteFilter(state: .watch)) == 1)
        #expect(try await count(SiteFilter(state: .blind)) == 1)
        #expect(try await count(SiteFilter(text: "nørre høj")) == 1)
        #expect(try await count(SiteFilter(text: "0%")) == 1)
        #expect(try await count(SiteFilter(text: "s-1")) == 10)
        #expect(try await count(SiteFilter(text: "' OR 1=1 --")) == 0)
        #expect(try await count(SiteFilter(state: .watch, region: "South")) == 0)
        let exact = try await store.sites(tenant: acme.tenant, filter: SiteFilter(), limit: 25, cursor: nil)
        #expect(exact.nextCursor == nil && exact.total == 25)
    }

    package static func alarmPages(_ store: any Store) async throws {
        let acme = Fleet()
        var batch = ProjectionBatch(group: group, position: 1)
        // Several share one instant, so that the second part of the key is needed.
        batch.alarms = (0..<30).map { index in
            acme.alarm(
                index, site: "S-\(index % 3)", severity: index % 2 == 0 ? .minor : .critical, state: index < 6 ? .cleared : .raised,
                raised: index / 4, changed: 20)
        }
        batch.incidents = [acme.engine("incident.opened", acme.snapshot(50, alarms: [7, 8, 9]))]
        _ = try await store.apply(batch)
        let (all, pages) = try await walk { try await store.alarms(tenant: acme.tenant, filter: AlarmFilter(), limit: 7, cursor: $0) }
        #expect(pages == 5)
        #expect(Set(all.map(\.alarm.alarmID)).count == 30)
        #expect(all.map(\.alarm.raisedAt) == all.map(\.alarm.raisedAt).sorted(by: >))
        func ids(_ filter: AlarmFilter) async throws -> Set<EventID> {
            let page = try await store.alarms(tenant: acme.tenant, filter: filter, limit: 1000, cursor: nil)
            #expect(page.total == page.items.count)
            return Set(page.items.map(\.alarm.alarmID))
        }
        #expect(try await ids(AlarmFilter(isActive: true)) == Set((6..<30).map(acme.id)))
        #expect(try await ids(AlarmFilter(isActive: false)) == Set((0..<6).map(acme.id)))
        #expect(try await ids(AlarmFilter(site: SiteID("S-1"))) == Set(stride(from: 1, to: 30, by: 3).map(acme.id)))
        #expect(try await ids(AlarmFilter(incident: acme.id(50))) == Set([7, 8, 9].map(acme.id)))
        #expect(try await ids(AlarmFilter(minimumSeverity: .major)) == Set(stride(from: 1, to: 30, by: 2).map(acme.id)))
        #expect(try await ids(AlarmFilter(isActive: true, site: SiteID("S-1"), minimumSeverity: .major)) == Set([7, 13, 19, 25].map(acme.id)))
    }

    package static func incidentPages(_ store: any Store) async throws {
        let acme = Fleet()
        var batch = ProjectionBatch(group: group, position: 1)
        let statuses: [IncidentSnapshot.Status] = [.open, .resolved, .autoClosed, .merged]
        batch.incidents = (0..<20).map { index in
            let snapshot = acme.snapshot(
                index, status: statuses[index % 4], site: "S-\(index)", affected: [("S-\(index)", .root), ("S-x\(index % 2)", .down)],
                minute: index)
            return acme.engine("incident.opened", snapshot)
        }
        batch.incidents.append(acme.person("incident.acknowledged", 4))
        batch.incidents.append(acme.person("incident.assigned", 8, minute: 30, target: "bob"))
        _ = try await store.apply(batch)
        func numbers(_ filter: IncidentFilter) async throws -> [String] {
            try await walk { try await store.incidents(tenant: acme.tenant, filter: filter, limit: 3, cursor: $0) }.items.map(\.number)
        }
        #expect(try await numbers(IncidentFilter()) == [18, 17, 14, 13, 10, 9, 6, 5, 2, 1].map { "INC-\($0)" })
        #expect(try await numbers(IncidentFilter(statuses: [.merged])) == [20, 16, 12, 8, 4].map { "INC-\($0)" })
        #expect(try await numbers(IncidentFilter(statuses: [.acknowledged])) == ["INC-5"])
        #expect(try await numbers(IncidentFilter(assignee: "bob")) == ["INC-9"])
        #expect(try await numbers(IncidentFilter(statuses: [.open], site: SiteID("S-x0"))) == [17, 13, 9, 1].map { "INC-\($0)" })
        #expect(try await numbers(IncidentFilter(updatedSince: Fleet.at(16))) == ["INC-18", "INC-17", "INC-9"])
        let page = try await store.incidents(tenant: acme.tenant, filter: IncidentFilter(), limit: 3, cursor: nil)
        #expect(page.total == 10)
        #expect(page.items.allSatisfy { $0.history == nil })
    }

    package static func kpiPages(_ store: any Store) async throws {
        let acme = Fleet()
        var batch = ProjectionBatch(group: group, position: 1)
        for hour in 0..<5 {
            batch.kpis += [acme.kpi("mttr", nil, Double(hour), hour: hour), acme.kpi("site_availability", "S-1", nil, hour: hour)]
        }
        batch.kpis.append(acme.kpi("mttr", nil, 9, hour: 0, hours: 24))
        _ = try await store.apply(batch)
        let (all, _) = try await walk { try await store.kpis(tenant: acme.tenant, kpi: nil, site: nil, limit: 2, cursor: $0) }
        #expect(all.count == 11)
        #expect(Set(all.map { "\($0.kpi)\($0.windowStart)\($0.windowEnd)" }).count == 11)
        let mttr = try await store.kpis(tenant: acme.tenant, kpi: "mttr", site: nil, limit: 100, cursor: nil)
        #expect(mttr.items.map(\.value) == [4, 3, 2, 1, 9, 0])
        #expect(mttr.total == 6)
        let site = try await store.kpis(tenant: acme.tenant, kpi: nil, site: SiteID("S-1"), limit: 100, cursor: nil)
        #expect(site.items.count == 5 && site.items.allSatisfy { $0.value == nil && $0.siteID == "S-1" })
    }

    package static func forecastPages(_ store: any Store) async throws {
        let (acme, other) = (Fleet(), Fleet("globex"))
        func forecast(_ site: String, _ kind: ForecastKind, minute: Int, p50: Double) -> SiteForecast {
            SiteForecast(
                siteID: SiteID(site), at: Fleet.at(minute), kind: kind, p10: p50 - 1, p50: p50, p90: p50 + 1, basis: "why", eventIDs: [])
        }
        var batch = ProjectionBatch(group: group, position: 1)
        for number in 0..<5 {
            batch.outlooks.append((acme.tenant, forecast("S-\(number)", .fuelEmpty, minute: 1, p50: Double(10 + number))))
            batch.outlooks.append((acme.tenant, forecast("S-\(number)", .batteryLife, minute: 1, p50: 100)))
        }
        batch.outlooks.append((other.tenant, forecast("S-1", .fuelEmpty, minute: 1, p50: 99)))
        // Newer wins, whatever the order; older says nothing.
        batch.outlooks.append((acme.tenant, forecast("S-1", .fuelEmpty, minute: 3, p50: 8)))
        batch.outlooks.append((acme.tenant, forecast("S-1", .fuelEmpty, minute: 2, p50: 9)))
        _ = try await store.apply(batch)
        let (all, _) = try await walk { try await store.forecasts(tenant: acme.tenant, kind: nil, site: nil, limit: 3, cursor: $0) }
        #expect(all.count == 10)
        let fuel = try await store.forecasts(tenant: acme.tenant, kind: .fuelEmpty, site: nil, limit: 100, cursor: nil)
        #expect(fuel.items.map(\.siteID.rawValue) == ["S-0", "S-1", "S-2", "S-3", "S-4"] && fuel.total == 5)
        let site = try await store.forecasts(tenant: acme.tenant, kind: nil, site: SiteID("S-1"), limit: 100, cursor: nil)
        #expect(site.items.map(\.kind) == [.batteryLife, .fuelEmpty])
        #expect(site.items.last == forecast("S-1", .fuelEmpty, minute: 3, p50: 8))
        try await store.resetReadModels()
        #expect(try await store.forecasts(tenant: acme.tenant, kind: nil, site: nil, limit: 1, cursor: nil).items.isEmpty)
    }

    package static func badCursors(_ store: any Store) async throws {
        let acme = Fleet()
        _ = try await store.apply(acme.everything())
        let siteCursor = try await store.sites(tenant: acme.tenant, filter: SiteFilter(), limit: 1, cursor: nil).nextCursor
        #expect(siteCursor != nil)
        for cursor in ["", "x", "!!!!", "AAAA", siteCursor ?? "", String(repeating: "A", count: 100_000)] {
            await #expect { try await store.alarms(tenant: acme.tenant, filter: AlarmFilter(), limit: 1, cursor: cursor) } throws: {
                ($0 as? StoreError)?.code == .badCursor
            }
            await #expect { try await store.incidents(tenant: acme.tenant, filter: IncidentFilter(), limit: 1, cursor: cursor) } throws: {
                ($0 as? StoreError)?.code == .badCursor
            }
        }
    }
}
