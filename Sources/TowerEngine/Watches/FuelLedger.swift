import Glibc

/// Double entry for a tank: what its gauge shows against what its generator burned and what was delivered.
///
/// - A step down that stays is theft (S11): litres beyond what the books and the gauge can be wrong by. A step that is taken
///   back was the gauge. A loss that goes on by the hour, running or not, is a siphon or a leak (S12). A step up is a
///   delivery, held against its voucher. A step down just before or after a delivery that was whole by itself is theft, too:
///   the level stood for a reading where only the paid litres, or only the loss, explain it.
/// - Burn is booked from the generator's own counters (hours and kWh) where they are told, so that lost readings and a
///   lying status cost nothing; else from its state.
/// - Missing data: any input but the level may be absent (not a number). Late data: an older reading is left out.
/// - Source: DOMAIN KPI 19 to 22; ADR-045.
struct FuelLedger: WatchState {
    static let theftLitres = 5.0
    static let siphonLitresADay = 0.5
    /// Readings that must agree before a step counts.
    static let agreeing = 3.0

    var filter = TankFilter()
    /// Variance of the gauge at rest and while the engine shakes the tank, l².
    var restNoise = 0.5
    var shakenNoise = 1.5
    /// Smallest change the gauge has shown, litres.
    var resolution = 2.0
    var samples = 0.0
    var lastHours = 0.0
    var lastLevel = 0.0
    /// The generator's counters at the last reading.
    var runHours = Double.nan
    var kilowattHours = Double.nan
    /// Litres booked as burned since the gauge last moved.
    var burnedUnmoved = 0.0
    /// Readings off the books that wait for company: how many agree, their mean, when the first came, and the last one before.
    var waiting = 0.0
    var waitingMean = 0.0
    var waitingSince = 0.0
    var agreedAt = 0.0
    /// The lowest and the highest level at which it stood on the way, against the books; 0 where it stood at none.
    var lowest = 0.0
    var highest = 0.0
    /// Readings that were taken back, fading over two days.
    var spikes = 0.0
    /// A siphon: hours that it has been plain, since when, and litres until now.
    var plainHours = 0.0
    var leakSince = -1.0
    var leakedLitres = 0.0
    var isSiphoned = 0.0
    /// What was paid and when, what rose and when: each waits for the other.
    var paidLitres = 0.0
    var paidAt = 0.0
    var risenLitres = 0.0
    var risenAt = 0.0
    var risenVariance = 0.0
    /// The delivery that was settled last, litres paid and when.
    var settledLitres = 0.0
    var settledAt = 0.0
    /// The delivery that was measured on the spot last, litres and when: the tank has to show them.
    var measuredLitres = 0.0
    var measuredAt = 0.0

    mutating func visit(_ each: (inout Double) -> Void) {
        filter.visit(each)
        for field in [
            \Self.restNoise, \.shakenNoise, \.resolution, \.samples, \.lastHours, \.lastLevel, \.runHours, \.kilowattHours,
            \.burnedUnmoved, \.waiting, \.waitingMean, \.waitingSince, \.agreedAt, \.lowest, \.highest, \.spikes, \.plainHours, \.leakSince,
            \.leakedLitres, \.isSiphoned, \.paidLitres, \.paidAt, \.risenLitres, \.risenAt, \.risenVariance, \.settledLitres,
            \.settledAt, \.measuredLitres, \.measuredAt,
        ] { each(&self[keyPath: field]) }
    }

    /// One reading of the gauge and what is known beside it.
    struct Reading {
        var litres: Double
        /// Event time in hours since any fixed instant.
        var hours: Double
        /// °C in the tank; not a number when not told.
        var celsius = Double.nan
        var isRunning = false
        /// What the generator gives now, and its counters of hours and energy; not a number when not told.
        var kilowatts = Double.nan
        var runHours = Double.nan
        var kilowattHours = Double.nan
        /// Hours since the generator was last heard.
        var silence = 0.0
    }

    /// Standard deviation of the booked level, litres.
    var levelDoubt: Double { max(0, filter[TankFilter.level, TankFilter.level]).squareRoot() }

