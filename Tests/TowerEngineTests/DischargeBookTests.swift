import Glibc
import Testing
import TowerModel

@testable import TowerEngine

/// What a discharge proves of a bank, over true states of health.
@Suite struct DischargeBookTests {
    /// A bank that gives its true capacity, less what the rate takes by Peukert, down to the first disconnect.
    private func proven(
        health: Double, amps: Double, every minutes: Double?, isFirst: Bool = true, start: Double = 1, left: Double? = nil
    ) -> (p10: Double, p50: Double, p90: Double)? {
        let rated = 400.0
        var book = DischargeBook()
        book.take(amps: 0.1, charge: start, celsius: 25, hours: 99.9)
        let usable = start - (left ?? (isFirst ? 0.14 : 0.04))
        let hours = rated * health * usable * rateFactor(amps / 40) / amps
        if let minutes {
            for sample in 1...Int(max(1, hours * 60 / minutes)) {
                let at = Double(sample) * minutes / 60 - 0.02
                // Two percent of meter noise that repeats.
                if at < hours { book.take(amps: -amps * (1 + 0.02 * Double(sample % 3 - 1)), charge: nil, celsius: 27, hours: 100 + at) }
            }
        }
        return book.capacity(
            from: 100, to: 100 + hours, restCharge: DischargeBook.restCharge(isFirst: isFirst, isLithium: false), ratedAmpHours: rated,
            loadAmps: amps)
    }

    /// Rate over the ten-hour rate to the power -0.1.
    private func rateFactor(_ rate: Double) -> Double { pow(rate, -0.1) }

    @Test(
        arguments: [
            (1.0, false), (0.94, false), (0.9, false), (0.85, false), (0.8, false), (0.68, true), (0.6, true), (0.45, true), (0.3, true),
        ], [40.0, 62, 100])
    func anAgedBankIsToldOnlyUnderItsEndOfLife(_ row: (health: Double, isAged: Bool), _ amps: Double) throws {
        for minutes in [1.0, 5, 10] {
            for isFirst in [true, false] {
                let estimate = try #require(proven(health: row.health, amps: amps, every: minutes, isFirst: isFirst))
                #expect((estimate.p90 < DischargeBook.endOfLife) == row.isAged, "\(row.health) at \(amps) A every \(minutes) min: \(estimate)")
                #expect(estimate.p10 < row.health && row.health < estimate.p90, "\(estimate)")
                #expect(abs(estimate.p50 - row.health) < 0.08 * row.health, "\(estimate)")
            }
        }
    }

    /// Without a current the inventory's load is all there is: its interval is so wide that only a bank nearly gone is told.
    @Test(arguments: [(1.0, false), (0.8, false), (0.6, false), (0.45, true), (0.3, true)])
    func withoutReadingsTheIntervalIsAsWideAsTheLoadIsUnknown(_ health: Double, _ isAged: Bool) throws {
        let estimate = try #require(proven(health: health, amps: 60, every: nil))
        #expect((estimate.p90 < DischargeBook.endOfLife) == isAged, "\(estimate)")
        #expect(estimate.p90 / estimate.p10 > 1.8)
    }

    @Test func aBankThatWasHalfEmptyIsNotAged() throws {
        let estimate = try #require(proven(health: 0.94, amps: 60, every: 5, start: 0.5))
        #expect(estimate.p90 > DischargeBook.endOfLife, "\(estimate)")
    }

    @Test func aDischargeOfAMinuteOrOfAWeekProvesNothing() {
        var book = DischargeBook()
        for hours in [0.01, 120] {
            #expect(
                book.capacity(
                    from: 0, to: hours, restCharge: (0.14, 0.05), ratedAmpHours: 400, loadAmps: 60) == nil)
        }
        #expect(book.words == nil)
    }

    @Test func whatItKnowsComesBackFromItsNumbers() {
        var book = DischargeBook()
        book.take(amps: 0.2, charge: 0.97, celsius: 24, hours: 10)
        book.take(amps: -50, charge: 0.9, celsius: nil, hours: 10.5)
        book.take(amps: -52, charge: 0.8, celsius: 26, hours: 11.5)
        #expect(abs(book.ampHours - 51) < 0.01)
        #expect(DischargeBook(numbers: book.numbers)?.numbers.map(\.bitPattern) == book.numbers.map(\.bitPattern))
    }
}
