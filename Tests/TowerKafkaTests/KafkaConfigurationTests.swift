import KafkaTestKit
import Testing
import TowerStreaming

@testable import TowerKafka

@Suite struct KafkaConfigurationTests {
    static let changes: [(String, @Sendable (inout KafkaConfiguration) -> Void)] = [
        ("bootstrap", { $0.bootstrap = "" }), ("bootstrap", { $0.bootstrap = "a b" }), ("client_id", { $0.clientID = "" }),
        ("append_timeout_ms", { $0.appendTimeoutMs = 1 }), ("linger_ms", { $0.lingerMs = -1 }), ("batch_bytes", { $0.batchBytes = 1 }),
        ("max_record_bytes", { $0.maxRecordBytes = 0 }), ("max_pending_bytes", { $0.maxPendingBytes = 0 }),
        ("max_pending_records", { $0.maxPendingRecords = 0 }), ("fetch_wait_ms", { $0.fetchWaitMs = 0 }),
        ("prefetch_bytes", { $0.prefetchBytes = 0 }), ("max_readers", { $0.maxReaders = 0 }),
        ("call_timeout_ms", { $0.callTimeoutMs = 0 }), ("topics_max_age_ms", { $0.topicsMaxAgeMs = 0 }),
        ("session_ms", { $0.sessionMs = 0 }), ("min_session_ms", { $0.minSessionMs = 0 }), ("event_partitions", { $0.topics.eventPartitions = 0 }),
        ("other_partitions", { $0.topics.otherPartitions = 10_001 }), ("replication", { $0.topics.replication = 0 }),
        ("min_insync_replicas", { $0.topics.minInsyncReplicas = 4 }), ("telemetry_retention_ms", { $0.topics.telemetryRetentionMs = 5 }),
        ("business_retention_ms", { $0.topics.businessRetentionMs = 0 }), ("shards", { $0.topics.shards = 0 }), ("shards", { $0.topics.shards = 5 }),
        ("shards", { ($0.topics.shards, $0.layout) = (2, .perSite) }), ("sasl_mechanism", { $0.security.username = "u" }),
        ("sasl_username", { $0.security.mechanism = .plain }),
        (
            "sasl_password",
            {
                $0.security.mechanism = .scramSHA512
                $0.security.username = "u"
            }
        ),
        ("tls_ca_file", { $0.security.authorityFile = "ca.pem" }),
        (
            "tls_key_file",
            {
                $0.security.isEncrypted = true
                $0.security.certificateFile = "c.pem"
            }
        ),
        (
            "tls_key_password",
            {
                $0.security.isEncrypted = true
                $0.security.keyPassword = "p"
            }
        ),
        ("no.such.setting", { $0.extra["no.such.setting"] = "1" }), ("linger.ms", { $0.extra["linger.ms"] = "soon" }),
    ]

    @Test(arguments: KafkaConfigurationTests.changes.indices)
    func aBadSettingIsRefusedByName(index: Int) throws {
        let (name, change) = Self.changes[index]
        var configuration = KafkaConfiguration(bootstrap: "127.0.0.1:1")
        change(&configuration)
        let error = #expect(throws: EventLogError.self) { try KafkaLog(configuration, clock: { 0 }) }
        #expect(error?.code == .badSetting && error?.message.contains(name) == true, "\(name): \(error?.message ?? "")")
        #expect(error?.isRetriable == false)
    }

    @Test(arguments: KafkaSecurity.Mechanism.allCases, [false, true])
    func everyKindOfSecurityIsPassedOn(mechanism: KafkaSecurity.Mechanism, isEncrypted: Bool) throws {
        var configuration = KafkaConfiguration(bootstrap: "127.0.0.1:1")
        configuration.security.isEncrypted = isEncrypted
        configuration.security.mechanism = mechanism
        if mechanism != .none {
            configuration.security.username = "user"
            configuration.security.password = "secret"
        }
        let settings = Dictionary(configuration.producerSettings(), uniquingKeysWith: { $1 })
        #expect(settings["security.protocol"] == (mechanism == .none ? "" : "sasl_") + (isEncrypted ? "ssl" : mechanism == .none ? "plaintext" : "plaintext"))
        #expect(settings["sasl.mechanism"] == (mechanism == .none ? nil : mechanism.rawValue))
        #expect(settings["ssl.endpoint.identification.algorithm"] == (isEncrypted ? "https" : nil))
        // librdkafka takes all of it.
        _ = try KafkaHandle(.producer, configuration.producerSettings(), extra: [:])
    }

    @Test func theProducerAsksForAllReplicasAndKeepsOrder() {
        let settings = Dictionary(KafkaConfiguration(bootstrap: "b:1").producerSettings(), uniquingKeysWith: { $1 })
        #expect(settings["acks"] == "all" && settings["enable.idempotence"] == "true")
    }

    @Test func whatDiffersFromTheWantedTopicIsNamed() {
        let plan = KafkaTopicPlan()
        let topic = TopicName("towerco.sites.events")
        let wanted = plan.wanted(topic, layout: .keyed, maxRecordBytes: 1 << 20)
        var settings = Dictionary(uniqueKeysWithValues: wanted.settings.map { ($0.name, $0.value) })
        #expect(KafkaLog.compare(wanted, partitions: 12, replication: 3, settings).isEmpty)
        #expect(KafkaLog.compare(wanted, partitions: 24, replication: 5, nil).isEmpty)
        #expect(KafkaLog.compare(wanted, partitions: nil, replication: nil, nil).map(\.what) == ["missing"])
        settings["min.insync.replicas"] = "1"
        settings["retention.ms"] = "1000"
        let drifts = KafkaLog.compare(wanted, partitions: 4, replication: 1, settings)
        #expect(drifts.map(\.what) == ["partitions", "replication", "min.insync.replicas", "retention.ms"])
        #expect(drifts.map(\.found) == ["4", "1", "1", "1000"])
        #expect(drifts.map(\.wanted) == ["12", "3", "2", String(7 * 86_400_000)])
    }
}