    /// An entry of the ledger.
    enum Entry: Equatable {
        /// Litres gone between two instants (hours), how sure that it was no error of gauge or books (ratio).
        case theft(litres: Double, from: Double, to: Double, confidence: Double)
        /// Litres a day, in all since an instant.
        case siphon(litresADay: Double, litres: Double, from: Double, confidence: Double)
        case siphonEnded
        /// Litres paid and found.
        case short(paid: Double, found: Double, at: Double, confidence: Double)
        /// Litres that came, as many as were paid as far as anybody knows.
        case filled(litres: Double)
    }

    /// Takes a reading in; answers what it shows, if anything.
    mutating func take(_ reading: Reading) -> Entry? {
        guard reading.litres >= 0, reading.litres < 100_000 else { return nil }
        guard samples > 0 else {
            open(reading)
            return nil
        }
        let hours = reading.hours - lastHours
        guard hours > 0 else { return nil }
        let (ran, gave) = work(reading, hours)
        filter.advance(hours: hours, runHours: ran, kilowattHours: gave)
        burnedUnmoved += filter.burn(runHours: ran, kilowattHours: gave)
        spikes *= exp(-hours / 48)
        let change = abs(reading.litres - lastLevel)
        if change > 0.05 {
            resolution = min(resolution, change)
            burnedUnmoved = 0
        }
        defer {
            lastHours = reading.hours
            lastLevel = reading.litres
            samples += 1
        }
        guard hours < 72 else {
            open(reading)
            return nil
        }
        // A gauge that stands while fuel burns says nothing.
        if burnedUnmoved > 1 + 1.5 * resolution { return nil }
        return weigh(reading, hours, isShaken: ran > 0 || reading.isRunning)
    }

    /// Holds a reading against the books.
    private mutating func weigh(_ reading: Reading, _ hours: Double, isShaken: Bool) -> Entry? {
        let warmth = reading.celsius.isNaN ? 0 : reading.litres * (reading.celsius - 20)
        let (surprise, doubt) = filter.surprise(reading.litres, warmth: warmth)
        let noise = (isShaken ? shakenNoise : restNoise) + resolution * resolution / 12
        // Counters that have not been heard for a while leave burn unbooked.
        let unheard = reading.isRunning ? 2 * reading.silence : 0
        let total = doubt + noise + unheard * unheard
        let gate = max(3, 4 * total.squareRoot())
        if abs(surprise) > gate || waiting > 0 && abs(surprise) > 0.5 * gate {
            return wait(surprise, total, noise, reading)
        }
        if waiting > 0 {
            waiting = 0
            spikes += 1
        }
        agreedAt = reading.hours
        learnNoise(surprise * surprise - doubt - unheard * unheard, isShaken: isShaken)
        filter.update(surprise: surprise, warmth: warmth, variance: noise + unheard * unheard)
        return siphon(reading, hours)
    }

    private mutating func learnNoise(_ square: Double, isShaken: Bool) {
        let rate = samples < 60 ? 0.08 : 0.02
        if isShaken {
            shakenNoise = max(0.01, shakenNoise + rate * (min(max(square, 0), 9 * shakenNoise) - shakenNoise))
        } else {
            restNoise = max(0.01, restNoise + rate * (min(max(square, 0), 9 * restNoise) - restNoise))
        }
    }

