import Testing
import TowerModel

@testable import TowerSimulation

@Suite struct FleetTests {
    @Test(arguments: [1, 2, 3, 7, 48, 300, 1000]) func fleetsOfAnySizeAreWhole(count: Int) {
        let fleet = FleetGenerator.generate(sites: count, seed: UInt64(count))
        #expect(fleet.sites.count == count)
        #expect(Set(fleet.sites.map(\.siteID)).count == count)
        #expect(Set(fleet.sites.map(\.name)).count == count)
        for site in fleet.sites {
            #expect((1...3).contains(site.operators.count))
            #expect(site.cells == 3 * site.operators.count)
            #expect(site.nonCriticalCells < site.cells)
            #expect((0.7...1).contains(site.stateOfHealth))
            #expect((2.5...24).contains(site.autonomyHours), "\(site.autonomyHours)")
            #expect((site.feeder == nil) == (site.gridClass == "off"))
        }
        for (index, feeder) in fleet.feeders.enumerated() {
            #expect(feeder.sites.allSatisfy { fleet.sites[$0].feeder == index })
            #expect(feeder.sites.count <= 60)
        }
        let topology = Topology(fleet)
        for site in fleet.sites.indices {
            var depth = 0
            var at = site
            while topology.uplink[at] >= 0, fleet.links[Int(topology.uplink[at])].kind == .hop {
                at = fleet.links[Int(topology.uplink[at])].parent
                depth += 1
            }
            #expect(depth <= 5)
        }
        for link in fleet.links {
            #expect(link.child != link.parent)
            #expect((link.kind == .hop) == (link.frequencyGHz > 0))
            #expect((0.3...150).contains(link.lengthKilometres))
        }
    }

    @Test func aLargeFleetHasHubsRingsIsolatedSitesAndSolar() {
        let fleet = FleetGenerator.generate(sites: 1000, seed: 1)
        let topology = Topology(fleet)
        let isolated = fleet.sites.indices.filter { topology.links(of: $0).isEmpty }.count
        #expect((50...300).contains(isolated))
        #expect(fleet.links.contains { $0.kind == .ring })
        #expect((50...200).contains(fleet.sites.filter(\.isHub).count))
        #expect((80...200).contains(fleet.sites.filter(\.isOffGrid).count))
        let grown = fleet.feeders.filter { $0.sites.count >= 10 }.count
        #expect(grown * 2 > fleet.feeders.count)
    }

    @Test(arguments: [1, 2, 4, 9, 1000]) func everySizeRuns(count: Int) throws {
        let run = try Run(quick(sites: count, hours: count > 100 ? 1 : 12, seed: 2))
        let inventory = run.events.prefix(count)
        for event in inventory { #expect(try ParsedEvent(event).type == "inventory.site") }
        #expect(run.events.count > count * 2)
    }

    @Test(arguments: [(0, 24.0, 300.0), (20_001, 24, 300), (10, 0, 300), (10, 24, 0.5), (10, 24, .nan)])
    func settingsOutOfRangeAreRefused(sites: Int, hours: Double, period: Double) {
        let configuration = SimulationConfiguration(sites: sites, hours: hours, telemetryPeriodSeconds: period)
        #expect(throws: SimulationError.self) { try Simulation(configuration: configuration) }
    }

    @Test(arguments: ["", "a b", "ä", "x\"y"]) func tenantMustBePlain(name: String) {
        let configuration = SimulationConfiguration(sites: 1, hours: 1, tenant: TenantID(name))
        #expect(throws: SimulationError.self) { try Simulation(configuration: configuration) }
    }
}
