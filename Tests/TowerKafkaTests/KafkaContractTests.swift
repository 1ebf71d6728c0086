import Foundation
import KafkaTestKit
import Testing
import TowerKafka
import TowerStreaming
import TowerTestKit

/// The promises of every `EventLog`, over librdkafka's mock cluster of three brokers in both layouts.
@Suite struct KafkaContractTests {
    /// The mock has no topic administration and finds nothing by time; a broker has neither one order nor our pauses.
    static let ofTheMock: Set<EventLogContract.Capability> = []

    @Test(arguments: EventLogContract.checks(for: KafkaContractTests.ofTheMock), KafkaTopicLayout.allCases)
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

    /// As the roles read.
    @Test(arguments: EventLogContract.checks(for: KafkaContractTests.ofTheMock))
    func keepsTheContractInOrderOfTime(_ check: EventLogContract.Check) async throws {
        let cluster = try MockCluster(brokers: 3)
        try cluster.createKeyedTopics()
        try await check.run { clock, maxRecordBytes in
            var configuration = cluster.configuration()
            configuration.maxRecordBytes = maxRecordBytes
            configuration.readsInOrderOfTime = true
            return try KafkaLog(configuration, clock: clock.milliseconds)
        }
        withExtendedLifetime(cluster) {}
    }

    static let broker = ProcessInfo.processInfo.environment["TOWERCO_TEST_KAFKA"]
    static let ofABroker: Set<EventLogContract.Capability> = [.topicAdministration, .timeIndex]

    /// The broker is for tests only: every `towerco.` topic on it is deleted before each check.
    @Test(.serialized, .enabled(if: KafkaContractTests.broker != nil), arguments: EventLogContract.checks(for: KafkaContractTests.ofABroker), KafkaTopicLayout.allCases)
    func keepsTheContractOnABroker(_ check: EventLogContract.Check, layout: KafkaTopicLayout) async throws {
        var configuration = KafkaConfiguration(bootstrap: Self.broker ?? "")
        configuration.layout = layout
        configuration.topics.replication = 1
        configuration.topics.minInsyncReplicas = 1
        let admin = try KafkaLog(configuration, clock: { 0 })
        for topic in try await admin.topics(matching: TopicPattern("towerco.*")) { try await admin.deleteBrokerTopic(topic.topic) }
        if layout == .keyed { try await admin.ensureTopics() }
        try await admin.close()
        let base = configuration
        try await check.run { clock, maxRecordBytes in
            var configuration = base
            configuration.maxRecordBytes = maxRecordBytes
            return try KafkaLog(configuration, clock: clock.milliseconds)
        }
    }

    /// What is left out, by name, so that a check that stops applying is seen.
    @Test func whatDoesNotApplyIsNamed() {
        let spared = EventLogContract.notApplicable(for: Self.ofTheMock)
        #expect(spared.count + EventLogContract.checks(for: Self.ofTheMock).count == EventLogContract.checks.count)
        #expect(spared.allSatisfy { !$0.lacks.isEmpty })
        #expect(EventLogContract.notApplicable(for: Set(EventLogContract.Capability.allCases)).isEmpty)
    }
}
