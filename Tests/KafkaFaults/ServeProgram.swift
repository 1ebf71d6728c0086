import Foundation
import Glibc
import KafkaTestKit
import TowerKafka
import TowerStreaming

/// A mock cluster with our log on it, for other people's clients: says where it listens and does what standard input asks, one
/// JSON object a line, until that ends.
///
/// - `{"append": TOPIC, "key": TEXT|null, "value": TEXT, "headers": [[NAME, TEXT]]}` answers partition, offset and time.
/// - `{"read": PATTERN}` answers all records from the beginning.
/// - `{"down": BROKER}` and `{"up": BROKER}` take a broker away and bring it back; -1 is all of them.
///
/// Its own log deals no tenants out, as other people's clients do not: with `shards` what it appends may be a stray.
struct ServeProgram {
    var shards: Int
    var eventPartitions: Int

    func run() async throws -> Int32 {
        let cluster = try MockCluster(brokers: 3)
        var plan = KafkaTopicPlan()
        plan.shards = Int32(shards)
        plan.eventPartitions = Int32(eventPartitions)
        try cluster.createKeyedTopics(plan)
        var configuration = cluster.configuration()
        configuration.fetchWaitMs = 50
        let log = try KafkaLog(configuration, clock: { 1_700_000_000_123 })
        print("bootstrap \(cluster.bootstrap)")
        fflush(nil)
        while let line = readLine() {
            guard let request = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] else { continue }
            if let broker = request["down"] as? Int {
                try cluster.setDown(Int32(broker))
                try answer([:])
            } else if let broker = request["up"] as? Int {
                try cluster.setUp(Int32(broker))
                try answer([:])
            } else if let pattern = request["read"] as? String {
                try answer(["records": try await read(log, TopicPattern(pattern))])
            } else if let topic = request["append"] as? String {
                let headers = (request["headers"] as? [[String]] ?? []).map { Record.Header($0[0], $0[1]) }
                let key = (request["key"] as? String).map { Array($0.utf8) }
                let value = Array((request["value"] as? String ?? "").utf8)
                let position = try await log.append([Record(topic: TopicName(topic), key: key, value: value, headers: headers)])[0]
                try answer(["partition": position.partition, "offset": position.offset, "timestamp": position.timestampMs])
            }
        }
        try await log.close()
        return 0
    }

    private func answer(_ object: [String: Any]) throws {
        print(String(decoding: try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys]), as: UTF8.self))
        fflush(nil)
    }

    private func read(_ log: KafkaLog, _ pattern: TopicPattern) async throws -> [[String: Any]] {
        var records: [[String: Any]] = []
        var cursor = LogCursor.start
        func text(_ key: [UInt8]?) -> Any {
            guard let key else { return NSNull() }
            return String(decoding: key, as: UTF8.self)
        }
        while true {
            let slice = try await log.fetch(matching: [pattern], from: cursor, maxRecords: 1000, maxBytes: 1 << 20)
            if slice.next == cursor { return records }
            cursor = slice.next
            records += slice.records.map { stored in
                [
                    "topic": stored.record.topic.rawValue, "key": text(stored.record.key),
                    "value": String(decoding: stored.record.value, as: UTF8.self), "offset": stored.offset,
                    "timestamp": stored.timestampMs,
                    "headers": stored.record.headers.map { [$0.name, String(decoding: $0.value, as: UTF8.self)] },
                ] as [String: Any]
            }
        }
    }
}
