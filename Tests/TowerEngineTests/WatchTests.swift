import Testing
import TowerModel

@testable import TowerEngine

@Suite struct WatchTests {
    private func verdicts<Value>(_ values: [Value], _ take: (Value) -> WatchVerdict) -> [WatchVerdict] {
        values.map(take).filter { $0 != .same }
    }

    private static func run(_ value: Double, _ count: Int) -> [Double] { [Double](repeating: value, count: count) }
    private static let noise: [Double] = [0.02, -0.03, 0.01, 0, -0.02, 0.03, 0, -0.01, 0.01, 0, 0, 0]
    private static let coarse: [Double] = (0..<60).map { (index: Int) -> Double in [0.2, 0.1, 0.3, 0.1, 0.2][index % 5] }
    typealias FloatCase = (name: String, amps: [Double], volts: Double, expected: [WatchVerdict])
    static let floats: [FloatCase] = [
        ("a string that is taken away", run(0.2, 20) + run(0, 10), 54.4, [.begins]),
        ("a string that floats", run(0.2, 40), 54.4, []),
        ("two readings of nothing", run(0.2, 20) + run(0, 1) + run(0.2, 1) + run(0, 1), 54.4, []),
        ("noise around nothing", run(0.08, 20) + noise, 54.4, [.begins]),
        ("a coarse sensor", coarse, 54.4, []),
        ("no current sensor at all", run(0, 40), 54.4, []),
        ("a bus that is down", run(0.2, 20) + run(0, 20), 48, []),
        ("the tail of a charge that ends", run(0.2, 20) + run(0.09, 60), 54.4, []),
        ("a float after the tail, then none", run(0.2, 20) + run(0.09, 60) + run(0, 10), 54.4, [.begins]),
        ("a string that is put back", run(0.2, 20) + run(0, 10) + run(3, 1), 54.4, [.begins, .ends]),
    ]

    @Test(arguments: floats)
    func floatCurrent(_ sample: FloatCase) {
        var watch = FloatWatch()
        #expect(verdicts(sample.amps) { watch.take(amps: $0, busVolts: sample.volts) } == sample.expected, "\(sample.name)")
    }

    /// Where there is no grid the sun fills the bank and the night empties it: nothing floats there.
    @Test func aBankThatCyclesHasNoFloatToMiss() {
        var watch = FloatWatch()
        #expect(verdicts(Self.run(0.2, 20) + Self.run(0, 20)) { watch.take(amps: $0, busVolts: 54.4, cycles: true) }.isEmpty)
    }

    @Test(arguments: [
        ("runs and gives nothing", [(true, 0.0, true), (true, 0, true)], [WatchVerdict.begins]),
        ("runs and carries", [(true, 3, true), (true, 3, true)], []),
        ("runs unneeded", [(true, 0, false), (true, 0, false)], []),
        ("stands", [(false, 0, true), (false, 0, true)], []),
        ("takes the load at last", [(true, 0, true), (true, 0, true), (true, 3, false)], [.begins, .ends]),
    ])
    func generatorWithoutPower(_ name: String, _ samples: [(Bool, Double, Bool)], _ expected: [WatchVerdict]) {
        var watch = TransferWatch()
        #expect(verdicts(samples) { watch.take(isRunning: $0.0, kilowatts: $0.1, isNeeded: $0.2) } == expected, "\(name)")
    }

    @Test(arguments: [
        ("cooling stops", 2.0, 22.0, 33.0, 24.0, [WatchVerdict.begins]), ("a hot day", 2, 24, 38, 36, []), ("a cool shelter warms", 2, 20, 28, 18, []),
    ])
    func shelter(_ name: String, _ gap: Double, _ outside: Double, _ hot: Double, _ then: Double, _ expected: [WatchVerdict]) {
        var watch = HeatWatch()
        var samples = [(Double, Double)](repeating: (outside + gap, outside), count: 40)
        samples += [(Double, Double)](repeating: (hot, then), count: 3)
        #expect(verdicts(samples) { watch.take(inside: $0.0, outside: $0.1).heating } == expected, "\(name)")
    }

    @Test func coolingThatWeakensADayAtATimeIsFoundBeforeItFails() {
        var watch = HeatWatch()
        var found: Int?
        for sample in 0..<(30 * 288) {
            let day = Double(sample) / 288
            let verdict = watch.take(inside: 26 + 0.4 * max(0, day - 8), outside: 24)
            if verdict.weakness == .begins, found == nil { found = sample / 288 }
        }
        #expect(found.map { $0 > 8 && $0 < 21 } == true)
    }

