import Testing
import TowerForecast
import TowerModel

@testable import TowerEngine

@Suite struct OutlookTests {
    private static func appetite(_ kilowatts: Double) -> Double { 0.4 + 0.263 * kilowatts }

    @Test func aTankIsForecastByWhatItsEngineBurnsWhileItCarries() throws {
        var outlook = SiteOutlook()
        for step in 0...72 {
            outlook.takeFuel(hours: Double(step) / 6, isRunning: true, kilowatts: 4, litresPerHour: Self.appetite(4))
        }
        let bands = try #require(
            outlook.hoursToEmpty(litres: 100, doubt: 1, isCarrying: true, expected: 4, hours: 12, litresPerHour: Self.appetite))
        #expect(abs(bands.p50 - 100 / Self.appetite(4)) < 1)
        #expect(bands.p10 < bands.p50 && bands.p50 < bands.p90)
        #expect(outlook.hoursToEmpty(litres: 0, doubt: 1, isCarrying: true, expected: 4, hours: 12, litresPerHour: Self.appetite) == nil)
    }

    @Test func aTankThatNobodyBurnsFromHasNoForecast() {
        var outlook = SiteOutlook()
        for step in 0...600 { outlook.takeFuel(hours: Double(step) / 6, isRunning: false, kilowatts: 0, litresPerHour: 0) }
        #expect(outlook.hoursToEmpty(litres: 100, doubt: 1, isCarrying: false, expected: 4, hours: 100, litresPerHour: Self.appetite) == nil)
    }

    @Test func aWeakStarterBatteryAndFailedStartsRaiseTheRisk() throws {
        func risk(_ volts: Double, failed: Int = 0) throws -> Double {
            var outlook = SiteOutlook()
            for _ in 0..<20 { outlook.takeStarter(volts: volts) }
            for _ in 0..<failed { outlook.noteStart(worked: false) }
            let bands = try #require(outlook.startRisk())
            #expect(bands.p10 < bands.p50 && bands.p50 < bands.p90)
            return bands.p50
        }
        #expect(try risk(12.7) < 0.02)
        #expect(try risk(11.8) > 0.2)
        #expect(try risk(12.2) > risk(12.6))
        #expect(try risk(12.6, failed: 2) > risk(12.6))
        #expect(try abs(risk(25.4) - risk(12.7)) < 0.001)
        #expect(SiteOutlook().startRisk() == nil)
    }

    @Test func aShelterThatWarmsADayAtATimeReachesItsLimitInTime() throws {
        func days(_ kelvinADay: Double) throws -> SiteOutlook.Bands {
            var outlook = SiteOutlook()
            for hour in 0..<(24 * 21) {
                let day = Double(hour) / 24
                _ = outlook.takeShelter(inside: 26 + kelvinADay * day, outside: 24, hours: Double(hour))
            }
            return try #require(outlook.coolingDays())
        }
        let weak = try days(0.25)
        // 35 °C less 24 outside and the gap of day 20: 2 + 5.
        #expect(abs(weak.p50 - 16) < 4)
        #expect(weak.p10 <= weak.p50 && weak.p50 <= weak.p90)
        #expect(try days(0).p50 == 365)
    }

    @Test func theEnginesWearLineSaysWhatTheDailyBookSays() throws {
        var line = WearLine()
        var wear = BatteryWear()
        for day in 0..<120 {
            for reading in 0..<4 {
                let at = Double(day) * 86_400 + Double(reading) * 3600
                let health = 0.95 - 0.0008 * Double(day)
                #expect(line.observe(health: health, at: at) == (reading == 0))
                wear.observe(health: health, at: at)
            }
        }
        let (mine, other) = (try #require(line.forecast()), try #require(wear.forecast()))
        #expect(abs(mine.health.p50 - other.health.p50) < 0.005)
        #expect(abs(mine.daysLeft.p50 - other.daysLeft.p50) < 0.1 * other.daysLeft.p50)
        #expect(WearLine(numbers: line.numbers) == line)
        #expect(WearLine().forecast() == nil)
    }

    @Test func quantilesAreBoundedAndRise() {
        let forecast = SiteForecast(
            siteID: SiteID("S"), at: Timestamp(milliseconds: 0), kind: .generatorStartFailure, p10: 2, p50: 0.5, p90: 0.1, basis: "", eventIDs: [])
        #expect(forecast.p10 == 0.5 && forecast.p50 == 0.5 && forecast.p90 == 0.5 && forecast.unit == "1")
    }
}
