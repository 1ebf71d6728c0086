import Foundation
import KafkaTestKit
import Testing

/// Members that are killed or wake as zombies, in small numbers; `KafkaFaults groups` runs as many as asked.
@Suite(.serialized) struct GroupFaultTests {
    static let rounds = UInt64(ProcessInfo.processInfo.environment["TOWERCO_TEST_ROUNDS"] ?? "") ?? 10

    @Test func everyRecordHasItsEffectOnce() async throws {
        // Built beside this bundle, as the target depends on it.
        let program = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().appendingPathComponent("KafkaFaults")
        try #require(FileManager.default.isExecutableFile(atPath: program.path), "build the product KafkaFaults")
        for seed in 0..<Self.rounds {
            let outcome = try await GroupFaults(seed: seed, program: program).run()
            #expect(outcome.violations.isEmpty && outcome.effects > 0, "seed \(seed): \(outcome.violations.prefix(5))")
        }
    }
}
