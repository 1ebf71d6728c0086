import CRdKafka
import Glibc
import TowerStreaming

// Handing out several partitions by the time of their records.
//
// A record goes out when no partition can still have an older one: each has a next record at hand, or its end was reached as of the
// brokers' last answer. Whoever lives by the log's clock, and reads heartbeats beside a backlog of events, depends on it.

extension KafkaReader {
    /// What was taken of one partition and not handed out yet.
    struct Lane {
        var messages: [UnsafeMutablePointer<rd_kafka_message_t>] = []
        var at = 0
        /// Nothing more was there when the brokers answered last.
        var isAtEnd = false
        /// Where the brokers said that the partition ends for readers: what a transaction still holds back is not waited for.
        var end: Int64 = -1
        /// Of the record at hand, or handed out last: a producer with a slow clock does not turn time back.
        var ms = Int64.min
        /// Its place among what its producer wrote: of records with one time this is the order.
        var order: UInt64 = 0

        var head: UnsafeMutablePointer<rd_kafka_message_t>? { at < messages.count ? messages[at] : nil }

        /// Reads the time and the order of a new head.
        mutating func look() {
            guard let head else { return }
            ms = max(rd_kafka_message_timestamp(head, nil), ms)
            order = 0
            var value: UnsafeRawPointer?
            var size = 0
            guard let headers = crdk_message_headers(head),
                rd_kafka_header_get_last(headers, KafkaTopicLayout.orderHeader, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR, let value,
                size == 8
            else { return }
            order = UInt64(bigEndian: value.loadUnaligned(as: UInt64.self))
        }
    }

    /// Partitions at their end are looked at again after so many records, and whenever nothing else is at hand.
    private static var recordsBetweenSweeps: Int { 256 }
    private static var laneRecords: Int { 500 }

    /// The oldest record of all partitions with its part; `nil` when that is not known, or there is none, within the time.
    func peekInTime(timeoutMs: Int) throws -> (message: UnsafeMutablePointer<rd_kafka_message_t>, part: Int)? {
        let deadline = timeoutMs > 0 ? ContinuousClock.now + .milliseconds(timeoutMs) : nil
        var isSweep = recordsSinceSweep >= Self.recordsBetweenSweeps
        while true {
            if isSweep { recordsSinceSweep = 0 }
            var best = -1
            var bestMs = Int64.max
            var bestOrder = UInt64.max
            var isKnown = true
            for index in parts.indices {
                if parts[index].lane.head == nil, isSweep || !parts[index].lane.isAtEnd { try load(lane: index) }
                guard parts[index].lane.head != nil else {
                    isKnown = isKnown && parts[index].lane.isAtEnd
                    continue
                }
                let (ms, order) = (parts[index].lane.ms, parts[index].lane.order)
                if ms < bestMs || ms == bestMs && order < bestOrder { (best, bestMs, bestOrder) = (index, ms, order) }
            }
            if isKnown, best >= 0, let head = parts[best].lane.head { return (head, best) }
            if isSweep || !isKnown {
                guard let deadline, ContinuousClock.now < deadline else { return nil }
                rd_kafka_poll(handle.pointer, 0)
                usleep(2000)
            }
            isSweep = true
        }
    }

    /// Done with the head of a part.
    func dropHead(_ part: Int) {
        guard let head = parts[part].lane.head else { return }
        rd_kafka_message_destroy(head)
        parts[part].lane.at += 1
        parts[part].lane.look()
        recordsSinceSweep += 1
    }

    private func load(lane index: Int) throws {
        parts[index].lane.messages.removeAll(keepingCapacity: true)
        parts[index].lane.at = 0
        let part = parts[index]
        let found = [UnsafeMutablePointer<rd_kafka_message_t>?](unsafeUninitializedCapacity: Self.laneRecords) { room, count in
            room.initialize(repeating: nil)
            count = max(
                Int(rd_kafka_consume_batch(part.topic, part.partition.number, 0, room.baseAddress, room.count)), 0)
        }
        var trouble = RD_KAFKA_RESP_ERR_NO_ERROR
        for case let message? in found {
            switch message.pointee.err {
            case RD_KAFKA_RESP_ERR_NO_ERROR where message.pointee.offset >= parts[index].next:
                parts[index].lane.messages.append(message)
                continue
            case RD_KAFKA_RESP_ERR_NO_ERROR: break
            case RD_KAFKA_RESP_ERR__PARTITION_EOF:
                parts[index].lane.end = message.pointee.offset
                if parts[index].lane.messages.isEmpty { pass(index, to: message.pointee.offset) }
            case let error: trouble = error
            }
            rd_kafka_message_destroy(message)
        }
        parts[index].lane.look()
        parts[index].lane.isAtEnd = parts[index].lane.messages.isEmpty && isAtEnd(parts[index])
        try handle(trouble, of: index)
    }

    /// By the brokers' last answer, which librdkafka keeps.
    private func isAtEnd(_ part: Part) -> Bool {
        if part.next == part.lane.end { return true }
        var low: Int64 = -1
        var high: Int64 = -1
        let error = rd_kafka_get_watermark_offsets(handle.pointer, part.partition.topic.rawValue, part.partition.number, &low, &high)
        return error == RD_KAFKA_RESP_ERR_NO_ERROR && high >= 0 && part.next >= high
    }
}
