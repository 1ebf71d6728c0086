import Testing
import TowerStreaming

@testable import TowerApp
@testable import TowerKafka

/// What the settings make of the log, and what the doctor says of brokers that differ.
@Suite struct LogChoiceTests {
    private func kafka(_ settings: [String: String]) throws -> KafkaConfiguration {
        let choice = try LogChoice(Configuration(flags: settings.merging(["log.url": "kafka://a:1,b:2"]) { own, _ in own }))
        guard case .brokers(let kafka) = choice.kind else { throw CommandFailure("The log is embedded.") }
        return kafka
    }

    @Test func withoutAnAddressTheLogIsTheJournal() throws {
        #expect(try LogChoice(Configuration()).isEmbedded)
    }

    @Test func settingsReachTheBrokersClient() throws {
        let found = try kafka([
            "kafka.layout": "per-site", "kafka.partitions.events": "24", "kafka.replication": "5", "kafka.min_insync_replicas": "3",
            "retention.telemetry.hours": "2", "kafka.compression": "zstd", "kafka.security.tls": "true",
            "kafka.security.mechanism": "SCRAM-SHA-512", "kafka.security.username": "u", "kafka.security.password": "p",
            "kafka.append.timeout_seconds": "3", "kafka.session.seconds": "4", "kafka.settings": "linger.ms=9,debug=",
        ])
        #expect(found.bootstrap == "a:1,b:2" && found.layout == .perSite && found.compression == .zstd)
        #expect(found.topics.eventPartitions == 24 && found.topics.replication == 5 && found.topics.minInsyncReplicas == 3)
        #expect(found.topics.telemetryRetentionMs == 7_200_000 && found.topics.businessRetentionMs == -1)
        #expect(found.security.isEncrypted && found.security.mechanism == .scramSHA512 && found.security.username == "u")
        #expect(found.appendTimeoutMs == 3000 && found.sessionMs == 4000 && found.extra == ["linger.ms": "9", "debug": ""])
        #expect(found.electsSingleMembers && found.readsInOrderOfTime && found.repeatsAreHarmless && !found.staticMembership)
    }

    @Test(arguments: [
        ("log.url", "redpanda://a:1", "log.url"), ("log.url", "kafka://", "log.url"), ("log.url", "kafka://a b", "bootstrap"),
        ("kafka.layout", "both", "kafka.layout"), ("kafka.settings", "=1", "kafka.settings"),
        ("kafka.min_insync_replicas", "9", "min_insync_replicas"), ("kafka.security.username", "u", "sasl_mechanism"),
    ]) func aSettingThatCannotBeIsNamed(_ key: String, _ value: String, _ name: String) {
        let error = #expect(throws: CommandFailure.self) { _ = try kafka([key: value]) }
        #expect(error.map { "\($0)".contains(name) } ?? false, "\(String(describing: error))")
    }

    @Test func theDoctorSaysWhatDiffersAndWhatToDo() throws {
        let events = TopicName("towerco.sites.events")
        var report = KafkaDriftReport(
            topics: [events, Topic.audit],
            drifts: [
                KafkaDrift(topic: Topic.audit, what: "missing", wanted: "the topic", found: "none"),
                KafkaDrift(topic: events, what: "partitions", wanted: "12", found: "6"),
                KafkaDrift(topic: events, what: "retention.ms", wanted: "604800000", found: "1000"),
            ], hasSettings: true)
        let findings = DoctorJob.findings(report, try kafka([:]))
        #expect(findings.map(\.verdict) == [.ok, .ok, .warn, .warn])
        #expect(findings[0].detail.contains("1 of 2 topics") && findings[1].detail.contains("The next start makes them"))
        #expect(findings[2].detail.contains("partitions 6, wanted is 12") && findings[2].detail.contains("kafka-topics --alter"))
        #expect(findings[3].detail.contains("retention.ms 1000") && findings[3].detail.contains("--add-config retention.ms=604800000"))
        report.drifts = [report.drifts[0]]
        #expect(DoctorJob.findings(report, try kafka(["kafka.topics.create": "false"]))[1].verdict == .warn)
    }
}
