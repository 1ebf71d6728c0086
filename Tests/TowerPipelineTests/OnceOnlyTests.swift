import Synchronization
import Testing
import TowerIncidents
import TowerModel
import TowerPipeline
import TowerStores
import TowerStreaming

/// The process dies at every point where it can, and the world is the same afterwards.
@Suite struct OnceOnlyTests {
    static let acme = TenantID("acme")

    /// Faults, repairs, telemetry and heartbeats of a few sites.
    static func story() -> [Record] {
        var records: [Record] = []
        for step in 0..<27 {
            let site = "S-\(step % 3)"
            let type = step % 12 >= 9 ? "grid.fixed" : "grid.fault"
            records.append(World.event(step * 10, type, site: site, second: step * 20))
            records.append(
                World.event(step * 10 + 1, "power.dc.telemetry", site: site, second: step * 20 + 1, "{\"bus_v\":\(48 + step % 5).5,\"x\":\"y\"}"))
            if step % 4 == 0 { records.append(World.heartbeat) }
        }
        return records
    }

    /// What the lifecycle, alert and KPI topics hold, in order, as text.
    static func outputs(_ world: World) async throws -> [String] {
        var lines: [String] = []
        for pattern in [TopicPattern.alerts, .incidents, .kpis] {
            for stored in try await world.records(pattern) { lines.append(String(decoding: stored.record.value, as: UTF8.self)) }
        }
        return lines
    }

    static func reference() async throws -> (outputs: [String], dump: String) {
        let world = try World()
        _ = try await world.log.append(story())
        try await world.settle()
        return (try await outputs(world), try await Text.dump(world.store, acme))
    }

    @Test func theEngineSaysEverythingOnce() async throws {
        let (outputs, dump) = try await Self.reference()
        #expect(outputs.count > 40)
        #expect(Set(outputs).count == outputs.count)
        #expect(dump.contains("new evidence") && dump.contains("INC-3"))
    }

    /// Crash at the Nth append or commit, before it happened or right after, slices of several sizes: same log, same answers.
    @Test(arguments: [1, 3, 7], [false, true]) func theEngineDiesAnywhere(_ slice: Int, _ isAfter: Bool) async throws {
        let reference = try await Self.reference()
        let world = try World()
        _ = try await world.log.append(Self.story())
        for point in 0..<12 {
            for call in [FaultyLog.Call.append, .commit] {
                let log = FaultyLog(world.log) { made, number in
                    guard made == call, number == point % 4 else { return nil }
                    return isAfter ? .after(Crash()) : .before(Crash())
                }
                // It may come to its end before it meets the fault.
                _ = try? await world.drain(world.engine(log: log), log: log, slice: slice)
            }
        }
        try await world.drain(world.engine(), slice: slice)
        #expect(try await Self.outputs(world) == reference.outputs)
        try await world.settle()
        #expect(try await Self.outputs(world) == reference.outputs)
        #expect(try await Text.dump(world.store, Self.acme) == reference.dump)
    }

    /// The disk is full for a while, and sometimes an append that failed was written: no copy, no gap.
    @Test(arguments: [false, true]) func anUncertainAppendIsNotRepeated(_ isAfter: Bool) async throws {
        let reference = try await Self.reference()
        let world = try World()
        _ = try await world.log.append(Self.story())
        let full = EventLogError(.diskFull, "full")
        let log = FaultyLog(world.log) { call, number in
            guard call == .append, number % 3 != 2 else { return nil }
            return isAfter ? .after(full) : .before(full)
        }
        let status = try await world.drain(world.engine(log: log), log: log, slice: 5)
        #expect(status.retries > 3)
        #expect(try await Self.outputs(world) == reference.outputs)
    }

    @Test(arguments: [1, 4, 100], [false, true]) func theProjectionDiesAnywhere(_ slice: Int, _ isAfter: Bool) async throws {
        let reference = try await Self.reference()
        let world = try World()
        _ = try await world.log.append(Self.story())
        try await world.drain(world.engine())
        for point in 0..<10 {
            let store = FaultyStore(world.store) { number in
                guard number == point % 5 else { return nil }
                return isAfter ? .after(Crash()) : .before(Crash())
            }
            _ = try? await world.drain(world.projection(store: store), slice: slice)
        }
        try await world.settle()
        #expect(try await Text.dump(world.store, Self.acme) == reference.dump)
    }

    /// A restarted engine continues with the memory it had: it refines the incident that it opened before, not a new one.
    @Test func aRestartedEngineRemembers() async throws {
        let world = try World()
        for step in 0..<6 {
            _ = try await world.log.append([World.event(step, "grid.fault", site: "S-1", second: step * 60), World.heartbeat])
            try await world.settle()
        }
        let incidents = try await world.store.incidents(tenant: Self.acme, filter: IncidentFilter(), limit: 10, cursor: nil).items
        #expect(incidents.map(\.snapshot.revision) == [6])
        #expect(incidents.first?.snapshot.reason == "new evidence after 5 beats and 0 actions")
        #expect(try await world.records(.incidents).count == 6)
        let alarm = try await world.store.alarms(tenant: Self.acme, filter: AlarmFilter(), limit: 10, cursor: nil).items.first?.alarm
        #expect(alarm?.occurrences == 6 && alarm?.text == "say \"no\"\n\u{1}" && alarm?.eventIDs.count == 6)
    }

