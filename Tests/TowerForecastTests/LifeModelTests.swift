import Testing
import TowerForecast

@Suite struct LifeModelTests {
    private func error(_ model: LifeModel, _ fleet: WornFleet) throws -> Double {
        var sum = 0.0
        for (unit, truth) in zip(fleet.units, fleet.remaining) {
            let away = try #require(model.forecast(unit)).cycles - min(truth, model.cap)
            sum += away * away
        }
        return (sum / Double(fleet.units.count)).squareRoot()
    }

    @Test func wornUnitsAreAnsweredBetterThanByTheMean() throws {
        let model = try #require(try learned(WornFleet(seed: 1, count: 24, cut: false), quick))
        let alive = WornFleet(seed: 2, count: 20, cut: true)
        // What never trends is not used; what does is.
        #expect(model.usedMetrics == ["heat", "hum", "vibration"])
        #expect(model.cap > 30 && model.cap <= 130)
        #expect(model.period == 3600)
        let capped = alive.remaining.map { min($0, model.cap) }
        let mean = capped.reduce(0, +) / Double(capped.count)
        let spread = (capped.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(capped.count)).squareRoot()
        #expect(try error(model, alive) < 0.5 * spread)
    }

    @Test func quantilesAreOrderedNeverNegativeAndHoldMostOfTheTruth() throws {
        let model = try #require(try learned(WornFleet(seed: 3, count: 24, cut: false), quick))
        #expect(model.report.coverage > 0.7 && model.report.coverage < 0.92)
        for unit in WornFleet(seed: 4, count: 20, cut: true).units {
            let forecast = try #require(model.forecast(unit))
            #expect(forecast.p10 >= 0 && forecast.p10 <= forecast.p50 && forecast.p50 <= forecast.p90)
            #expect(forecast.cycles >= 0 && forecast.cycles <= model.cap)
        }
    }

    @Test func theSameHistoryGivesTheSameModelInAnyOrder() throws {
        let fleet = WornFleet(seed: 5, count: 12, cut: false)
        var turned = fleet
        turned.units.reverse()
        let model = try #require(try learned(fleet, quick))
        #expect(try learned(turned, quick) == model)
        var other = quick
        other.seed = 2
        #expect(try learned(fleet, other) != model)
    }

    /// An answer rests on the unit's past alone: samples to come and its own failure change nothing.
    @Test func nothingOfTheFutureIsInAnAnswer() throws {
        let model = try #require(try learned(WornFleet(seed: 6, count: 12, cut: false), quick))
        let whole = WornFleet(seed: 7, count: 1, cut: false).units[0]
        var past = LifeUnit(name: whole.name, columns: whole.columns)
        for row in 0..<50 { past.append(at: whole.times[row], Array(whole.values[row * 4..<row * 4 + 4])) }
        let before = try #require(model.forecast(past))
        past.failedAt = past.times[49] + 1
        #expect(model.forecast(past) == before)
    }

    /// A unit's error while learning comes from fits that never saw it: noise as target must not be answered.
    @Test func aHistoryWithoutMeaningIsNotLearnedByHeart() throws {
        var fleet = WornFleet(seed: 8, count: 16, cut: false)
        for index in fleet.units.indices {
            // The end is moved away from the wear: each unit is cut at another point of its life.
            let kept = fleet.units[index].rows * (4 + index % 5) / 10
            var unit = LifeUnit(name: fleet.units[index].name, columns: 4)
            for row in 0..<kept { unit.append(at: fleet.units[index].times[row], Array(fleet.units[index].values[row * 4..<row * 4 + 4])) }
            unit.failedAt = unit.times[kept - 1] + 3600
            fleet.units[index] = unit
        }
        var settings = quick
        (settings.minimumTrend, settings.cap) = (0, 60)
        let model = try #require(try learned(fleet, settings))
        #expect(model.report.blendError > 8)
    }

    @Test func lostSamplesMoveAnAnswerLittle() throws {
        let model = try #require(try learned(WornFleet(seed: 9, count: 24, cut: false), quick))
        let (full, thin) = (WornFleet(seed: 10, count: 16, cut: true), WornFleet(seed: 10, count: 16, cut: true, lost: 0.1))
        let (fullError, thinError) = (try error(model, full), try error(model, thin))
        #expect(thinError < fullError + 12, "\(fullError) \(thinError)")
    }

    @Test func tooLittleOrFlatHistoryTeachesNothing() throws {
        #expect(try learned(WornFleet(seed: 11, count: 7, cut: false), quick) == nil)
        #expect(try learned(WornFleet(seed: 11, count: 20, cut: true), quick) == nil)
        var flat = WornFleet(seed: 12, count: 10, cut: false)
        for index in flat.units.indices { flat.units[index].values = flat.units[index].values.map { _ in 7 } }
        #expect(try learned(flat, quick) == nil)
        #expect(LifeLearner(history: [], metrics: []) == nil)
    }

    @Test func foreignOrEmptyUnitsAreNotAnswered() throws {
        let model = try #require(try learned(WornFleet(seed: 13, count: 12, cut: false), quick))
        #expect(model.forecast(LifeUnit(name: "empty", columns: 4)) == nil)
        var narrow = LifeUnit(name: "narrow", columns: 2)
        narrow.append(at: 0, [1, 2])
        #expect(model.forecast(narrow) == nil)
        var wild = LifeUnit(name: "wild", columns: 4)
        wild.append(at: 0, [.infinity, -1e30, .nan, 1e30])
        wild.append(at: 1e12, [.nan, .nan, .nan, .nan])
        let forecast = try #require(model.forecast(wild))
        #expect(forecast.cycles.isFinite && forecast.p90.isFinite)
    }

    @Test func rowsOutOfOrderOrOfAnotherWidthAreRefused() {
        var unit = LifeUnit(name: "a", columns: 2)
        let rows: [(Double, [Float])] = [(10, [1, 2]), (10, [1, 2]), (5, [1, 2]), (20, [1]), (.nan, [1, 2])]
        var taken: [Bool] = []
        for (at, row) in rows { taken.append(unit.append(at: at, row)) }
        #expect(taken == [true, false, false, false, false])
        #expect(unit.rows == 1)
    }
}
