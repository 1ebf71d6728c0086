import Glibc
public import TowerModel

/// A month of one tank, its generator and its gauge, with or without somebody who takes fuel.
///
/// Everything that makes a ledger hard is in it, drawn for each site: appetites that differ by a fifth and bend with the load,
/// gauges of 0.1 to 2 l that slosh while the engine runs and err with the tank's shape, fuel that expands by day, engines that
/// run minutes or half the day, deliveries with and without measurement, vouchers that get lost. It shares no formula with the
/// ledger that judges it.
public struct TankMonth {
    static let period = 600.0
    /// Share of its volume by which diesel grows with a kelvin.
    static let expansion = 0.00083

    private var random: SeededGenerator
    private var pen: LedgerPen
    private let noise: LedgerNoise
    private let siteID: String
    private let days: Double

    // What the site is.
    private let tank: Double
    private let loadKilowatts: Double
    private let isOffGrid: Bool
    private let outagesADay: Double
    private let outageMedian: Double
    private let appetite: (idle: Double, slope: Double, bend: Double)
    private let gaugeNoise: Double
    private let gaugeStep: Double
    private let gaugeBend: (share: Double, phase: Double)
    private let isCompensated: Bool
    private let swing: Double
    private let lie: Lie

    private enum Lie { case none, stuck(from: Double, to: Double), jumping, inverted }

    // What moves.
    private var litres: Double
    private var runHours: Double
    private var kilowattHours = 0.0
    private var runsUntil = -1.0
    private var nextOutage: Double
    private var shakenUntil = -1.0
    private var stuckAt: Double?
    private var thefts: [(at: Double, seconds: Double, litres: Double)] = []
    private var siphonFrom = Double.infinity
    private var siphonADay = 0.0
    private var shortfall = 0.0
    private var truths: [LedgerTruth] = []

    /// - Parameters:
    ///   - number: which month of the seed; the crime follows from the seed, too, unless it is given.
    public init(seed: UInt64, number: Int, days: Double, noise: LedgerNoise, crime: LedgerCrime? = nil, start: Timestamp) {
        var random = SeededGenerator(seed: seed &+ UInt64(number) &* 0x9E37_79B9_7F4A_7C15, stream: "ledger.tank")
        siteID = "TANK-\(number)"
        pen = LedgerPen(site: siteID, start: start, seed: seed ^ UInt64(number) << 32)
        self.noise = noise
        self.days = days
        tank = random.pick([300, 500, 750, 1000])
        loadKilowatts = random.uniform(1, 5)
        isOffGrid = random.chance(0.25)
        outagesADay = random.pick([0.15, 0.4, 0.8, 1.2])
        outageMedian = random.uniform(0.7, 2.5)
        appetite = (random.uniform(0.3, 0.65), random.uniform(0.22, 0.31), random.uniform(0, 0.006))
        gaugeStep = random.pick([0.1, 0.5, 1, 2])
        gaugeNoise = random.uniform(0.1, 1)
        gaugeBend = (random.uniform(0, 0.004), random.uniform(0, 6.28))
        isCompensated = random.chance(0.5)
        swing = random.uniform(2, 7)
        lie = random.chance(noise.lying) ? Self.pickLie(&random, days) : .none
        litres = tank * random.uniform(0.6, 0.9)
        runHours = random.uniform(500, 9000)
        nextOutage = random.uniform(0, 1) / outagesADay * 86_400
        self.random = random
        plan(crime ?? Self.pickCrime(&self.random))
    }

    private static func pickLie(_ random: inout SeededGenerator, _ days: Double) -> Lie {
        switch random.integer(0...2) {
        case 0:
            let from = random.uniform(0.1, 0.8) * days * 86_400
            return .stuck(from: from, to: from + random.uniform(6, 48) * 3600)
        case 1: return .jumping
        default: return .inverted
        }
    }

    private static func pickCrime(_ random: inout SeededGenerator) -> LedgerCrime {
        let share = random.unit()
        return share < 0.35 ? .none : share < 0.7 ? .theft : share < 0.85 ? .siphon : .short
    }

