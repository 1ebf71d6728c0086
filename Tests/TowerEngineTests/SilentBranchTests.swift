import Testing
import TowerModel

@testable import TowerEngine

/// Parts of the way to the core that die without a word: what lies behind them tells, by how much of it falls.
@Suite struct SilentBranchTests {
    /// A hub with six gateways of three sites each, all on fibre.
    private static let network =
        "site CORE is_hub=true\n"
        + (1...6).map { gateway in
            "site G\(gateway) is_hub=true\nlink G\(gateway) CORE kind=fibre parent=CORE\n"
                + (1...3).map { "site G\(gateway)S\($0)\nlink G\(gateway)S\($0) G\(gateway) kind=hop parent=G\(gateway) frequency_ghz=18\n" }.joined()
        }.joined()

    /// Three cells at each site behind those gateways, in the minute from 02:14.
    private static func fallen(_ gateways: [Int]) -> String {
        var lines: [(second: Int, text: String)] = []
        for gateway in gateways {
            for site in 1...3 {
                for cell in 1...3 {
                    let second = gateway * 4 + site * 2 + cell
                    lines.append((second, "02:14:\(second < 10 ? "0" : "")\(second) G\(gateway)S\(site) ran.cell_down state=raised cell=\(cell)\n"))
                }
            }
        }
        return lines.sorted { $0.second < $1.second }.map(\.text).joined()
    }

    @Test(arguments: [[2], [1, 4], [3, 6]])
    func gatewaysThatFallInOneMinuteAreAnIncidentEach(gateways: [Int]) {
        let outcome = Outcome(Self.network + Self.fallen(gateways), until: "02:20:00")
        #expect(outcome.incidents.count == gateways.count, "\(outcome.incidents.map(\.title))")
        for (incident, gateway) in zip(outcome.incidents.sorted { $0.onsetAt < $1.onsetAt }, gateways) {
            let name = "G\(gateway)"
            #expect(incident.rootCauseCandidates.prefix(3).contains { $0.siteID == name || $0.managedObject == "link:CORE/\(name)" })
            #expect(incident.alarmCount == 9 && incident.eventIDs.count == 9)
        }
    }

    @Test func aHubWhoseBranchesAllFallIsOneIncident() {
        let outcome = Outcome(Self.network + Self.fallen([1, 2, 3, 4, 5, 6]), until: "02:20:00")
        #expect(outcome.only?.alarmCount == 54, "\(outcome.incidents.map(\.title))")
    }

    @Test func alarmsThatChangeNothingAreToldWhenNoMoreCome() throws {
        let late = "02:16:00 G2S1 ran.cell_down state=raised cell=7\n02:16:10 G2S2 ran.cell_down state=raised cell=7\n"
        let outcome = Outcome(Self.network + Self.fallen([2]) + late, until: "02:20:00")
        let incident = try #require(outcome.only)
        #expect(incident.alarmCount == 11 && incident.eventIDs.count == 11)
        #expect(incident.reason == "more alarms of the same")
    }

    @Test func noAlarmChangesHandsTwice() {
        let outcome = Outcome(Self.network + Self.fallen([1, 4]) , until: "02:40:00")
        var owners: [EventID: [EventID]] = [:]
        for alarm in outcome.output.alarms { if let incident = alarm.incidentID { owners[alarm.alarmID, default: []].append(incident) } }
        #expect(owners.values.allSatisfy { Set($0).count == 1 })
    }
}
