import Testing
import TowerModel
import TowerSimulation

@Suite struct ForecastScoreTests {
    private let start = Timestamp(seconds: 1_700_000_000)

    private func forecasts(site: String, minutes: Int, error: Double) -> [ForecastScore.Forecast] {
        (0..<minutes).map { minute in
            let left = Double(120 - minute)
            return .init(
                siteID: site, at: start.adding(seconds: Double(minute) * 60), contactor: "lvd1", p10: left * 0.8 + error,
                p50: left + error, p90: left * 1.2 + error)
        }
    }

    @Test func aRightForecastIsHeldAndAWrongOneIsNot() {
        let opening = ForecastScore.Opening(siteID: "a", at: start.adding(seconds: 7200), contactor: "lvd1")
        let right = ForecastScore(forecasts: forecasts(site: "a", minutes: 119, error: 0), openings: [opening])
        #expect(right.runs == 1 && right.answers == 10 && right.coverage == 1 && right.medianError == 0)
        // Counting down from a right first answer is right, too, and pays nothing for a width.
        #expect(right.persistencePinball == 0)
        let late = ForecastScore(forecasts: forecasts(site: "a", minutes: 119, error: 100), openings: [opening])
        #expect(late.coverage == 0 && late.below == 1 && late.pinball > 20)
    }

    @Test func aDischargeThatTheGridEndedHasNoTruth() {
        let told = forecasts(site: "a", minutes: 60, error: 0)
        #expect(ForecastScore(forecasts: told, openings: []).answers == 0)
        let other = ForecastScore.Opening(siteID: "b", at: start.adding(seconds: 3000), contactor: "lvd1")
        let second = ForecastScore.Opening(siteID: "a", at: start.adding(seconds: 3000), contactor: "lvd2")
        let days = ForecastScore.Opening(siteID: "a", at: start.adding(seconds: 90_000), contactor: "lvd1")
        #expect(ForecastScore(forecasts: told, openings: [other, second, days]).answers == 0)
    }
}
