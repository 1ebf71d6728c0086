import Testing
import TowerModel
import TowerSimulation

@Suite struct LedgerScoreTests {
    private static func at(_ hours: Double) -> Timestamp { Timestamp(milliseconds: Int64(hours * 3_600_000)) }
    private static func truth(_ crime: LedgerCrime, _ hours: Double, litres: Double = 50) -> LedgerTruth {
        LedgerTruth(crime: crime, siteID: "S", from: at(hours), to: at(hours + 0.3), litres: litres, litresADay: crime == .siphon ? 1 : 0)
    }

    @Test func whatIsFoundInTimeCountsAndWhatIsNotThereIsFalse() {
        var score = LedgerScore()
        score.take(
            truths: [Self.truth(.theft, 10), Self.truth(.theft, 100)],
            found: [.init(crime: .theft, at: Self.at(11)), .init(crime: .theft, at: Self.at(5)), .init(crime: .siphon, at: Self.at(300))], days: 30)
        let thefts = score.total("theft")
        #expect(thefts.losses == 2 && thefts.found == 1 && thefts.medianHours == 1)
        #expect(score.falseEntries == 2 && score.falseASiteMonth == 2)
    }

    @Test func oneEntryIsNotTwoThefts() {
        var score = LedgerScore()
        score.take(truths: [Self.truth(.theft, 10), Self.truth(.theft, 12)], found: [.init(crime: .theft, at: Self.at(13))], days: 30)
        #expect(score.total("theft").found == 1 && score.falseEntries == 0)
    }

    @Test func aSiphonFoundAfterAFortnightIsMissedButNoFalseEntry() {
        var score = LedgerScore()
        score.take(truths: [Self.truth(.siphon, 0)], found: [.init(crime: .siphon, at: Self.at(15 * 24))], days: 30)
        #expect(score.total("siphon").recall == 0 && score.falseEntries == 0)
    }

    @Test func theSameSeedGivesTheSameMonth() {
        func month(_ seed: UInt64) -> LedgerMonth {
            var tank = TankMonth(
                seed: seed, number: 3, days: 6, noise: LedgerNoise(missing: 0.1, lying: 0.1), crime: .theft, start: Timestamp(milliseconds: 0))
            return tank.run()
        }
        #expect(month(5).events == month(5).events)
        #expect(month(5).events != month(6).events)
        #expect(month(5).truths.allSatisfy { $0.crime == .theft && $0.litres > 0 })
    }
}
