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
        default:
            print("usage: JournalFaults simulate --from N --count N [--lie NAME] [--first]")
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
}
