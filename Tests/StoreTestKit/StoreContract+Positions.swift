import Testing
import TowerModel
package import TowerStores

extension StoreContract {
    /// Somebody else wrote what this one still holds: nothing of it may have an effect.
    package static func movedElsewhere(_ store: any Store) async throws {
        let acme = Fleet()
        _ = try await store.apply(acme.everything(position: 10))
        let before = try await dump(store, acme.tenant)
        var late = ProjectionBatch(group: group, position: 15, after: 5)
        late.alarms = [acme.alarm(77, site: "S-2", severity: .critical, raised: 9)]
        late.sites = [acme.site("S-77")]
        await #expect { try await store.apply(late) } throws: { ($0 as? StoreError)?.code == .conflict }
        let sample = StoredSample(tenantID: acme.tenant, siteID: SiteID("S-1"), metric: "m", at: Fleet.at(0), value: 1)
        try await store.store(samples: [sample], .analytics(3))
        let other = StoredSample(tenantID: acme.tenant, siteID: SiteID("S-1"), metric: "m", at: Fleet.at(1), value: 2)
        await #expect { try await store.store(samples: [other], .analytics(9, after: 2)) } throws: {
            ($0 as? StoreError)?.code == .conflict
        }
        let series = try await store.series(
            tenant: acme.tenant, site: SiteID("S-1"), metrics: ["m"], from: Fleet.at(0), to: Fleet.at(10), maxPoints: 10)
        #expect(series.first?.points.map { $0[1] } == [1])
        #expect(try await store.position(of: group) == 10)
        #expect(try await store.position(of: "analytics-service") == 3)
        #expect(try await store.site(tenant: acme.tenant, id: SiteID("S-77")) == nil)
        #expect(try await store.alarm(tenant: acme.tenant, id: acme.id(77)) == nil)
        late.move = PositionMove(group: group, from: 10, to: 15)
        _ = try await store.apply(late)
        #expect(try await store.alarm(tenant: acme.tenant, id: acme.id(77)) != nil)
        #expect(try await dump(store, acme.tenant) != before)
    }

    /// Two members of a group read different partitions: each moves its own and is held back only by its own.
    package static func parts(_ store: any Store) async throws {
        let acme = Fleet()
        func move(_ from: [String: Int64], _ to: [String: Int64]) -> PositionMove {
            PositionMove(group: group, from: StorePosition(parts: from), to: StorePosition(parts: to))
        }
        func apply(_ move: PositionMove, _ number: Int) async throws {
            var batch = ProjectionBatch(group: move.group, from: move.from, to: move.to)
            batch.alarms = [acme.alarm(number, site: "S-\(number)")]
            _ = try await store.apply(batch)
        }
        try await apply(move([:], ["a/0": 5, "a/1": 7]), 1)
        try await apply(move([:], ["a/2": 4]), 2)
        #expect(try await store.position(of: group) == StorePosition(parts: ["a/0": 5, "a/1": 7, "a/2": 4]))
        #expect(try await store.position(of: group).sequence == 16)
        try await apply(move(["a/0": 5], ["a/0": 6]), 3)
        try await apply(move(["a/2": 4], ["a/2": 9]), 4)
        // One part of two was moved by another member since: neither moves.
        await #expect { try await apply(move(["a/0": 5, "a/1": 7], ["a/0": 8, "a/1": 8]), 5) } throws: {
            ($0 as? StoreError)?.code == .conflict
        }
        #expect(try await store.alarm(tenant: acme.tenant, id: acme.id(5)) == nil)
        #expect(try await store.position(of: group) == StorePosition(parts: ["a/0": 6, "a/1": 7, "a/2": 9]))
        // The answer to this one was lost; it comes again and changes nothing.
        try await apply(move(["a/2": 4], ["a/2": 9]), 6)
        #expect(try await store.alarm(tenant: acme.tenant, id: acme.id(6)) == nil)
        try await store.store(samples: [], PositionMove(group: "analytics-service", from: .start, to: StorePosition(parts: ["a/0": 3])))
        #expect(try await store.position(of: "analytics-service") == StorePosition(parts: ["a/0": 3]))
        try await store.resetReadModels()
        #expect(try await store.position(of: group) == 0)
    }

    /// What people and devices write is never refused for its characters. A NUL may come back as U+FFFD.
    package static func anyText(_ store: any Store) async throws {
        let acme = Fleet()
        let words = ["it's \"quoted\" \\ back\\slash", "tab\tline\nfeed\r", "{a,b},NULL,\\N", "Ünïcödé 塔 🗼", "a\u{0}b", ""]
        var batch = acme.everything()
        batch.alarms = words.enumerated().map { index, text in
            var alarm = acme.alarm(index, site: "S-\(index)")
            alarm.text = text
            alarm.managedObject = text
            return alarm
        }
        batch.sites = words.enumerated().map { acme.site("S-\($0.offset)", name: $0.element, region: $0.element) }
        batch.latest = words.filter { !$0.isEmpty }.map { acme.latest("S-1", $0, 1, 1) }
        batch.incidents.append(acme.person("incident.commented", 50, minute: 9, text: words.joined()))
        _ = try await store.apply(batch)
        func plain(_ text: String) -> String { text.replacing("\u{0}", with: "\u{FFFD}") }
        for (index, text) in words.enumerated() {
            let alarm = try await store.alarm(tenant: acme.tenant, id: acme.id(index))
            #expect(alarm.map { plain($0.alarm.text) } == plain(text))
            let site = try await store.site(tenant: acme.tenant, id: SiteID("S-\(index)"))
            #expect(site.map { plain($0.site.name) } == plain(text))
        }
        let latest = try await store.site(tenant: acme.tenant, id: SiteID("S-1"))?.latest ?? []
        #expect(Set(latest.map { plain($0.metric) }) == Set(words.filter { !$0.isEmpty }.map(plain)))
        let history = try await store.incident(tenant: acme.tenant, id: "INC-1")?.history ?? []
        #expect(history.last.map { plain($0.text) } == plain(words.joined()))
    }
}
