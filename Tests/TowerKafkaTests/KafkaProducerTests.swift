import CRdKafka
import KafkaTestKit
import Synchronization
import Testing
import TowerStreaming
import TowerTestKit

@testable import TowerKafka

@Suite struct KafkaProducerTests {
    private static let topic = Topic.siteEvents(site: "A")

    private static func record(_ value: String) -> Record { Record(topic: topic, key: Array("A".utf8), value: Array(value.utf8)) }

    private func make(_ change: (inout KafkaConfiguration) -> Void = { _ in }) throws -> (MockCluster, KafkaLog) {
        let cluster = try MockCluster(brokers: 3)
        try cluster.createKeyedTopics()
        var configuration = cluster.configuration()
        change(&configuration)
        return (cluster, try KafkaLog(configuration, clock: { 5 }))
    }

    @Test(arguments: KafkaConfiguration.Compression.allCases)
    func everyCompressionIsReadBack(compression: KafkaConfiguration.Compression) async throws {
        let (cluster, log) = try make { $0.compression = compression }
        let values = (0..<200).map { String(repeating: "v\($0)", count: 20) }
        _ = try await log.append(values.map(Self.record))
        let read = try await log.fetch(topic: Self.topic, from: 0, maxBytes: 1 << 20)
        #expect(read.map { String(decoding: $0.record.value, as: UTF8.self) } == values)
        try await log.close()
        withExtendedLifetime(cluster) {}
    }

    @Test func whileNoBrokerAnswersAnAppendFailsInTimeAndTheSameSucceedsLater() async throws {
        let (cluster, log) = try make { $0.appendTimeoutMs = 1000 }
        _ = try await log.append([Self.record("0")])
        try cluster.setDown(-1)
        let error = await #expect(throws: EventLogError.self) { try await log.append([Self.record("1")]) }
        #expect(error?.code == .brokerAway && error?.isRetriable == true, "\(String(describing: error))")
        #expect(log.pending.bytes == 0 && log.pending.records == 0)
        try cluster.setUp(-1)
        var tries = 0
        while tries < 20 {
            tries += 1
            if (try? await log.append([Self.record("2")])) != nil { break }
        }
        let read = try await log.fetch(topic: Self.topic, from: 0, maxBytes: 1 << 20)
        #expect(read.last.map { String(decoding: $0.record.value, as: UTF8.self) } == "2")
        try await log.close()
    }

    @Test func whatWaitsForTheBrokersIsBounded() async throws {
        let (cluster, log) = try make {
            $0.maxPendingRecords = 1000
            $0.appendTimeoutMs = 60_000
        }
        _ = try await log.append([Self.record("first")])
        try cluster.setDown(-1)
        let waiting = Task { try await log.append((0..<800).map { Self.record("\($0)") }) }
        while log.pending.records < 800 { await Task.yield() }
        let error = await #expect(throws: EventLogError.self) { try await log.append((0..<300).map { Self.record("\($0)") }) }
        #expect(error?.code == .overloaded && error?.isRetriable == true)
        #expect(log.pending.records == 800)
        try cluster.setUp(-1)
        #expect(try await waiting.value.count == 800)
        #expect(log.pending.bytes == 0 && log.pending.records == 0)
        try await log.close()
    }

    @Test func afterAFatalErrorWhatWasInFlightIsFencedAndTheNextAppendHasANewProducer() async throws {
        let (cluster, log) = try make { $0.appendTimeoutMs = 60_000 }
        _ = try await log.append([Self.record("0")])
        try cluster.setDown(-1)
        let waiting = Task { try await log.append([Self.record("1")]) }
        while log.pending.records < 1 { await Task.yield() }
        let handle = try #require(log.state.withLock { $0.producer?.handle })
        rd_kafka_test_fatal_error(handle.pointer, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, "made up")
        try cluster.setUp(-1)
        _ = try await log.append([Self.record("2")])
        let error = await #expect(throws: EventLogError.self) { try await waiting.value }
        #expect(error?.code == .fenced && error?.isRetriable == false, "\(String(describing: error))")
        let read = try await log.fetch(topic: Self.topic, from: 0, maxBytes: 1 << 20)
        #expect(read.last.map { String(decoding: $0.record.value, as: UTF8.self) } == "2")
        try await log.close()
    }

    @Test func whatABrokerCannotDoIsSaidToBeUnsupported() async throws {
        let (cluster, log) = try make()
        let plain = await #expect(throws: EventLogError.self) {
            try await log.fetch(matching: [.siteEvents], from: LogCursor(sequence: 8), maxRecords: 1, maxBytes: 1)
        }
        #expect(plain?.code == .unsupported)
        let shared = await #expect(throws: EventLogError.self) { try await log.deleteTopic(Self.topic) }
        #expect(shared?.code == .unsupported)
        try await log.close()
        withExtendedLifetime(cluster) {}
    }

    @Test func topicsAreMadeWhenMissingAndDriftIsReported() async throws {
        let cluster = try MockCluster(brokers: 3)
        try cluster.createTopic("towerco.sites.events", partitions: 6)
        let log = try KafkaLog(cluster.configuration(), clock: { 5 })
        let made = try await log.ensureTopics()
        #expect(Set(made) == Set(KafkaTopicLayout.keyedTopics).subtracting([TopicName("towerco.sites.events")]))
        #expect(try await log.ensureTopics().isEmpty)
        let report = try await log.drift()
        #expect(report.topics == KafkaTopicLayout.keyedTopics && !report.hasSettings)
        #expect(
            report.drifts.contains(KafkaDrift(topic: TopicName("towerco.sites.events"), what: "partitions", wanted: "12", found: "6")))
        try await log.close()
        withExtendedLifetime(cluster) {}
    }

    /// A broker that never answers is not there: the log opens all the same.
    @Test func aLogOpensWhileTheBrokersAreAway() async throws {
        var configuration = KafkaConfiguration(bootstrap: "127.0.0.1:1")
        configuration.callTimeoutMs = 300
        let log = try KafkaLog(configuration, clock: { 5 })
        let error = await #expect(throws: EventLogError.self) { try await log.append([Self.record("0")]) }
        #expect(error?.code == .brokerAway && error?.isRetriable == true, "\(String(describing: error))")
        #expect(await log.end() == .start)
        try await log.close()
    }
}
