import Glibc
import Testing
import TowerDetection
import TowerModel

@Suite struct BatteryAutonomyTests {
    /// One discharge at constant power: the forecast at each share of its true duration, with the truth.
    struct Discharge {
        var minutes: [Double] = []
        var forecasts: [(p10: Double, p50: Double, p90: Double, endsWith: String)?] = []
        /// Minute at which the first and the second contactor opens.
        var first = Double.infinity
        var second = Double.infinity

        func at(share: Double) -> (forecast: (p10: Double, p50: Double, p90: Double, endsWith: String), truth: Double)? {
            guard first.isFinite, let index = minutes.firstIndex(where: { $0 >= first * share }), let forecast = forecasts[index]
            else { return nil }
            return (forecast, first - minutes[index])
        }
    }

    static func discharge(seed: UInt64, isLithium: Bool = false, withCharge: Bool = false) -> Discharge {
        var generator = SeededGenerator(seed: seed)
        let ampHours = [100.0, 150, 200, 300][Int(generator.next() % 4)]
        let strings = 1 + Int(generator.next() % 3)
        let health = min(max(0.88 + 0.12 * generator.gaussian(), 0.45), 1.05)
        let temperature = 18 + 17 * generator.uniform()
        let total = ampHours * Double(strings)
        // Three to ten hours of autonomy when new.
        let watts = total * 48 / (3 + 7 * generator.uniform())
        var battery = BatteryBench(ampHours: total, health: health, isLithium: isLithium, temperature: temperature)
        battery.meterOffset = 0.15 * generator.gaussian()
        // Sites set their first contactor as they like, and nobody tells where.
        let contactor = 46.5 + 0.25 * generator.gaussian()
        var autonomy = BatteryAutonomy(
            ratedAmpHours: ampHours, strings: strings, chemistry: isLithium ? "lfp" : "vrla", loadKilowatts: watts / 1000)
        var result = Discharge()
        var volts = battery.volts(amps: watts / 48)
        for minute in 0..<2000 {
            let load = watts * (1 + 0.04 * sin(Double(minute) / 90)) * (1 + 0.02 * generator.gaussian())
            let amps = load / volts
            battery.draw(amps: amps, hours: 1 / 60)
            volts = battery.volts(amps: amps)
            let at = start.adding(seconds: Double(minute) * 60)
            let heard = volts + battery.meterOffset + 0.03 * generator.gaussian()
            autonomy.observe(
                at: at, busVolts: heard, amps: -amps * (1 + 0.01 * generator.gaussian()),
                stateOfChargePercent: nil, temperature: temperature)
            // The contactor sees what the meter sees.
            if volts + battery.meterOffset <= contactor, result.first == .infinity { result.first = Double(minute) }
            if volts + battery.meterOffset <= 43.2 {
                result.second = Double(minute)
                break
            }
            guard minute % 5 == 0 else { continue }
            result.minutes.append(Double(minute))
            result.forecasts.append(autonomy.forecast(at: at))
        }
        return result
    }

    private func accuracy(_ runs: [Discharge], share: Double) -> (medianError: Double, coverage: Double, count: Int) {
        var errors: [Double] = []
        var covered = 0
        for run in runs {
            guard let (forecast, truth) = run.at(share: share), truth > 10 else { continue }
            errors.append(abs(forecast.p50 - truth) / truth)
            if forecast.p10 <= truth, truth <= forecast.p90 { covered += 1 }
        }
        errors.sort()
        return (
            errors.isEmpty ? .infinity : errors[errors.count / 2], Double(covered) / Double(max(errors.count, 1)), errors.count
        )
    }

    @Test func leadAcidIsRightAtHalfDischarge() {
        let result = accuracy((1...40).map { Self.discharge(seed: $0) }, share: 0.5)
        #expect(result.count >= 35)
        #expect(result.medianError <= 0.2, "\(result)")
        #expect(result.coverage >= 0.65 && result.coverage <= 0.98, "\(result)")
    }

    @Test func lithiumIsRightAtHalfDischarge() {
        let result = accuracy((1...40).map { Self.discharge(seed: $0, isLithium: true) }, share: 0.5)
        #expect(result.count >= 30)
        #expect(result.medianError <= 0.25, "\(result)")
        #expect(result.coverage >= 0.60, "\(result)")
    }

    @Test func quantilesAreOrderedAndFinite() {
        for seed in 1...10 as ClosedRange<UInt64> {
            for forecast in Self.discharge(seed: seed).forecasts {
                guard let forecast else { continue }
                #expect(forecast.p10 >= 0 && forecast.p10 <= forecast.p50 && forecast.p50 <= forecast.p90)
                #expect(forecast.p90 <= 7 * 1440)
            }
        }
    }

