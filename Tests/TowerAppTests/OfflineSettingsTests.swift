import Testing
import TowerDetection
import TowerEngine

@testable import TowerApp

@Suite struct OfflineSettingsTests {
    @Test func commandsWithoutAConfigurationReadTheVariablesThatServeReads() throws {
        let environment = [
            "TOWERCO_DETECTION_NOVELTY_SERIES": "7", "TOWERCO_DETECTION_NOVELTY_METRICS": "ran.prb, env.t_in",
            "TOWERCO_CAUSALITY_DIRECTORY": "/stories", "TOWERCO_NO_SUCH_SETTING": "1",
        ]
        let folder = StoryFolder.fromEnvironment(environment)
        #expect(folder.path == "/stories")
        let novelty = try folder.offlineConfiguration().detection.novelty
        #expect(novelty.maximumSeries == 7)
        #expect(novelty.chosenMetrics == ["ran.prb", "env.t_in"])
        #expect(try StoryFolder.fromEnvironment([:]).offlineConfiguration().detection == EngineConfiguration().detection)
    }

    @Test func aSettingOfDetectionThatIsNoneIsNamed() {
        let folder = StoryFolder.fromEnvironment(["TOWERCO_DETECTION_NOVELTY_SERIES": "many"])
        #expect(throws: ConfigurationError.self) { try folder.engine() }
    }
}