    /// A reading off the books: it counts when enough of its like follow.
    private mutating func wait(_ surprise: Double, _ total: Double, _ noise: Double, _ reading: Reading) -> Entry? {
        let tolerance = max(1.5, 3 * noise.squareRoot())
        if waiting > 0, abs(surprise - waitingMean) <= tolerance {
            waiting += 1
            waitingMean += (surprise - waitingMean) / waiting
        } else {
            if waiting > 0 {
                lowest = min(lowest, waitingMean)
                highest = max(highest, waitingMean)
            } else {
                (lowest, highest) = (0, 0)
            }
            waiting = 1
            waitingMean = surprise
            waitingSince = reading.hours
        }
        guard waiting >= Self.agreeing + (spikes > 4 ? 1 : 0) else { return nil }
        let variance = total - noise + 2 * noise / waiting
        let litres = waitingMean
        let (from, to) = (agreedAt, waitingSince)
        let stolen = stolenBeside(litres, at: to, variance: variance + noise)
        waiting = 0
        agreedAt = reading.hours
        filter.restart(level: filter.mean[TankFilter.level] + litres, variance: noise / Self.agreeing)
        if let stolen {
            (settledLitres, settledAt, paidLitres, measuredLitres) = (paidLitres, paidAt, 0, 0)
            let confidence = confidence(litres: stolen, variance: variance + noise, at: to, isRunning: reading.isRunning)
            return confidence >= 0.9 ? .theft(litres: stolen, from: from, to: to, confidence: confidence) : .filled(litres: litres + stolen)
        }
        guard litres < 0 else { return rise(litres, at: to, variance: variance) }
        let confidence = confidence(litres: -litres, variance: variance, at: to, isRunning: reading.isRunning)
        guard -litres >= Self.theftLitres, confidence >= 0.9 else { return nil }
        return .theft(litres: -litres, from: from, to: to, confidence: confidence)
    }

    /// Litres that were taken beside a delivery that was whole by itself; `nil` where one step explains the level as well.
    ///
    /// Before it: the level stood low, and what came on top of that is what was paid. After it: the level stood as high as what
    /// was paid makes it.
    private func stolenBeside(_ litres: Double, at hours: Double, variance: Double) -> Double? {
        guard spikes < 2, let (came, doubt) = delivered(at: hours, variance: variance), litres < came - max(Self.theftLitres, 3 * doubt)
        else { return nil }
        let before = litres - lowest
        if lowest <= -Self.theftLitres, abs(before - came) <= 3 * doubt { return -lowest }
        if highest > litres + Self.theftLitres, abs(highest - came) <= 3 * doubt { return highest - litres }
        return nil
    }

    /// Litres that a paper says came within half a day, and how far the gauge may be off them.
    private func delivered(at hours: Double, variance: Double) -> (litres: Double, doubt: Double)? {
        let litres: Double
        if measuredLitres > 0, abs(measuredAt - hours) < 12 {
            litres = measuredLitres
        } else if paidLitres > 0, abs(paidAt - hours) < 12 {
            litres = paidLitres
        } else {
            return nil
        }
        return (litres, (variance + (0.01 * litres) * (0.01 * litres)).squareRoot())
    }

    /// How sure a loss is: distance from what errors explain, with the odds of hour and engine; never quite certain.
    private func confidence(litres: Double, variance: Double, at hours: Double, isRunning: Bool) -> Double {
        var odds = litres / max(variance, 0.01).squareRoot() - 3
        if isRunning { odds -= 0.7 }
        let clock = hours.truncatingRemainder(dividingBy: 24)
        if clock >= 21 || clock < 5 { odds += 0.5 }
        odds -= min(spikes, 6) * 0.5
        return min(0.995, 1 / (1 + exp(-odds)))
    }

    private mutating func siphon(_ reading: Reading, _ hours: Double) -> Entry? {
        let rate = filter.mean[TankFilter.leak] * 24
        let doubt = filter[TankFilter.leak, TankFilter.leak].squareRoot() * 24
        if rate > 0.3 {
            if leakSince < 0 { leakSince = reading.hours }
            leakedLitres += rate * hours / 24
        } else {
            leakSince = -1
            leakedLitres = 0
        }
        if isSiphoned == 1 {
            guard rate < 0.15 else { return nil }
            isSiphoned = 0
            plainHours = 0
            return .siphonEnded
        }
        // Plain for a day at four deviations, for half of one at five: what is plainer needs less time.
        let isPlain = rate >= Self.siphonLitresADay && rate > 4 * doubt
        plainHours = isPlain ? plainHours + hours * (rate / doubt - 3) : max(0, plainHours - 2 * hours)
        guard plainHours >= 24 else { return nil }
        isSiphoned = 1
        let odds = rate / doubt - 2
        return .siphon(litresADay: rate, litres: leakedLitres, from: leakSince, confidence: min(0.995, 1 / (1 + exp(-odds))))
    }

