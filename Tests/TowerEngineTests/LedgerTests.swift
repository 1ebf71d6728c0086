import Testing
import TowerCausality
import TowerModel

@testable import TowerEngine

/// A tank with a gauge that is a little wrong in a way that repeats.
private struct Gauge {
    var litres: Double
    var hours = 0.0
    var runHours = 1000.0
    var step = 0

    mutating func next(_ minutes: Double, running: Bool = false, offset: Double = 0) -> FuelLedger.Reading {
        hours += minutes / 60
        step += 1
        if running {
            runHours += minutes / 60
            litres -= 1.5 * minutes / 60
        }
        var reading = FuelLedger.Reading(litres: litres + Double(step * 7 % 5 - 2) * 0.25 + offset, hours: hours)
        reading.isRunning = running
        reading.kilowatts = running ? 4 : 0
        reading.runHours = runHours
        return reading
    }
}

@Suite struct LedgerTests {
    /// Entries over a day of rest, of ten minutes each, before and after something happens.
    private func entries(_ gauge: inout Gauge, _ ledger: inout FuelLedger, readings: Int = 144, running: Bool = false) -> [FuelLedger.Entry] {
        (0..<readings).compactMap { _ in ledger.take(gauge.next(10, running: running)) }.filter {
            if case .filled = $0 { false } else { true }
        }
    }

    @Test(arguments: [10.0, 25, 120])
    func aTheftIsToldWithItsLitresAndItsTime(_ taken: Double) throws {
        var (gauge, ledger) = (Gauge(litres: 400), FuelLedger())
        #expect(entries(&gauge, &ledger).isEmpty)
        let before = gauge.hours
        gauge.litres -= taken
        let found = entries(&gauge, &ledger, readings: 12)
        guard case .theft(let litres, let from, let to, let confidence)? = found.first else {
            Issue.record("nothing was found of \(taken) l")
            return
        }
        #expect(found.count == 1)
        #expect(abs(litres - taken) < 2)
        #expect(from >= before - 0.01 && to <= before + 0.2)
        #expect(confidence > 0.9 && confidence < 1)
    }

    @Test func aJumpThatIsTakenBackIsTheGauge() {
        var (gauge, ledger) = (Gauge(litres: 400), FuelLedger())
        var found = entries(&gauge, &ledger)
        for index in 0..<40 { if let entry = ledger.take(gauge.next(10, offset: index % 5 == 0 ? -150 : 0)) { found.append(entry) } }
        #expect(found.isEmpty)
    }

    @Test func aGaugeThatStoodStillWhileTheEngineRanIsNoTheftWhenItMoves() {
        var (gauge, ledger) = (Gauge(litres: 400), FuelLedger())
        var found = entries(&gauge, &ledger)
        found += entries(&gauge, &ledger, readings: 60, running: true)
        let stuck = gauge.litres
        for _ in 0..<72 {
            var reading = gauge.next(10, running: true)
            reading.litres = stuck
            if let entry = ledger.take(reading) { found.append(entry) }
        }
        found += entries(&gauge, &ledger, readings: 72, running: true)
        #expect(found.isEmpty)
    }

    @Test func countersBookTheBurnThatAStatusUpsideDownDenies() {
        var (gauge, ledger) = (Gauge(litres: 400), FuelLedger())
        var found: [FuelLedger.Entry] = []
        for index in 0..<600 {
            var reading = gauge.next(10, running: index % 48 < 24)
            reading.isRunning.toggle()
            if let entry = ledger.take(reading) { found.append(entry) }
        }
        #expect(found.isEmpty)
    }

    @Test(arguments: [(0.90, true, true), (0.90, false, true), (1.0, true, false), (0.985, true, false)])
    func aDeliveryIsHeldAgainstItsVoucher(_ share: Double, _ voucherFirst: Bool, _ isShort: Bool) {
        var (gauge, ledger) = (Gauge(litres: 150), FuelLedger())
        var found = entries(&gauge, &ledger)
        if voucherFirst, let entry = ledger.pay(litres: 200, hours: gauge.hours) { found.append(entry) }
        gauge.litres += 200 * share
        found += entries(&gauge, &ledger, readings: 12)
        if !voucherFirst, let entry = ledger.pay(litres: 200, hours: gauge.hours) { found.append(entry) }
        guard isShort else {
            #expect(found.isEmpty)
            return
        }
        guard case .short(let paid, let arrived, _, _)? = found.first else {
            Issue.record("nothing was found")
            return
        }
        #expect(paid == 200 && abs(arrived - 200 * share) < 2)
        // The same paper again changes nothing.
        #expect(ledger.pay(litres: 200, hours: gauge.hours + 1) == nil)
    }