    typealias LevelCase = (name: String, levels: [Double], expected: [WatchVerdict])
    private static let fair: [Double] = (0..<40).map { (index: Int) -> Double in -40 + Double(index % 3) * 0.4 }
    private static let wandering: [Double] = [-46, -52, -49, -44, -55, -47, -43, -41]
    static let levels: [LevelCase] = [
        ("an antenna turns", run(-40, 20) + run(-50, 8), [.begins]), ("rain wanders", run(-40, 20) + wandering, []),
        ("the far end is dark", run(-40, 20) + run(-95, 12), []), ("fair weather", fair, []),
    ]

    @Test(arguments: levels)
    func receivedLevel(_ sample: LevelCase) {
        var watch = StepWatch()
        let samples = Array(sample.levels.enumerated())
        #expect(verdicts(samples) { watch.take($0.element, at: Double($0.offset) * 300) } == sample.expected, "\(sample.name)")
    }

    @Test(arguments: [
        ("forty litres in a quarter of an hour", 40.0, true), ("ten litres", 10, true), ("the gauge wanders", 3, false),
    ])
    func fuelThatLeavesTheTank(_ name: String, _ litres: Double, _ isFound: Bool) {
        var ledger = FuelLedger()
        var found = false
        for sample in 0..<120 {
            let level = 300 + Double(sample % 3 - 1) * 0.4 - (sample < 60 ? 0 : min(litres, litres * Double(sample - 59) / 3))
            if case .theft(let taken, _, _, let confidence)? = ledger.take(.init(litres: level, hours: Double(sample) / 12)) {
                found = true
                #expect(abs(taken - litres) < 3 && confidence >= 0.9)
            }
        }
        #expect(found == isFound, "\(name)")
    }

    @Test(arguments: [(1.0, true), (2.5, true), (0.0, false)])
    func aSiphonIsFoundWithinAFortnight(_ litresADay: Double, _ isFound: Bool) {
        var ledger = FuelLedger()
        var day: Double?
        for sample in 0..<(14 * 96) {
            let hours = Double(sample) / 4
            let level = 400 + Double(sample * 7 % 5 - 2) * 0.2 - litresADay * hours / 24
            switch ledger.take(.init(litres: level, hours: hours)) {
            case .siphon(let daily, _, _, _)?:
                day = hours / 24
                #expect(abs(daily - litresADay) < 0.5)
            case .theft?, .short?, .filled?: Issue.record("a siphon is no theft and no delivery")
            case .siphonEnded?, nil: break
            }
        }
        #expect((day != nil) == isFound)
    }

    @Test func whatTheGeneratorBurnsIsNoTheft() {
        var ledger = FuelLedger()
        var level = 400.0
        for sample in 0..<400 {
            let isRunning = sample % 40 < 20
            // Ten per cent more than the book says.
            if isRunning { level -= (0.4 + 0.263 * 5) * 1.1 / 12 }
            var reading = FuelLedger.Reading(litres: level, hours: Double(sample) / 12)
            reading.isRunning = isRunning
            reading.kilowatts = isRunning ? 5 : 0
            #expect(ledger.take(reading) == nil)
        }
    }

    @Test(arguments: [(200.0, 182.0, true), (200, 197, false), (200, 210, false), (0, 50, false), (60, 56, true), (30, 28.6, false)])
    func deliveries(_ paid: Double, _ measured: Double, _ isShort: Bool) {
        #expect((FuelLedger.shortage(paidLitres: paid, measuredLitres: measured) > 0) == isShort)
    }

    @Test(arguments: [
        ("sleeps while others work", 2.0, 0.8, [WatchVerdict.begins]), ("a quiet night everywhere", 2, 0.05, []), ("busy", 600, 0.8, []),
    ])
    func traffic(_ name: String, _ attempts: Double, _ others: Double, _ expected: [WatchVerdict]) {
        var watch = TrafficWatch()
        let samples = [Double](repeating: 700, count: 20) + [Double](repeating: attempts, count: 5)
        #expect(verdicts(samples) { watch.take(attempts: $0, isAvailable: true, others: others) } == expected, "\(name)")
    }

    @Test func aLampThatTakesLessByNightIsOut() {
        var watch = LightWatch()
        var nights = [(Double, Double)](repeating: (2, 1), count: 20)
        nights += [(Double, Double)](repeating: (0, 900), count: 20)
        #expect(verdicts(nights) { watch.take(amps: $0.0, lux: $0.1) }.isEmpty)
        #expect(verdicts([(1.0, 1.0), (1, 1)]) { watch.take(amps: $0.0, lux: $0.1) } == [.begins])
    }