    // MARK: Deliveries

    /// A voucher, or a delivery whose paper says how much was paid.
    mutating func pay(litres: Double, hours: Double) -> Entry? {
        guard litres > 0, litres < 100_000 else { return nil }
        // The voucher and the delivery's own note tell of the same litres.
        if paidLitres == litres, hours - paidAt < 24 { return nil }
        if settledLitres == litres, abs(hours - settledAt) < 24 { return nil }
        (paidLitres, paidAt) = (litres, hours)
        return settle()
    }

    /// A delivery that was measured on the spot: no voucher waits for its rise, but the tank has to show what was measured.
    mutating func measured(paid litres: Double, measured: Double, hours: Double) {
        if paidLitres == litres { paidLitres = 0 }
        (settledLitres, settledAt) = (litres, hours)
        (measuredLitres, measuredAt) = (measured, hours)
    }

    private mutating func rise(_ litres: Double, at hours: Double, variance: Double) -> Entry? {
        (risenLitres, risenAt, risenVariance) = (litres, hours, variance)
        if measuredLitres > 0, abs(measuredAt - hours) < 12 {
            // The tank does not show what the paper says was measured.
            let measured = measuredLitres
            measuredLitres = 0
            risenLitres = 0
            return short(paid: measured, found: litres, at: hours, variance: variance) ?? .filled(litres: litres)
        }
        return settle() ?? .filled(litres: litres)
    }

    /// Paid and found within a day of each other are one delivery.
    private mutating func settle() -> Entry? {
        guard paidLitres > 0, risenLitres > 0, abs(paidAt - risenAt) < 12 else { return nil }
        let (paid, found) = (paidLitres, risenLitres)
        (paidLitres, risenLitres) = (0, 0)
        (settledLitres, settledAt) = (paid, paidAt)
        return short(paid: paid, found: found, at: risenAt, variance: risenVariance)
    }

    private func short(paid: Double, found: Double, at hours: Double, variance: Double) -> Entry? {
        let missing = paid - found
        let doubt = (variance + (0.01 * paid) * (0.01 * paid)).squareRoot()
        guard missing >= max(5, 0.035 * paid), missing > 3 * doubt else { return nil }
        return .short(paid: paid, found: found, at: hours, confidence: min(0.995, 1 / (1 + exp(2 - missing / doubt))))
    }

    /// A delivery against its own measurement: the litres that are missing, 0 when it is within what a meter can tell. Papers are
    /// written in whole litres, and a delivery meter is right to half a percent (OIML R 117, class 0.5).
    static func shortage(paidLitres: Double, measuredLitres: Double) -> Double {
        guard paidLitres > 0, measuredLitres >= 0, measuredLitres < paidLitres else { return 0 }
        let missing = paidLitres - measuredLitres
        return missing >= max(2, 0.035 * paidLitres) ? missing : 0
    }

    // MARK: Books

    /// Hours and kWh since the last reading, by counters where they are told and make sense.
    private mutating func work(_ reading: Reading, _ hours: Double) -> (ran: Double, gave: Double) {
        var ran = reading.isRunning ? hours : 0
        var gave = reading.isRunning && !reading.kilowatts.isNaN ? max(0, reading.kilowatts) * hours : 0
        if !reading.runHours.isNaN {
            let counted = reading.runHours - runHours
            // What the counter gained since it was last read may have been gained before the last reading.
            if !counted.isNaN, counted >= 0, counted <= hours + 6 { ran = counted }
            runHours = reading.runHours
        }
        if !reading.kilowattHours.isNaN {
            let counted = reading.kilowattHours - kilowattHours
            if !counted.isNaN, counted >= 0, counted <= 60 * (hours + 6) { gave = counted }
            kilowattHours = reading.kilowattHours
        }
        return (ran, gave)
    }

    private mutating func open(_ reading: Reading) {
        filter.restart(level: reading.litres, variance: 1)
        (runHours, kilowattHours) = (reading.runHours, reading.kilowattHours)
        waiting = 0
        agreedAt = reading.hours
        lastHours = reading.hours
        lastLevel = reading.litres
        samples = max(1, samples)
    }
}
