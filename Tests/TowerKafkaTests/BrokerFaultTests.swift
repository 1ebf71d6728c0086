import Foundation
import KafkaTestKit
import Testing
import TowerKafka

/// Broker faults in small numbers; `KafkaFaults brokers` runs as many as asked.
@Suite(.serialized) struct BrokerFaultTests {
    static let rounds = UInt64(ProcessInfo.processInfo.environment["TOWERCO_TEST_ROUNDS"] ?? "") ?? 20

    @Test func nothingAcknowledgedIsLostNorOutOfOrder() async throws {
        for seed in 0..<Self.rounds {
            var faults = BrokerFaults(seed: seed)
            faults.layout = seed % 4 == 3 ? .perSite : .keyed
            let outcome = try await faults.run()
            #expect(outcome.violations.isEmpty, "seed \(seed): \(outcome.violations.prefix(5))")
            #expect(outcome.acknowledged > 0 && outcome.faults > 0)
        }
    }
}
