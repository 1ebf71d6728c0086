import CRdKafka
import TowerStreaming

/// A partition of a broker's topic.
struct Partition: Hashable, Comparable, Sendable {
    var topic: TopicName
    var number: Int32
    var name: String { LogPart.name(topic, number) }
    static func < (left: Self, right: Self) -> Bool { left.name < right.name }
}

/// librdkafka's list of partitions with offsets, for as long as `body` runs.
struct PartitionList {
    let pointer: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>

    static func with<Answer>(
        _ partitions: [(Partition, Int64)], _ body: (PartitionList) throws -> Answer
    ) rethrows -> Answer {
        let list = PartitionList(pointer: rd_kafka_topic_partition_list_new(Int32(partitions.count)))
        defer { rd_kafka_topic_partition_list_destroy(list.pointer) }
        for (partition, offset) in partitions {
            rd_kafka_topic_partition_list_add(list.pointer, partition.topic.rawValue, partition.number).pointee.offset = offset
        }
        return try body(list)
    }

    /// Every entry with its offset and error.
    var entries: [(partition: Partition, offset: Int64, error: rd_kafka_resp_err_t)] { Self.entries(pointer) }

    static func entries(
        _ pointer: UnsafePointer<rd_kafka_topic_partition_list_t>
    ) -> [(partition: Partition, offset: Int64, error: rd_kafka_resp_err_t)] {
        (0..<Int(pointer.pointee.cnt)).map { index in
            let entry = pointer.pointee.elems[index]
            return (Partition(topic: TopicName(String(cString: entry.topic)), number: entry.partition), entry.offset, entry.err)
        }
    }
}

extension KafkaHandle {
    enum Edge: Int64 {
        case oldest = -2
        case end = -1
    }

    /// Offsets of partitions by one question to each broker. Blocks; throws `brokerAway`.
    func offsets(_ partitions: [Partition], _ edge: Edge, timeoutMs: Int) throws -> [Partition: Int64] {
        try offsets(partitions.map { ($0, edge.rawValue) }, timeoutMs: timeoutMs, "ask for the \(edge) offsets")
    }

    /// The first offset at or after a time, -1 where there is none. Blocks.
    func offsets(_ partitions: [Partition], atOrAfterMs time: Int64, timeoutMs: Int) throws -> [Partition: Int64] {
        try offsets(partitions.map { ($0, max(time, 0)) }, timeoutMs: timeoutMs, "ask for the offsets of a time")
    }

    private func offsets(_ questions: [(Partition, Int64)], timeoutMs: Int, _ what: String) throws -> [Partition: Int64] {
        guard !questions.isEmpty else { return [:] }
        let deadline = ContinuousClock.now + .milliseconds(timeoutMs)
        while true {
            let result = PartitionList.with(questions) { list -> (rd_kafka_resp_err_t, [(partition: Partition, offset: Int64, error: rd_kafka_resp_err_t)]) in
                let rest = max((deadline - .now) / .milliseconds(1), 1)
                return (rd_kafka_offsets_for_times(pointer, list.pointer, Int32(min(rest, 600_000))), list.entries)
            }
            let error = result.0 != RD_KAFKA_RESP_ERR_NO_ERROR ? result.0
                : result.1.first { $0.error != RD_KAFKA_RESP_ERR_NO_ERROR }?.error ?? RD_KAFKA_RESP_ERR_NO_ERROR
            if error == RD_KAFKA_RESP_ERR_NO_ERROR {
                return Dictionary(result.1.map { ($0.partition, $0.offset) }, uniquingKeysWith: { first, _ in first })
            }
            // Leaders move; the next question goes to the new one.
            guard EventLogError.Code.of(error) == .brokerAway, ContinuousClock.now < deadline else {
                throw failure(error, "could not \(what) of \(questions.count) partitions")
            }
            rd_kafka_poll(pointer, 20)
        }
    }
}
