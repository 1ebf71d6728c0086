import Logging
import Testing
import TowerModel
import TowerStores

@testable import TowerAPI

/// Rings, floors and what can be resumed.
@Suite struct LiveHubTests {
    private func change(_ tenant: TenantID, _ id: String) -> TenantChange {
        TenantChange(tenantID: tenant, change: .site(Samples.site(id, tenant: tenant.rawValue)))
    }

    private func connection(_ hub: LiveHub, _ tenant: TenantID) -> LiveConnection {
        let store = MemoryStore()
        return LiveConnection(
            grant: LiveGrant(principal: Principal(tenantID: tenant, name: "n", role: .viewer), token: "t"),
            environment: .init(
                hub: hub, snapshot: LiveSnapshot(store: store, group: "g", limits: LiveLimits()), limits: LiveLimits(),
                clock: { Samples.at }, isStillValid: { _ in true }, logger: .init(label: "test")))
    }

    private func missed(_ hub: LiveHub, _ tenant: TenantID, since: Int64?) -> [Int64]? {
        let attachment = hub.attach(connection(hub, tenant), LiveSubscription(channels: [.sites], since: since))
        guard case .resumed(_, let slices) = attachment else { return nil }
        return slices.map(\.sequence)
    }

    @Test func aTenantResumesItsOwnSlicesOnly() {
        let hub = LiveHub(startingAt: 10)
        hub.publish(sequence: 11, changes: [change("a", "A1"), change("b", "B1")])
        hub.publish(sequence: 12, changes: [change("b", "B2")])
        hub.publish(sequence: 13, changes: [change("a", "A2")])
        #expect(missed(hub, "a", since: 10) == [11, 13])
        #expect(missed(hub, "b", since: 11) == [12])
        #expect(missed(hub, "b", since: 13) == [])
        #expect(missed(hub, "c", since: 10) == [])
    }

    @Test func whatIsNotHeldNeedsASnapshot() {
        let hub = LiveHub(startingAt: 10)
        #expect(missed(hub, "a", since: nil) == nil)
        #expect(missed(hub, "a", since: 9) == nil)
        #expect(missed(hub, "a", since: 11) == nil, "a sequence that was never given out")
        #expect(missed(hub, "a", since: 10) == [])
    }

    @Test func theRingForgetsTheOldestPerTenant() {
        var limits = LiveLimits()
        limits.ringChangesMax = 3
        let hub = LiveHub(startingAt: 0, limits: limits)
        for sequence in 1...5 { hub.publish(sequence: Int64(sequence), changes: [change("a", "S\(sequence)")]) }
        hub.publish(sequence: 6, changes: [change("b", "B")])
        #expect(missed(hub, "a", since: 1) == nil)
        #expect(missed(hub, "a", since: 2) == [3, 4, 5])
        #expect(missed(hub, "b", since: 0) == [6], "a busy tenant does not cost a quiet one its history")
    }

    @Test func anInterruptionEndsEveryResume() {
        let hub = LiveHub(startingAt: 0)
        hub.publish(sequence: 5, changes: [change("a", "A")])
        hub.interrupt(resumingAt: 0)
        #expect(hub.sequence == 0)
        hub.publish(sequence: 5, changes: [change("a", "A")])
        #expect(missed(hub, "a", since: 5) == [])
        #expect(missed(hub, "a", since: 0) == [5])
    }

    @Test func aRepeatedSliceIsIgnored() {
        let hub = LiveHub(startingAt: 0)
        hub.publish(sequence: 5, changes: [change("a", "A")])
        hub.publish(sequence: 5, changes: [change("a", "A")])
        hub.publish(sequence: 4, changes: [change("a", "A")])
        #expect(missed(hub, "a", since: 0) == [5])
    }

    @Test func thereIsRoomForSoMany() {
        var limits = LiveLimits()
        limits.clientsMax = 2
        let hub = LiveHub(startingAt: 0, limits: limits)
        let first = hub.add(connection(hub, "a"))
        #expect(first != nil && hub.add(connection(hub, "a")) != nil)
        #expect(hub.add(connection(hub, "a")) == nil && !hub.hasRoom)
        if let first { hub.remove(first) }
        #expect(hub.hasRoom && hub.clientCount == 1)
        hub.close()
        #expect(!hub.hasRoom && hub.add(connection(hub, "a")) == nil)
    }
}