    typealias SensorCase = (name: String, values: [Double], push: Double, expected: [WatchVerdict])
    private static let falling: [Double] = (0..<40).map { (index: Int) -> Double in 300 - Double(index) * 0.6 }
    static let gauges: [SensorCase] = [
        ("stands still while it should move", run(300, 40), 0.6, [.begins]), ("moves as it should", falling, 0.6, []),
        ("nothing pushes", run(300, 40), 0, []),
    ]

    @Test(arguments: gauges)
    func sensors(_ sample: SensorCase) {
        var watch = SensorWatch()
        #expect(
            verdicts(sample.values) { watch.take($0, push: sample.push, stuckAfter: 8, atLeast: 18, jump: 40) } == sample.expected,
            "\(sample.name)")
    }

    @Test func aJumpThatIsTakenBackWasNone() {
        var watch = SensorWatch()
        var values: [Double] = (0..<10).map { (index: Int) -> Double in 300 + Double(index % 2) }
        values += [120, 121, 300]
        #expect(verdicts(values) { watch.take($0, push: 0, stuckAfter: 8, atLeast: 18, jump: 40) } == [.begins])
    }

    @Test func whatAWatchRemembersSurvivesItsState() throws {
        var watch = HeatWatch()
        for sample in 0..<50 { _ = watch.take(inside: 30 + Double(sample % 4), outside: 25) }
        #expect(HeatWatch(numbers: watch.numbers) == watch)
        #expect(HeatWatch(numbers: Array(watch.numbers.dropLast())) == nil)
    }
}

@Suite struct ResistanceWatchTests {
    private func watch(_ milliohms: Double, health: Double) -> ResistanceWatch {
        var watch = ResistanceWatch()
        for _ in 0..<24 { _ = watch.take(milliohms: milliohms, ampHours: 400, health: health) }
        return watch
    }

    @Test(arguments: [
        (2.75, 1.0, WatchVerdict.same), (4.12, 0.8, .same), (4.4, 0.8, .same), (5.9, 0.8, .begins), (6.2, 1.0, .begins),
        (3.7, 1.0, .begins),
    ])
    func whatTheLastTestExplainsIsNoAgeing(_ milliohms: Double, _ health: Double, _ verdict: WatchVerdict) {
        var watch = watch(milliohms, health: health)
        #expect(watch.judge(against: 1_100) == verdict)
    }

    @Test func aNewBankEndsIt() {
        var watch = watch(6, health: 1)
        #expect(watch.judge(against: 1_100) == .begins)
        for _ in 0..<200 { _ = watch.take(milliohms: 2.75, ampHours: 400, health: 1) }
        #expect(watch.judge(against: 1_100) == .ends)
    }

    /// Twelve sites of one make; the resistance of one contradicts its health. Its next outage ends early and is told as that.
    @Test func theBankThatContradictsItsHealthIsTheRootOfAShortOutage() throws {
        var script = ""
        for site in 0..<12 {
            script += "site S\(site) name=S\(site) load_kw=3 battery.strings=2 battery.ah=200 battery.chemistry=vrla operators=[\"mtn\"]\n"
        }
        for reading in 0..<40 {
            for site in 0..<12 {
                let milliohms = site == 4 ? 6.1 : 2.75 + 0.01 * Double((site * 7 + reading) % 5)
                script += "00:\(reading + 10):00 S\(site) battery.telemetry i=0.2 v=54.3 soc=100 soh=100 r=\(milliohms)\n"
            }
        }
        script += """
            02:14:00 S4 power.grid.outage state=raised
            02:14:03 S4 battery.discharging state=raised
            03:34:00 S4 power.dc.lvd_open state=raised priority=1 v=46.2
            03:58:00 S4 power.dc.lvd_open state=raised priority=2 v=43.2
            03:58:10 S4 rms.dying_gasp state=raised v=43.1

            """
        let incidents = Outcome(script, until: "04:05:00").incidents
        // After the readings stop, every controller is told as silent; the outage is an incident of its own.
        let incident = try #require(incidents.first { Outcome.root($0) == "S4 battery battery.aged" })
        let evidence = incident.rootCauseCandidates[0].evidenceFor.map(\.text)
        #expect(evidence.contains { $0.hasPrefix("Battery aged") }, "\(evidence)")
    }
}
