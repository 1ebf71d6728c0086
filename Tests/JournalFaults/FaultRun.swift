import Glibc
import TowerTestKit

/// The fault tests as a program: as many rounds as asked, one line with the figures, exit 1 when something was lost.
struct FaultRun {
    private let command: String
    private var numbers: [String: Int] = [:]
    private var words: [String: String] = [:]

    init(_ arguments: [String]) {
        command = arguments.first ?? ""
        var at = 1
        while at < arguments.count {
            let value = at + 1 < arguments.count && !arguments[at + 1].hasPrefix("--") ? arguments[at + 1] : ""
            words[arguments[at]] = value
            numbers[arguments[at]] = Int(value)
            at += value.isEmpty ? 1 : 2
        }
    }

    func run() async -> Int32 {
        let began = ContinuousClock.now
        let isGood: Bool
        switch command {
        case "simulate": isGood = await simulate()
        case "states": isGood = await states()
        case "flips": isGood = await flips()
        case "cuts": isGood = await cuts()
        default:
            print(
                "usage: JournalFaults simulate --from N --count N [--lie NAME] [--first|--story] | states --count N |"
                    + " flips [--step N] | cuts [--step N] [--at BYTE]")
            return 2
        }
        let seconds = (ContinuousClock.now - began).components
        print("\(command): \(isGood ? "good" : "BAD"), \(seconds.seconds) s")
        return isGood ? 0 : 1
    }

    private func simulate() async -> Bool {
        let from = UInt64(numbers["--from"] ?? 0)
        let count = UInt64(numbers["--count"] ?? 2000)
        let lie = words["--lie"].flatMap(DiskLie.init(rawValue:))
        if words["--story"] != nil {
            var life = JournalSimulation(seed: from, lie: lie)
            life.tellsStory = true
            let outcome = await life.run()
            for line in outcome.story { print(line) }
            print(outcome.violations.isEmpty ? "good" : outcome.report)
            return outcome.violations.isEmpty
        }
        let (total, failed) = await JournalSimulation.run(
            seeds: from..<from + count, lie: lie, workers: numbers["--workers"] ?? 2, stopsAtFirst: words["--first"] != nil)
        for outcome in failed.prefix(10) { print(outcome.report) }
        print(
            "seeds \(from)..<\(from + count): \(failed.count) failed, \(total.operations) operations, \(total.acknowledged) records"
                + " acknowledged, \(total.openings) openings, \(total.cuts) power cuts, \(total.refusals) refusals, trace \(total.trace)")
        return failed.isEmpty
    }

    private func states() async -> Bool {
        let outcome = await CrashStates.search(count: numbers["--count"] ?? 100_000, from: UInt64(numbers["--from"] ?? 0))
        for violation in outcome.violations.prefix(10) { print(violation) }
        print("\(outcome.distinct) distinct crash states of \(outcome.states) at \(outcome.points) points, \(outcome.violations.count) bad")
        return outcome.violations.isEmpty
    }

    private func flips() async -> Bool {
        await sweep(segmentBytes: 16 << 10, appends: 50) { sweep in
            (sweep.bytes * 8, { bits in await sweep.flip(bits) })
        }
    }

    private func cuts() async -> Bool {
        await sweep(segmentBytes: 160 << 10, appends: 160, isClosed: false) { sweep in
            let start = max(0, sweep.dataEnd - 65_536)
            let only = numbers["--at"].map { $0..<$0 + 1 }
            return (only?.count ?? 65_536, { places in await sweep.cut(places.lazy.map { (only?.lowerBound ?? start) + $0 }) })
        }
    }

    /// Divides the numbers below a bound among the processors.
    private func sweep(
        segmentBytes: Int, appends: Int, isClosed: Bool = true,
        _ job: (DamageSweep) -> (Int, @Sendable (StrideTo<Int>) async -> DamageSweep.Outcome)
    ) async -> Bool {
        do {
            let made = try await DamageSweep.make(segmentBytes: segmentBytes, appends: appends, isClosed: isClosed)
            let (bound, work) = job(made)
            let step = numbers["--step"] ?? 1
            let total = await withTaskGroup(of: DamageSweep.Outcome.self) { group in
                for worker in 0..<2 { group.addTask { await work(stride(from: worker * step, to: bound, by: 2 * step)) } }
                return await group.reduce(into: DamageSweep.Outcome()) { $0.add($1) }
            }
            for violation in total.violations.prefix(10) { print(violation) }
            print(
                "store of \(made.bytes) bytes, \(total.tried) tried, \(total.detected) noticed, \(total.slack) in slack,"
                    + " \(total.violations.count) bad")
            return total.violations.isEmpty
        } catch {
            print("could not make the store: \(error)")
            return false
        }
    }
}