    @Test(arguments: [1, 3, 1000]) func aRebuildIsIdentical(_ slice: Int) async throws {
        let world = try World()
        _ = try await world.log.append(Self.story())
        _ = try await world.log.append([Record(topic: Topic.siteEvents(site: "S-1"), key: nil, value: Array("nonsense".utf8))])
        try await world.settle()
        try await world.drain(SampleProcessor(store: world.store, symbols: world.symbols), slice: 4)
        let handler = CommandHandler(log: world.log, store: world.store, progress: world.progress)
        _ = try await handler.execute(.acknowledge, on: "INC-7", tenant: Self.acme, actor: "ada", at: World.at(999), idempotencyKey: "a")
        _ = try await handler.execute(.comment("on it"), on: "INC-7", tenant: Self.acme, actor: "ada", at: World.at(1000))
        try await world.settle()
        let before = try await Text.dump(world.store, Self.acme)
        #expect(before.contains("on it") && before.contains("power.dc.bus_v"))
        let letters = try await world.records(.deadLetters).count
        let report = try await Rebuild(log: world.log, store: world.store, symbols: world.symbols, maxRecords: slice).run()
        #expect(try await Text.dump(world.store, Self.acme) == before)
        #expect(report.incidentsVerified == 9)
        #expect(report.poison == 1)
        #expect(try await world.records(.deadLetters).count == letters)
        #expect(try await world.store.position(of: ProjectionProcessor.groupName).sequence == report.position)
        // The server that starts afterwards finds nothing to do again.
        let status = try await world.drain(world.projection())
        #expect(status.slices == 0)
    }

    @Test func aGroupThatJoinsAnewWritesEachSitesSamplesToThatSite() async throws {
        let world = try World()
        let samples = SampleProcessor(store: world.store, symbols: world.symbols)
        for number in 1...3 {
            // Each time from a copy of what it first was, as a group does that lost its membership.
            let payload = "{\"metric\":\"m\",\"value\":\(number)}"
            _ = try await world.log.append([World.event(number, "telemetry.metric", site: "S-\(number)", second: 1, payload)])
            try await world.drain(samples)
        }
        for number in 1...3 {
            let found = try await world.store.series(
                tenant: Self.acme, site: SiteID("S-\(number)"), metrics: ["m"], from: World.at(0), to: World.at(10), maxPoints: 10)
            #expect(found.map { $0.points.map { $0[1] } } == [[Double(number)]], "S-\(number)")
        }
    }

    @Test func ofTwoTenantsEachGetsItsOwn() async throws {
        let world = try World()
        for tenant in ["acme", "rival"] {
            _ = try await world.log.append([
                World.event(tenant == "acme" ? 1 : 2, "inventory.site", site: "S-1", tenant: tenant, second: 1, "{\"name\":\"of \(tenant)\"}"),
                World.event(tenant == "acme" ? 3 : 4, "grid.fault", site: "S-1", tenant: tenant, second: 2),
                World.event(tenant == "acme" ? 5 : 6, "battery.telemetry", site: "S-1", tenant: tenant, second: 3, "{\"soc\":\(tenant.count)}"),
            ])
        }
        try await world.settle()
        for (tenant, other) in [("acme", "rival"), ("rival", "acme")] {
            let dump = try await Text.dump(world.store, TenantID(tenant))
            #expect(dump.contains("of \(tenant)") && !dump.contains(other))
            #expect(try await world.store.site(tenant: TenantID(tenant), id: SiteID("S-1"))?.latest?.first?.value == Double(tenant.count))
            #expect(try await world.store.incident(tenant: TenantID(tenant), id: "INC-1")?.snapshot.tenantID.rawValue == tenant)
            #expect(try await world.store.incident(tenant: TenantID(tenant), id: "INC-2") == nil)
        }
    }

    /// A lifecycle event on another tenant's topic is nobody's: not applied, set aside.
    @Test func anEventOnAForeignTopicIsPoison() async throws {
        let world = try World()
        _ = try await world.log.append([World.event(1, "grid.fault", site: "S-1")])
        try await world.settle()
        var stolen = try #require(try await world.records(.incidents).first).record
        stolen.topic = Topic.incidents(tenant: "rival")
        _ = try await world.log.append([stolen])
        try await world.settle()
        #expect(try await world.store.incident(tenant: TenantID("rival"), id: "INC-1") == nil)
        let letter = try #require(try await world.records(.deadLetters).first)
        #expect(letter.record.header("reason_code") == "lifecycle.tenant_mismatch")
        #expect(letter.record.topic == Topic.deadLetters(tenant: "rival"))
    }
}