    private mutating func plan(_ crime: LedgerCrime) {
        let end = days * 86_400
        switch crime {
        case .none, .battery: break
        case .theft:
            for _ in 0..<random.integer(1...2) {
                // Day by chance, mostly at night; 10 to 200 l, small ones as likely as large ones on a scale of ratios.
                let day = random.uniform(1, days - 1).rounded(.down)
                let hour = random.chance(0.8) ? random.uniform(21, 28) : random.uniform(5, 21)
                let taken = 10 * pow(20, random.unit())
                thefts.append((min(day * 86_400 + hour * 3600, end - 7200), random.uniform(300, 1800), taken))
            }
            thefts.sort { $0.at < $1.at }
        case .siphon:
            siphonFrom = random.uniform(0, 0.5) * end
            siphonADay = random.pick([1, 1.5, 2, 3, 5])
        case .short: shortfall = random.uniform(0.05, 0.15)
        }
    }

    public mutating func run() -> LedgerMonth {
        tellInventory()
        var at = Self.period
        var tankTemperature = 24.0
        while at <= days * 86_400 {
            let hour = (at / 3600).truncatingRemainder(dividingBy: 24)
            let air = 26 + swing * sin((hour - 9) / 24 * 2 * Double.pi)
            tankTemperature += (air - tankTemperature) * 0.06
            step(at, hour)
            deliver(at)
            report(at, hour, tankTemperature)
            at += Self.period
        }
        endSiphon()
        return LedgerMonth(siteID: siteID, days: days, events: pen.events, truths: truths)
    }

    private mutating func tellInventory() {
        let (load, litres) = (loadKilowatts, tank)
        let grid = isOffGrid ? "off" : "C"
        pen.write("inventory.site", at: 0) { out in
            out.field("name", "Tank")
            out.field("lat", 6.8, decimals: 2)
            out.field("lon", -5.2, decimals: 2)
            out.field("operators", ["A", "B"])
            out.field("grid_class", grid)
            out.field("load_kw", load, decimals: 2)
            out.key("dg")
            out.beginObject()
            out.field("kva", load * 4, decimals: 1)
            out.field("tank_l", litres, decimals: 0)
            out.endObject()
        }
    }

    // MARK: Physics

    private func kilowatts(_ hour: Double) -> Double {
        loadKilowatts / 0.87 * (0.9 + 0.2 * sin((hour - 8) / 24 * 2 * Double.pi)) + (hour > 10 && hour < 18 ? 1.1 : 0.4)
    }

    private mutating func step(_ at: Double, _ hour: Double) {
        let begin = at - Self.period
        if isOffGrid {
            // Two long runs a day, a little different each time.
            if runsUntil < begin, hour >= 5.5, hour < 6 || hour >= 18 && hour < 18.5 {
                runsUntil = begin + random.uniform(3.5, 6) * 3600
            }
        } else if begin >= nextOutage {
            runsUntil = begin + outageMedian * exp(0.9 * random.normal()) * 3600
            nextOutage = max(begin, runsUntil) - log(1 - random.unit()) / outagesADay * 86_400
        }
        let seconds = min(max(0, runsUntil - begin), Self.period)
        if seconds > 0, litres > 1 {
            let power = kilowatts(hour) * (1 + 0.03 * random.normal())
            let hours = seconds / 3600
            litres -= min(litres, (appetite.idle + appetite.slope * power + appetite.bend * power * power) * hours)
            runHours += hours
            kilowattHours += power * hours
            shakenUntil = at
        }
        for index in thefts.indices where thefts[index].at < at && thefts[index].at + thefts[index].seconds > begin {
            take(index, begin, at)
        }
        if begin >= siphonFrom, litres > 20 {
            let gone = siphonADay * Self.period / 86_400
            litres -= gone
            noteSiphon(gone, at)
        }
    }

    private mutating func take(_ index: Int, _ begin: Double, _ end: Double) {
        let theft = thefts[index]
        let overlap = min(end, theft.at + theft.seconds) - max(begin, theft.at)
        let gone = min(theft.litres * overlap / theft.seconds, max(0, litres - 10))
        litres -= gone
        shakenUntil = end
        if let known = truths.lastIndex(where: { $0.crime == .theft && $0.from == pen.timestamp(theft.at) }) {
            truths[known].litres += gone
        } else if gone > 0 {
            truths.append(
                LedgerTruth(
                    crime: .theft, siteID: siteID, from: pen.timestamp(theft.at), to: pen.timestamp(theft.at + theft.seconds),
                    litres: gone, litresADay: 0))
        }
    }

