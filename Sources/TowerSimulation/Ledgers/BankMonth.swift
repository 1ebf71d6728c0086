import Glibc
public import TowerModel

/// A month of one battery bank whose strings each have a current sensor, with or without somebody who takes strings at night.
///
/// A floating string takes a small current that doubles with ten kelvin and differs from string to string; its sensor is off
/// by an offset of the same size, is coarse and noisy. The bus stays on the rectifier when strings go, the door is taped, and
/// the next discharge comes by chance. It shares no formula with the watch that judges it.
public struct BankMonth {
    static let period = 300.0

    private var random: SeededGenerator
    private var pen: LedgerPen
    private let noise: LedgerNoise
    private let siteID: String
    private let days: Double
    private let loadAmps: Double
    private let ampHours: Double
    private let swing: Double
    private let outagesADay: Double
    /// Share of the capacity that a string takes while it floats, at 25 °C; its sensor's offset, noise and step, A.
    private let strings: [(float: Double, offset: Double, noise: Double)]
    private let step: Double
    private var isFrozen = false
    private var frozenAmps = 0.0
    private var theftAt = Double.infinity
    private var goneFrom = 0
    private var outageFrom = Double.infinity
    private var outageTo = 0.0
    private var charge = 1.0
    private var truths: [LedgerTruth] = []

    public init(seed: UInt64, number: Int, days: Double, noise: LedgerNoise, crime: LedgerCrime? = nil, start: Timestamp) {
        var random = SeededGenerator(seed: seed &+ UInt64(number) &* 0x9E37_79B9_7F4A_7C15, stream: "ledger.bank")
        siteID = "BANK-\(number)"
        pen = LedgerPen(site: siteID, start: start, seed: seed ^ UInt64(number) << 32 ^ 0xBA)
        self.noise = noise
        self.days = days
        loadAmps = random.uniform(20, 90)
        ampHours = random.pick([100, 150, 200])
        swing = random.uniform(1, 5)
        outagesADay = random.uniform(0.1, 0.8)
        step = random.pick([0.01, 0.05, 0.1])
        let noiseAmps = random.uniform(0.02, 0.08)
        let rated = ampHours
        strings = (0..<random.integer(2...4)).map { _ in
            (random.uniform(0.0005, 0.0015) * rated, random.uniform(-0.06, 0.06), noiseAmps * random.uniform(0.7, 1.4))
        }
        if random.chance(noise.lying) { isFrozen = true }
        if (crime ?? (random.chance(0.5) ? .battery : .none)) == .battery {
            theftAt = random.uniform(2, days - 2) * 86_400
            goneFrom = random.integer(0...strings.count - 1)
        }
        outageFrom = -log(1 - random.unit()) / outagesADay * 86_400
        self.random = random
    }

    public mutating func run() -> LedgerMonth {
        tellInventory()
        var at = Self.period
        while at <= days * 86_400 {
            if at >= outageFrom, outageTo < outageFrom { outageTo = outageFrom + 3600 * exp(0.8 * random.normal()) }
            if outageTo >= outageFrom, at >= outageTo {
                outageFrom = at - log(1 - random.unit()) / outagesADay * 86_400
            }
            if at >= theftAt, truths.isEmpty {
                truths.append(
                    LedgerTruth(
                        crime: .battery, siteID: siteID, from: pen.timestamp(theftAt), to: pen.timestamp(theftAt), litres: 0, litresADay: 0))
            }
            report(at)
            at += Self.period
        }
        return LedgerMonth(siteID: siteID, days: days, events: pen.events, truths: truths)
    }

    private mutating func tellInventory() {
        let (count, rated, load) = (strings.count, ampHours, loadAmps * 0.053)
        pen.write("inventory.site", at: 0) { out in
            out.field("name", "Bank")
            out.field("lat", 6.8, decimals: 2)
            out.field("lon", -5.2, decimals: 2)
            out.field("operators", ["A", "B"])
            out.field("grid_class", "B")
            out.field("load_kw", load, decimals: 2)
            out.key("battery")
            out.beginObject()
            out.field("strings", count)
            out.field("ah", rated, decimals: 0)
            out.field("chemistry", "vrla")
            out.endObject()
        }
    }

    private mutating func report(_ at: Double) {
        let hour = (at / 3600).truncatingRemainder(dividingBy: 24)
        let celsius = 27 + swing * sin((hour - 9) / 24 * 2 * Double.pi)
        let isOut = at >= outageFrom && at < outageTo
        let there = strings.indices.filter { !(at >= theftAt && $0 >= goneFrom) }
        let hours = Self.period / 3600
        if isOut, !there.isEmpty {
            charge = max(0.2, charge - loadAmps * hours / (ampHours * Double(there.count)))
        } else if !isOut {
            charge = min(1, charge + 0.08 * hours)
        }
        let isCharging = !isOut && charge < 0.995
        let volts = isOut ? (there.isEmpty ? 0 : 46.5 + 4.2 * charge) : isCharging ? 53.2 : 54.4 - 0.07 * (celsius - 25)
        if volts > 0, !random.chance(noise.missing) {
            let shown = volts + 0.02 * random.normal()
            pen.write("power.dc.telemetry", at: at) { $0.field("bus_v", shown, decimals: 2) }
        }
        guard volts > 0 else { return }
        for index in strings.indices {
            let string = strings[index]
            var amps = 0.0
            if there.contains(index) {
                amps =
                    isOut
                    ? -loadAmps / Double(there.count)
                    : isCharging ? 0.08 * ampHours * min(1, (1 - charge) * 8) : string.float * exp2((celsius - 25) / 10)
            }
            tellString(index, amps, string, at, celsius)
        }
    }

    private mutating func tellString(
        _ index: Int, _ amps: Double, _ string: (float: Double, offset: Double, noise: Double), _ at: Double, _ celsius: Double
    ) {
        var shown = ((amps + string.offset + string.noise * random.normal()) / step).rounded() * step
        // One sensor of a lying site stands still.
        if isFrozen, index == 0 {
            if frozenAmps == 0 { frozenAmps = shown }
            shown = frozenAmps
        }
        guard !random.chance(noise.missing) else { return }
        pen.write("battery.telemetry", at: at + 1) { out in
            out.field("string_id", "S\(index)")
            out.field("i", shown, decimals: 2)
            out.field("temp", celsius, decimals: 1)
        }
    }
}
