import Testing
import TowerEngine
import TowerModel

@testable import TowerApp

@Suite struct StormTests {
    private static func storm(seed: UInt64, missing: Double = 0) -> AlarmStorm {
        AlarmStorm(
            .init(
                alarms: 1_500, roots: 15, seconds: 60, sites: 330, seed: seed, tenant: "acme", start: Timestamp(seconds: 1_768_500_000), missing: missing))
    }

    private static func census(_ storm: AlarmStorm) throws -> StormCensus {
        var feed = EngineFeed(Engine())
        feed.take(try feed.decoded(storm.inventory[...]))
        feed.take(try feed.decoded(storm.before[...]))
        feed.advance(to: storm.configuration.start)
        feed.take(try feed.decoded(storm.storm[...]))
        for second in stride(from: 1.0, through: 200, by: 1) { feed.advance(to: storm.storm.last!.arrivedAt.adding(seconds: second)) }
        return StormCensus(storm, feed.snapshots)
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func everyAlarmOfAStormIsInAnIncidentAndEachFaultIsOne(seed: UInt64) throws {
        let census = try Self.census(Self.storm(seed: seed))
        #expect(census.lost == 0)
        #expect(census.incidentsPerRoot <= 1.1 && census.rootsPerIncident <= 1.1, "\(census)")
        #expect(census.firstThree >= 0.93, "\(census)")
    }

    @Test func aTenthOfTheReportsMissingSplitsNoFault() throws {
        let census = try Self.census(Self.storm(seed: 4, missing: 0.1))
        // A member of a lost feeder whose own grid alarm is missing only says that its battery works, which is nobody's incident.
        #expect(census.lost * 100 <= 3 * 1_500 && census.incidentsPerRoot <= 1.2 && census.rootsPerIncident <= 1.1, "\(census)")
    }

    @Test func equalSeedsGiveEqualStormsAndOthersOthers() {
        let texts = [1, 1, 2].map { Self.storm(seed: $0).storm.map(\.text) }
        #expect(texts[0] == texts[1] && texts[0] != texts[2])
        #expect(texts[0].count == 1_500)
    }

    @Test func theCensusSeesWhatIsLostSplitAndThrownTogether() {
        let storm = Self.storm(seed: 5)
        #expect(StormCensus(storm, []).lost == storm.storm.count)
        var own = storm.roots.indices.map { root in Self.incident(storm.storm.filter { Int($0.root) == root }.map(\.id), storm.roots[root]) }
        let right = StormCensus(storm, own)
        #expect(right.lost == 0 && right.incidentsPerRoot == 1 && right.rootsPerIncident == 1 && right.first == 1)
        #expect(right.vMeasure > 0.999)
        let moved = own.removeLast()
        own[0].eventIDs += moved.eventIDs
        let together = StormCensus(storm, own)
        #expect(together.lost == 0 && together.rootsPerIncident > 1 && together.vMeasure < right.vMeasure)
        own[0].eventIDs.removeFirst()
        #expect(StormCensus(storm, own).lost == 1)
    }

    private static func incident(_ events: [EventID], _ root: AlarmStorm.Root) -> IncidentSnapshot {
        let place = root.accepted.sorted().last!.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
        return IncidentSnapshot(
            incidentID: events[0], tenantID: TenantID("acme"), revision: 1, status: .open, severity: .major, openedAt: root.at, onsetAt: root.at,
            updatedAt: root.at, resolvedAt: nil, needsPerson: true, pagesAt: nil, title: "", explanation: "", reason: "opened", siteID: SiteID(""),
            affectedSites: [], affectedOperators: [],
            rootCauseCandidates: [
                .init(siteID: place[0], managedObject: place[1], condition: "grid.lost", eventType: "", label: "", probability: 1)
            ], timeline: [], edges: [], autonomy: [], actions: [], eventIDs: events, alarmIDs: [], alarmCount: events.count)
    }
}
