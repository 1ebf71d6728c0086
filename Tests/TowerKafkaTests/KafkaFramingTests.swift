import KafkaTestKit
import Testing
import TowerStreaming

@testable import TowerKafka

/// Values behind the id of their schema, beside plain ones.
@Suite struct KafkaFramingTests {
    @Test(arguments: [
        ("towerco.sites.A.events", true), ("towerco.sites.events", true), ("towerco.kpis.acme.metrics", true),
        ("towerco.alerts.acme.notifications", true), ("towerco.incidents.acme.lifecycle", true), ("towerco.dead-letters.acme", false),
        ("towerco.dead-letters", false), ("towerco.notifications.acme.routes", false), ("towerco.platform.schemas", false),
        ("towerco.platform.audit", false), ("towerco.platform.canary", false),
    ])
    func onlyWhatIsCertainlyAnEventIsFramed(topic: String, isFramed: Bool) {
        #expect(KafkaTopicLayout.holdsEvents(TopicName(topic)) == isFramed)
    }

    @Test(arguments: KafkaTopicLayout.allCases)
    func framedAndPlainValuesAreReadAlike(layout: KafkaTopicLayout) async throws {
        let cluster = try MockCluster(brokers: 3)
        try cluster.createKeyedTopics()
        let log = try KafkaLog(cluster.configuration(layout), clock: { 5 })
        let events = Topic.siteEvents(site: "A")
        func record(_ value: String) -> Record {
            Record(topic: events, key: Array("A".utf8), value: Array(value.utf8), headers: [.init("tenant", "acme")])
        }
        _ = try await log.append([record(#"{"n":1}"#)])
        log.frameValues(with: 258)
        let letter = Record(topic: Topic.deadLetters(tenant: "acme"), key: nil, value: [0, 0, 0, 0, 9, 1, 2])
        var block = RecordBlock(bytes: Array(#"A{"n":2}"#.utf8))
        block.append(topic: block.addTopic(events), key: 0..<1, value: 1..<8, headers: block.addHeaders([.init("tenant", "acme")]))
        _ = try await log.append(block)
        _ = try await log.append([letter, record("{}")])
        let stranger = try KafkaLog(cluster.configuration(layout), clock: { 5 })
        for reader in [log, stranger] {
            let read = try await reader.fetch(topic: events, from: 0, maxBytes: 1 << 20)
            #expect(read.map { String(decoding: $0.record.value, as: UTF8.self) } == [#"{"n":1}"#, #"{"n":2}"#, "{}"])
            #expect(read.allSatisfy { $0.record.key == Array("A".utf8) && $0.record.headers == [.init("tenant", "acme")] })
            let letters = try await reader.fetch(topic: letter.topic, from: 0, maxBytes: 1 << 20)
            #expect(letters.map(\.record.value) == [letter.value], "what nobody understood stays as it is")
        }
        try await stranger.close()
        try await log.close()
        withExtendedLifetime(cluster) {}
    }
}
