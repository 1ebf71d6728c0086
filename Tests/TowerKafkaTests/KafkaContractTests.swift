import KafkaTestKit
import Testing
import TowerKafka
import TowerStreaming
import TowerTestKit

/// The promises of every `EventLog`, over librdkafka's mock cluster of three brokers in both layouts.
@Suite struct KafkaContractTests {
    /// The mock has no topic administration and finds nothing by time; a broker has neither one order nor our pauses.
    static let ofTheMock: Set<EventLogContract.Capability> = []

    @Test(arguments: EventLogContract.checks(for: ofTheMock), KafkaTopicLayout.allCases)
    func keepsTheContract(_ check: EventLogContract.Check, layout: KafkaTopicLayout) async throws {
        let cluster = try MockCluster(brokers: 3)
        if layout == .keyed { try cluster.createKeyedTopics() }
        try await check.run { clock, maxRecordBytes in
            var configuration = cluster.configuration(layout)
            configuration.maxRecordBytes = maxRecordBytes
            return try KafkaLog(configuration, clock: clock.milliseconds)
        }
        withExtendedLifetime(cluster) {}
    }

    /// What is left out, by name, so that a check that stops applying is seen.
    @Test func whatDoesNotApplyIsNamed() {
        let spared = EventLogContract.notApplicable(for: Self.ofTheMock)
        #expect(spared.count + EventLogContract.checks(for: Self.ofTheMock).count == EventLogContract.checks.count)
        #expect(spared.allSatisfy { !$0.lacks.isEmpty })
        #expect(EventLogContract.notApplicable(for: Set(EventLogContract.Capability.allCases)).isEmpty)
    }
}
