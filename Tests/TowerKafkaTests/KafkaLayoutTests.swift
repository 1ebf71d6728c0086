import CRdKafka
import KafkaTestKit
import Testing
import TowerStreaming
import TowerTestKit

@testable import TowerKafka

@Suite struct KafkaLayoutTests {
    @Test(arguments: [
        ("towerco.sites.SITE-1.events", "towerco.sites.events", "towerco.sites.SITE-1.events"),
        ("towerco.sites.a.b.events", "towerco.sites.events", "towerco.sites.a.b.events"),
        ("towerco.kpis.acme.metrics", "towerco.kpis.metrics", "towerco.kpis.acme.metrics"),
        ("towerco.alerts.acme.notifications", "towerco.alerts.notifications", "towerco.alerts.acme.notifications"),
        ("towerco.incidents.acme.lifecycle", "towerco.incidents.lifecycle", "towerco.incidents.acme.lifecycle"),
        ("towerco.notifications.acme.routes", "towerco.notifications.routes", "towerco.notifications.acme.routes"),
        ("towerco.dead-letters.acme", "towerco.dead-letters", "towerco.dead-letters.acme"),
        ("towerco.platform.audit", "towerco.platform.audit", "towerco.platform.audit"),
        ("towerco.sites.a:9.events", "towerco.sites.events", "towerco.sites.a_9.events"), ("other:x", "other_x", "other_x"),
    ])
    func logicalTopicsHaveTheirPlace(topic: String, keyed: String, perSite: String) {
        #expect(KafkaTopicLayout.keyed.place(of: TopicName(topic)).rawValue == keyed)
        #expect(KafkaTopicLayout.perSite.place(of: TopicName(topic)).rawValue == perSite)
    }

    @Test(arguments: [
        (TopicPattern.siteEvents, "towerco.sites.events", true), (.siteEvents, "towerco.kpis.metrics", false),
        (TopicPattern("towerco.sites.A.events"), "towerco.sites.events", true), (TopicPattern("towerco.sites.A.other"), "towerco.sites.events", false),
        (TopicPattern("*"), "towerco.sites.events", true), (TopicPattern("towerco.*"), "towerco.dead-letters", true),
        (.deadLetters, "towerco.dead-letters", true), (TopicPattern("towerco.platform.audit"), "towerco.platform.audit", true),
        (TopicPattern("towerco.platform.audit"), "towerco.platform.heartbeat", false), (TopicPattern("*.events"), "towerco.sites.events", true),
        (TopicPattern("*.events"), "towerco.alerts.notifications", false),
        (.routes, "towerco.notifications.routes", true), (.alerts, "towerco.notifications.routes", false),
    ] as [(TopicPattern, String, Bool)])
    func patternsFindTheTopicsThatMayHoldThem(pattern: TopicPattern, place: String, isHeld: Bool) {
        #expect(KafkaTopicLayout.keyed.mayHold(TopicName(place), pattern) == isHeld)
    }

    /// Other people's producers hash the key, which is the site, with librdkafka's or Java's default: the same partition.
    @Test func aSiteLiesWhereItsKeyWouldBePutByKafkasOwnPartitioner() throws {
        let handle = try KafkaHandle(.producer, [("bootstrap.servers", "127.0.0.1:1")], extra: [:])
        let topic = try #require(rd_kafka_topic_new(handle.pointer, "t", nil))
        defer { rd_kafka_topic_destroy(topic) }
        for number in 0..<2000 {
            let site = "SITE-\(number * number)-\(String(repeating: "x", count: number % 7))"
            for count in [1, 3, 12, 100] as [Int32] {
                let theirs = Array(site.utf8).withUnsafeBytes {
                    rd_kafka_msg_partitioner_murmur2(topic, $0.baseAddress, $0.count, count, nil, nil)
                }
                #expect(KafkaTopicLayout.partition(of: Topic.siteEvents(site: site), count: count) == theirs)
            }
        }
    }

    @Test func sitesSpreadOverPartitions() {
        var counts = [Int](repeating: 0, count: 12)
        for site in 0..<12_000 { counts[Int(KafkaTopicLayout.partition(of: Topic.siteEvents(site: "SITE-\(site)"), count: 12))] += 1 }
        #expect(counts.allSatisfy { (850...1150).contains($0) }, "\(counts)")
    }

    @Test func namesKeepTheirNumbers() {
        var table = NameTable()
        var generator = SeededGenerator(seed: 3)
        var known: [String: Int] = [:]
        for _ in 0..<20_000 {
            let name = "n\(Int.random(in: 0..<3000, using: &generator))"
            let (number, isNew) = Array(name.utf8).withUnsafeBytes { table.number($0) }
            #expect(isNew == (known[name] == nil))
            #expect(known[name] ?? number == number)
            known[name] = number
            #expect(table.name(number) == name)
        }
    }
}