    /// Thieves know when the truck comes: what they take beside a whole delivery is no short delivery.
    @Test(arguments: [
        ("before, seen twice", [-60.0, -60, 140, 140, 140, 140], false, "theft 60"),
        ("before, seen once", [-60, 140, 140, 140, 140], false, "theft 60"),
        ("after, seen once", [200, 140, 140, 140, 140], false, "theft 60"),
        ("after a measured delivery", [200, 200, 140, 140, 140, 140], true, "theft 60"),
        ("in the hose: nothing tells it from a short one", [140, 140, 140, 140], false, "short 60"),
        ("not in the tank, whatever was measured", [140, 140, 140, 140], true, "short 60"),
        ("a half-filled tank on the way", [90, 200, 200, 200, 200], false, "nothing"),
        ("a short delivery", [170, 170, 170, 170], false, "short 30"),
    ])
    func aTheftBesideADeliveryIsToldApart(_ name: String, _ levels: [Double], _ isMeasured: Bool, _ expected: String) {
        var (gauge, ledger) = (Gauge(litres: 150), FuelLedger())
        #expect(entries(&gauge, &ledger).isEmpty)
        if isMeasured {
            ledger.measured(paid: 200, measured: 200, hours: gauge.hours)
        } else {
            #expect(ledger.pay(litres: 200, hours: gauge.hours) == nil)
        }
        var told: [String] = []
        for level in levels + [levels[levels.count - 1], levels[levels.count - 1]] {
            switch ledger.take(gauge.next(10, offset: level)) {
            case .theft(let litres, _, _, let confidence)?:
                #expect(confidence >= 0.9)
                told.append("theft \(Int((litres / 5).rounded()) * 5)")
            case .short(let paid, let found, _, _)?: told.append("short \(Int(((paid - found) / 5).rounded()) * 5)")
            case .siphon?, .siphonEnded?: told.append("siphon")
            case .filled?, nil: break
            }
        }
        #expect(told.joined(separator: ", ") == (expected == "nothing" ? "" : expected), "\(name)")
    }

    /// A theft holds until the tank is filled, or for two days; the next one is another incident.
    @Test(arguments: [("a delivery", 12, true), ("two days", 56, false)])
    func aTheftEndsWithTheDeliveryOrAfterTwoDays(_ name: String, _ again: Int, _ isFilled: Bool) {
        var script = Scenes.fleet
        let end = again + 6
        for minute in stride(from: 0, to: end * 60, by: 10) {
            var level = 320.0 + Double(minute * 7 % 5 - 2) * 0.2
            if minute >= 180 { level -= 80 }
            if isFilled, minute >= 480 { level += 120 }
            if minute >= again * 60 { level -= 60 }
            script += Scenes.clock(minute) + " HUB fuel.telemetry level=\(level)\n" + Scenes.clock(minute) + " HUB dg.telemetry state=stopped rpm=0 p=0\n"
        }
        let outcome = Outcome(Scenes.inTime(script))
        let thefts = outcome.incidents.filter { Outcome.root($0) == "HUB fuel fuel.theft" }
        #expect(thefts.count == 2, "\(name): \(outcome.incidents.map { "\(Outcome.root($0)) \($0.status)" })")
        #expect(thefts.first?.status == .resolved)
        #expect(thefts.last?.status == .open)
    }

    @Test func whatALedgerKnowsComesBackFromItsNumbers() {
        var (gauge, ledger) = (Gauge(litres: 400), FuelLedger())
        _ = entries(&gauge, &ledger, readings: 50, running: true)
        // Not a number is among them: a counter that was never told.
        #expect(FuelLedger(numbers: ledger.numbers)?.numbers.map(\.bitPattern) == ledger.numbers.map(\.bitPattern))
        #expect(FuelLedger(numbers: [1, 2]) == nil)
    }

    @Test func theftSiphonAndShortDeliveryAreToldApartInWords() {
        var book = LossBook()
        #expect(book.words(.fuelTheft) == nil)
        (book.theftLitres, book.theftFrom, book.theftTo, book.theftConfidence, book.thefts) = (38, 24, 24.5, 0.97, 1)
        (book.siphonADay, book.siphonLitres, book.siphonFrom, book.siphonConfidence) = (1.24, 9, 48, 0.95)
        (book.paidLitres, book.foundLitres, book.shortAt, book.shortConfidence) = (200, 181, 26, 0.99)
        #expect(book.words(.fuelTheft) == "38 l between 00:00 and 00:30 UTC, 97 % sure")
        #expect(book.words(.fuelSiphon) == "1.2 l a day since 1970-01-03, 9 l so far, 95 % sure")
        #expect(book.words(.fuelShortDelivery) == "19 l of 200 l did not arrive at 02:00 UTC on 1970-01-02, 99 % sure")
        #expect(book.words(.gridLost) == nil)
    }

    @Test(arguments: [(-30.0, 0.02, true), (-30, -28, false), (25, 0.1, true), (-1, 0, false)])
    func aStringThatStandsAsideWhileItsNeighboursWorkIsGone(_ neighbours: Double, _ amps: Double, _ isFound: Bool) {
        var watch = FloatWatch()
        let verdicts = (0..<5).map { _ in watch.take(amps: amps, busVolts: 49, neighbours: neighbours) }
        #expect(verdicts.contains(.begins) == isFound)
    }

    @Test func aWarmNightIsNoMissingString() {
        var watch = FloatWatch()
        for sample in 0..<2000 {
            let celsius = 27 + Double(sample % 288 < 144 ? sample % 144 : 144 - sample % 144) / 144 * 8
            let float = 0.15 * (celsius > 27 ? 1 + (celsius - 27) * 0.08 : 1)
            #expect(watch.take(amps: float + Double(sample * 7 % 5 - 2) * 0.01, busVolts: 54.3, celsius: celsius) == .same)
        }
    }
}
