import CRdKafka
import CRdKafkaMock
import Foundation
public import TowerKafka
import TowerStreaming

/// librdkafka's mock brokers in this process, and what can be done to them.
///
/// - Good for: producing, reading, groups, brokers down and up, leaders that move, errors, slow answers.
/// - Lacks: CreateTopics and other administration, ListOffsets by time, fencing, removal of an idempotent producer's repeats;
///   a partition keeps its newest few MiB only.
public final class MockCluster: @unchecked Sendable {
    public struct Failure: Error, CustomStringConvertible {
        public var description: String
        public init(description: String) { self.description = description }
    }
    public let brokers: Int
    public let bootstrap: String
    private let handle: OpaquePointer
    private let cluster: OpaquePointer

    public init(brokers: Int = 3) throws {
        let conf = rd_kafka_conf_new()
        rd_kafka_conf_set_log_cb(conf) { _, _, _, _ in }
        var text = [CChar](repeating: 0, count: 256)
        guard let handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, &text, text.count) else {
            throw Failure(description: "no handle for the mock cluster")
        }
        guard let cluster = rd_kafka_mock_cluster_new(handle, Int32(brokers)), let names = rd_kafka_mock_cluster_bootstraps(cluster)
        else {
            rd_kafka_destroy(handle)
            throw Failure(description: "no mock cluster of \(brokers) brokers")
        }
        self.brokers = brokers
        self.handle = handle
        self.cluster = cluster
        bootstrap = String(cString: names)
    }

    deinit {
        rd_kafka_mock_cluster_destroy(cluster)
        rd_kafka_destroy(handle)
    }

    /// Quick answers and short sessions, for tests.
    public func configuration(_ layout: KafkaTopicLayout = .keyed) -> KafkaConfiguration {
        var configuration = KafkaConfiguration(bootstrap: bootstrap)
        configuration.layout = layout
        configuration.fetchWaitMs = 10
        configuration.lingerMs = 0
        configuration.minSessionMs = 1
        // The mock lets a first member in after 3 s, later ones after a session less 1 s; members silent until then are dropped.
        configuration.sessionMs = 6000
        configuration.createsTopics = false
        configuration.staticMembership = false
        configuration.extra = ["reconnect.backoff.ms": "10", "reconnect.backoff.max.ms": "100"]
        return configuration
    }

    private func check(_ error: rd_kafka_resp_err_t, _ what: String) throws {
        guard error == RD_KAFKA_RESP_ERR_NO_ERROR else {
            throw Failure(description: "mock could not \(what): \(String(cString: rd_kafka_err2str(error)))")
        }
    }

    public func createTopic(_ name: String, partitions: Int) throws {
        try check(rd_kafka_mock_topic_create(cluster, name, Int32(partitions), Int32(min(brokers, 3))), "create \(name)")
    }

    /// The topics of the keyed layout, as `ensureTopics` would make them on brokers that can.
    public func createKeyedTopics(_ plan: KafkaTopicPlan = KafkaTopicPlan()) throws {
        for topic in KafkaTopicLayout.keyedTopics {
            let isEvents = topic.rawValue == "towerco.sites.events"
            let isAlone = topic == Topic.audit || topic == Topic.heartbeat
            try createTopic(topic.rawValue, partitions: isEvents ? Int(plan.eventPartitions) : isAlone ? 1 : Int(plan.otherPartitions))
        }
        if plan.shards > 1 { try createTopic(Topic.shards.rawValue, partitions: Int(plan.shards)) }
    }

    /// A broker refuses connections until `setUp`. Brokers count from 1; -1 is all of them.
    public func setDown(_ broker: Int32) throws { try check(rd_kafka_mock_broker_set_down(cluster, broker), "take \(broker) down") }
    public func setUp(_ broker: Int32) throws { try check(rd_kafka_mock_broker_set_up(cluster, broker), "bring \(broker) up") }

    /// How long every answer of a broker takes.
    public func setRoundTrip(_ broker: Int32, ms: Int) throws {
        try check(rd_kafka_mock_broker_set_rtt(cluster, broker, Int32(ms)), "slow \(broker) down")
    }

    public func moveLeader(_ topic: String, partition: Int32, to broker: Int32) throws {
        try check(rd_kafka_mock_partition_set_leader(cluster, topic, partition, broker), "move the leader of \(topic)/\(partition)")
    }

    /// The group's coordinator.
    public func moveCoordinator(of group: String, to broker: Int32) throws {
        try check(rd_kafka_mock_coordinator_set(cluster, "group", group, broker), "move the coordinator of \(group)")
    }

    /// Lets that much time pass, so that what was done to the brokers lasts; the mock's own handle is served meanwhile.
    public func hold(ms: Int) async {
        await withCheckedContinuation { continuation in
            let thread = Thread {
                let end = ContinuousClock.now + .milliseconds(ms)
                while ContinuousClock.now < end {
                    rd_kafka_poll(self.handle, Int32(max((end - .now) / .milliseconds(1), 1)))
                }
                continuation.resume()
            }
            thread.start()
        }
    }

    public enum Request: Int16, Sendable, CaseIterable {
        case produce = 0
        case fetch = 1
        case listOffsets = 2
        case metadata = 3
        case offsetCommit = 8
    }

    /// Errors that brokers give in passing.
    public enum Trouble: Sendable, CaseIterable {
        case notLeader, notEnoughReplicas, timedOut, disconnected, storage
        var error: rd_kafka_resp_err_t {
            switch self {
            case .notLeader: RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION
            case .notEnoughReplicas: RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS
            case .timedOut: RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT
            case .disconnected: RD_KAFKA_RESP_ERR__TRANSPORT
            case .storage: RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR
            }
        }
    }

    /// The next `count` requests of a kind, to whichever broker, fail.
    public func push(_ trouble: Trouble, to request: Request, count: Int) {
        let errors = [rd_kafka_resp_err_t](repeating: trouble.error, count: count)
        rd_kafka_mock_push_request_errors_array(cluster, request.rawValue, count, errors)
    }
}
