import Testing
import TowerForecast

@Suite struct BatteryWearTests {
    /// A battery that loses `monthly` of its rated capacity a month, told every six hours by a controller that errs.
    private func wear(days: Int, start: Double, monthly: Double, seed: UInt64 = 1) -> BatteryWear {
        var wear = BatteryWear()
        var state = seed
        for step in 0..<days * 4 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let error = (Double(state >> 33) / Double(1 << 31) - 0.5) * 0.06
            let day = Double(step) / 4
            wear.observe(health: start - monthly * day / 30 + error, at: day * 86_400)
        }
        return wear
    }

    @Test func aSteadyDeclineIsFollowedToItsEnd() throws {
        for seed in 1...10 as ClosedRange<UInt64> {
            let forecast = try #require(wear(days: 120, start: 1.0, monthly: 0.02, seed: seed).forecast())
            // 120 days at 2 % a month leave 92 %; 80 % is 180 days away.
            #expect(abs(forecast.health.p50 - 0.92) < 0.01)
            #expect(abs(forecast.daysLeft.p50 - 180) < 40)
            #expect(forecast.daysLeft.p10 <= 190 && forecast.daysLeft.p90 >= 170)
        }
    }

    @Test func moreHistoryNarrowsTheAnswer() throws {
        func width(_ days: Int) throws -> Double {
            let left = try #require(wear(days: days, start: 1.0, monthly: 0.015).forecast()).daysLeft
            return left.p90 - left.p10
        }
        #expect(try width(240) < 0.5 * width(20))
    }

    @Test func aWornBatteryHasNothingLeftAndANewOneYears() throws {
        let worn = try #require(wear(days: 30, start: 0.7, monthly: 0.01).forecast())
        #expect(worn.daysLeft.p50 == 0)
        let new = try #require(wear(days: 200, start: 1.0, monthly: 0).forecast())
        #expect(new.daysLeft.p50 > 365)
        #expect(new.daysLeft.p10 <= new.daysLeft.p50 && new.daysLeft.p50 <= new.daysLeft.p90 && new.daysLeft.p90 <= 7300)
    }

    @Test func aCapacityTestOutweighsTheControllerOfThatDay() throws {
        var wear = wear(days: 60, start: 0.95, monthly: 0)
        wear.observe(health: 0.75, at: 60 * 86_400, isTest: true)
        wear.observe(health: 0.95, at: 60 * 86_400 + 3600)
        #expect(try #require(wear.forecast()).health.p50 < 0.9)
    }

    @Test func absurdReadingsSayNothing() {
        var wear = BatteryWear()
        for health in [0.0, 5, -1, .nan, .infinity] { wear.observe(health: health, at: 0) }
        wear.observe(health: 0.9, at: .nan)
        #expect(wear.forecast() == nil)
    }
}
