import Foundation
import Testing

@testable import TowerSimulation

@Suite struct ScenarioFileTests {
    private var folder: URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("scenarios")
    }

    @Test(arguments: ScenarioID.allCases) func theFileOfEachScenarioSaysWhatIsBuiltIn(scenario: ScenarioID) throws {
        let text = try String(contentsOf: folder.appendingPathComponent("\(scenario.rawValue).scenario"), encoding: .utf8)
        var parameters = ScenarioParameters.default
        parameters.instances[scenario] = 999
        for key in parameters.spreads.keys where key.scenario == scenario { parameters.spreads[key] = .uniform(1, 2) }
        try ScenarioFile.apply(text, name: "\(scenario.rawValue).scenario", to: &parameters)
        #expect(parameters == ScenarioParameters.default)
    }

    @Test(arguments: [
        ("repair uniform 1 h 2 h", "S:1"), ("scenario S99", "S:1"), ("scenario S13\nrepar uniform 1 h 2 h", "S:2"),
        ("scenario S13\n\n# note\nrepair uniform 2 h 1 h", "S:4"), ("scenario S13\nrepair lognormal 0 h 1 h", "S:2"),
        ("scenario S13\nrepair uniform 1 h", "S:2"), ("scenario S13\nrepair uniform 1 h 2 h 3 h", "S:2"),
        ("scenario S13\ninstances -1", "S:2"), ("scenario S13\nrepair uniform 1 h nan h", "S:2"),
    ])
    func aBadLineIsNamedAndNothingIsChanged(text: String, place: String) {
        var parameters = ScenarioParameters.default
        let error = #expect(throws: SimulationError.self) { try ScenarioFile.apply(text, name: "S", to: &parameters) }
        #expect(error?.code == .scenarioFile)
        #expect(error?.message.hasPrefix(place) == true)
        #expect(parameters == .default)
    }

    @Test func aFileChangesWhatItNames() throws {
        var parameters = ScenarioParameters.default
        try ScenarioFile.apply("scenario S23\ninstances 12\nrepair uniform 10 min 0.5 h # quick\r\n", name: "x", to: &parameters)
        #expect(parameters.instances[.s23] == 12)
        #expect(parameters[.s23, "repair"] == .uniform(600, 1800))
    }

    @Test func spreadsKeepTheirBoundsAndMedian() {
        var random = SeededGenerator(seed: 1)
        let spread = Spread.lognormal(median: 3600, p90: 21_600)
        let draws = (0..<4000).map { _ in spread.draw(&random) }.sorted()
        #expect((3300...3900).contains(draws[2000]))
        #expect((19_000...24_500).contains(draws[3600]))
        #expect(draws.allSatisfy { spread.bounds.contains($0) })
        #expect((0..<1000).allSatisfy { _ in (2...5).contains(Spread.uniform(2, 5).draw(&random)) })
    }
}