    @Test func afterTheFirstContactorTheSecondIsMeant() {
        let run = Self.discharge(seed: 4)
        let ends = run.forecasts.compactMap { $0?.endsWith }
        #expect(ends.first == "lvd1" && ends.last == "lvd2")
    }

    private func observed(_ readings: [(Double, Double?, Double?)]) -> BatteryAutonomy {
        var autonomy = BatteryAutonomy(ratedAmpHours: 200, strings: 2, chemistry: "vrla", loadKilowatts: 2)
        for (minute, volts, amps) in readings {
            autonomy.observe(
                at: start.adding(seconds: minute * 60), busVolts: volts, amps: amps, stateOfChargePercent: nil, temperature: nil)
        }
        return autonomy
    }

    /// A bank that was recharged between two outages holds again, however seldom its charge was read.
    @Test func aRechargeCountsByTimeAndNotByReadings() throws {
        func minutesAfterCharge(readingEvery minutes: Int) throws -> Double {
            var autonomy = BatteryAutonomy(ratedAmpHours: 150, strings: 2, chemistry: "vrla", loadKilowatts: 3)
            func hear(_ minute: Int, _ volts: Double, _ amps: Double) {
                autonomy.observe(
                    at: start.adding(seconds: Double(minute) * 60), busVolts: volts, amps: amps, stateOfChargePercent: nil, temperature: 25)
            }
            for minute in 0..<120 { hear(minute, 49.5 - Double(minute) / 80, -60) }
            for minute in stride(from: 120, to: 720, by: minutes) { hear(minute, 54.4, minute < 480 ? 25 : 0.3) }
            hear(720, 50.4, -60)
            return try #require(autonomy.forecast(at: start.adding(seconds: 720 * 60))).p50
        }
        let often = try minutesAfterCharge(readingEvery: 1)
        #expect(often > 100)
        #expect(abs(try minutesAfterCharge(readingEvery: 10) - often) < 0.2 * often)
    }

    @Test func noCurrentOrChargingIsNoForecast() {
        #expect(observed([]).forecast(at: start) == nil)
        #expect(observed([(0, 54.5, nil)]).forecast(at: start) == nil)
        #expect(observed([(0, 54.5, 0.3)]).forecast(at: start) == nil)
        #expect(observed([(0, 49, -40), (1, 52, 30)]).forecast(at: start.adding(seconds: 60)) == nil)
        #expect(observed([(0, 49, -40)]).forecast(at: start.adding(seconds: 3 * 3600)) == nil)
    }

    @Test func silenceIsCarriedByPhysics() throws {
        let autonomy = observed((0..<30).map { (Double($0), 49, -40) })
        let now = try #require(autonomy.forecast(at: start.adding(seconds: 29 * 60)))
        let later = try #require(autonomy.forecast(at: start.adding(seconds: 89 * 60)))
        #expect(abs(now.p50 - later.p50 - 60) < 20)
    }

    @Test func aReportedHealthMovesTheAnswerOnceHoweverOftenItIsTold() throws {
        func minutes(_ healths: [Double]) throws -> Double {
            var autonomy = observed([(0, 49, -40)])
            for health in healths { autonomy.observe(stateOfHealthPercent: health) }
            return try #require(autonomy.forecast(at: start)).p50
        }
        let unknown = try minutes([])
        #expect(try minutes([60]) < 0.85 * unknown)
        #expect(try minutes([60, 60, 60]) == minutes([60]))
        #expect(try minutes([0, 300, .nan]) == unknown)
    }

    @Test func lateAndAbsurdReadingsAreDropped() {
        let readings = (0..<60).map { minute -> (Double, Double?, Double?) in
            (Double(minute), 49 - 0.01 * Double(minute), -40)
        }
        let broken: [(Double, Double?, Double?)] = [(10, 44, -400), (59, 0, nil), (59, 500, .nan)]
        let plain = observed(readings)
        let noisy = observed(readings + broken)
        let at = start.adding(seconds: 3600)
        #expect(plain.forecast(at: at)?.p50 == noisy.forecast(at: at)?.p50)
    }

    @Test func moreLoadIsLessTimeAndMoreCapacityIsMore() throws {
        func minutes(amps: Double, ampHours: Double) throws -> Double {
            var autonomy = BatteryAutonomy(ratedAmpHours: ampHours, strings: 1, chemistry: "vrla", loadKilowatts: 2)
            autonomy.observe(at: start, busVolts: nil, amps: -amps, stateOfChargePercent: nil, temperature: 25)
            return try #require(autonomy.forecast(at: start)).p50
        }
        #expect(try minutes(amps: 20, ampHours: 200) > 2.05 * minutes(amps: 40, ampHours: 200))
        #expect(try minutes(amps: 40, ampHours: 400) > 1.9 * minutes(amps: 40, ampHours: 200))
    }
}
