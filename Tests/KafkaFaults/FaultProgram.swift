import Foundation
import KafkaTestKit
import TowerKafka

/// Broker faults and members that die, as a program: as many rounds as asked, exit 1 when a promise was broken.
struct FaultProgram {
    private let words: ProgramWords

    init(_ arguments: [String]) { words = ProgramWords(arguments) }

    func run() async -> Int32 {
        do {
            switch words.command {
            case "brokers": return try await brokers()
            case "groups": return try await groups()
            case "member": return try await MemberProgram(bootstrap: words["--bootstrap"] ?? "", name: words["--name"] ?? "m").run()
            case "serve": return try await ServeProgram(shards: words.number("--shards", 1), eventPartitions: words.number("--partitions", 12)).run()
            default:
                print("usage: KafkaFaults brokers|groups --rounds N --from SEED [--rtt MS] | serve [--shards N] [--partitions N] | member --bootstrap B --name N")
                return 2
            }
        } catch {
            print("\(words.command): \(error)")
            return 1
        }
    }

    private func brokers() async throws -> Int32 {
        let from = UInt64(words.number("--from", 0))
        var total = BrokerFaults.Outcome()
        for seed in from..<from + UInt64(words.number("--rounds", 200)) {
            var faults = BrokerFaults(seed: seed)
            faults.maxRoundTripMs = words.number("--rtt", 200)
            faults.layout = seed % 4 == 3 ? .perSite : .keyed
            let outcome = try await faults.run()
            total.acknowledged += outcome.acknowledged
            total.repeats += outcome.repeats
            total.throwings += outcome.throwings
            total.faults += outcome.faults
            total.violations += outcome.violations.map { "seed \(seed): \($0)" }
            for violation in outcome.violations.prefix(5) { print("seed \(seed): \(violation)") }
        }
        print(
            "brokers: \(total.violations.isEmpty ? "good" : "BAD"), \(total.faults) faults, \(total.acknowledged) records acknowledged,"
                + " \(total.violations.count) lost or out of order, \(total.repeats) repeated, \(total.throwings) appends threw and were repeated")
        return total.violations.isEmpty ? 0 : 1
    }

    private func groups() async throws -> Int32 {
        let from = words.number("--from", 0)
        var bad = 0
        var effects = 0
        var refused = 0
        let rounds = words.number("--rounds", 100)
        let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        for seed in from..<from + rounds {
            let outcome = try await GroupFaults(seed: UInt64(seed), program: program).run()
            effects += outcome.effects
            refused += outcome.refused
            bad += outcome.violations.count
            for violation in outcome.violations.prefix(5) { print("seed \(seed): \(violation)") }
        }
        print("groups: \(bad == 0 ? "good" : "BAD"), \(rounds) rounds, \(effects) effects, \(bad) lost or double, \(refused) refused of zombies")
        return bad == 0 ? 0 : 1
    }
}