    private mutating func noteSiphon(_ gone: Double, _ at: Double) {
        if let known = truths.firstIndex(where: { $0.crime == .siphon }) {
            truths[known].litres += gone
            truths[known].to = pen.timestamp(at)
        } else {
            truths.append(
                LedgerTruth(
                    crime: .siphon, siteID: siteID, from: pen.timestamp(siphonFrom), to: pen.timestamp(at), litres: gone,
                    litresADay: siphonADay))
        }
    }

    private mutating func endSiphon() {
        // A siphon of less than five litres in all is no loss that anybody could name.
        truths.removeAll { $0.crime == .siphon && $0.litres < 5 }
    }

    private mutating func deliver(_ at: Double) {
        guard litres < 0.3 * tank || shortfall > 0 && litres < 0.65 * tank, random.chance(0.02) else { return }
        let paid = ((0.93 * tank - litres) / 5).rounded(.down) * 5
        guard paid >= 60 else { return }
        let brought = paid * (1 - shortfall)
        litres += brought
        shakenUntil = at + 900
        if shortfall > 0 {
            truths.append(
                LedgerTruth(
                    crime: .short, siteID: siteID, from: pen.timestamp(at - Self.period), to: pen.timestamp(at),
                    litres: paid - brought, litresADay: 0))
        }
        let voucher = "V-\(random.integer(100_000...999_999))"
        let isMeasured = random.chance(0.4)
        if !random.chance(noise.missing) {
            pen.write("fuel.voucher", at: at - random.uniform(60, 540)) { out in
                out.field("voucher_id", voucher)
                out.field("volume", paid, decimals: 0)
            }
        }
        guard !random.chance(noise.missing) else { return }
        pen.write("fuel.refuel", at: at - 30) { out in
            out.field("voucher_id", voucher)
            out.field("volume", paid, decimals: 0)
            if isMeasured { out.field("measured", brought, decimals: 1) }
        }
    }

    // MARK: Readings

    private mutating func report(_ at: Double, _ hour: Double, _ celsius: Double) {
        let isRunning = runsUntil >= at && litres > 1
        let state: String
        if case .inverted = lie { state = isRunning ? "stopped" : "running" } else { state = isRunning ? "running" : "stopped" }
        let power = isRunning ? kilowatts(hour) : 0
        if !random.chance(noise.missing) {
            let (hours, energy) = (runHours, kilowattHours)
            pen.write("dg.telemetry", at: at) { out in
                out.field("state", state)
                out.field("rpm", isRunning ? 1500 : 0)
                out.field("p", power, decimals: 2)
                out.field("e", energy, decimals: 2)
                out.field("run_h", hours, decimals: 2)
            }
        }
        let level = gauge(at, celsius)
        guard !random.chance(noise.missing) else { return }
        let share = level / tank * 100
        let warm = celsius + 0.3 * random.normal()
        pen.write("fuel.telemetry", at: at + 1) { out in
            out.field("level", level, decimals: 1)
            out.field("level_pct", share, decimals: 1)
            out.field("temp", warm, decimals: 1)
        }
    }

    private mutating func gauge(_ at: Double, _ celsius: Double) -> Double {
        var shown = litres + gaugeBend.share * tank * sin(litres / tank * 9 + gaugeBend.phase)
        if !isCompensated { shown *= 1 + Self.expansion * (celsius - 20) }
        shown += gaugeNoise * (at <= shakenUntil ? 2.5 : 1) * random.normal()
        shown = max(0, (shown / gaugeStep).rounded() * gaugeStep)
        switch lie {
        case .stuck(let from, let to):
            guard at >= from, at < to else { return shown }
            if stuckAt == nil { stuckAt = shown }
            return stuckAt ?? shown
        case .jumping: return random.chance(0.3) ? random.uniform(0, tank) : shown
        case .none, .inverted: return shown
        }
    }
}
