import CRdKafka
import TowerStreaming

/// What only an administrator's request can do. All of it blocks.
extension KafkaHandle {
    /// Creates topics; those that exist already are left as they are. Throws `unsupported` where the brokers cannot.
    func create(_ topics: [KafkaTopicPlan.Wanted], timeoutMs: Int) throws(EventLogError) {
        guard !topics.isEmpty else { return }
        let what = "could not create topic \(topics[0].topic)" + (topics.count > 1 ? " and \(topics.count - 1) others" : "")
        var requests: [OpaquePointer?] = []
        defer { for request in requests { rd_kafka_NewTopic_destroy(request) } }
        var text = [CChar](repeating: 0, count: 512)
        for topic in topics {
            guard let request = rd_kafka_NewTopic_new(topic.topic.rawValue, topic.partitions, Int32(topic.replication), &text, text.count)
            else { throw EventLogError(.badSetting, "\(what): \(Self.text(text))") }
            for setting in topic.settings { rd_kafka_NewTopic_set_config(request, setting.name, setting.value) }
            requests.append(request)
        }
        try ask(what, timeoutMs: timeoutMs, RD_KAFKA_ADMIN_OP_CREATETOPICS) { options, queue in
            rd_kafka_CreateTopics(pointer, &requests, requests.count, options, queue)
        } read: { event in
            var count = 0
            guard let result = rd_kafka_event_CreateTopics_result(event) else { return nil }
            let outcomes = rd_kafka_CreateTopics_result_topics(result, &count)
            return Self.firstFailure(outcomes, count, except: RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
        }
    }

    func delete(_ topic: TopicName, timeoutMs: Int) throws(EventLogError) {
        let what = "could not delete topic \(topic)"
        var requests: [OpaquePointer?] = [rd_kafka_DeleteTopic_new(topic.rawValue)]
        defer { for request in requests { rd_kafka_DeleteTopic_destroy(request) } }
        try ask(what, timeoutMs: timeoutMs, RD_KAFKA_ADMIN_OP_DELETETOPICS) { options, queue in
            rd_kafka_DeleteTopics(pointer, &requests, 1, options, queue)
        } read: { event in
            var count = 0
            guard let result = rd_kafka_event_DeleteTopics_result(event) else { return nil }
            return Self.firstFailure(rd_kafka_DeleteTopics_result_topics(result, &count), count, except: nil)
        }
    }

    /// Makes a topic have `partitions`; the brokers refuse fewer than it has.
    func grow(_ topic: TopicName, to partitions: Int32, timeoutMs: Int) throws(EventLogError) {
        let what = "could not give topic \(topic) \(partitions) partitions"
        var text = [CChar](repeating: 0, count: 512)
        guard let request = rd_kafka_NewPartitions_new(topic.rawValue, Int(partitions), &text, text.count) else {
            throw EventLogError(.badSetting, "\(what): \(Self.text(text))")
        }
        var requests: [OpaquePointer?] = [request]
        defer { for request in requests { rd_kafka_NewPartitions_destroy(request) } }
        try ask(what, timeoutMs: timeoutMs, RD_KAFKA_ADMIN_OP_CREATEPARTITIONS) { options, queue in
            rd_kafka_CreatePartitions(pointer, &requests, 1, options, queue)
        } read: { event in
            var count = 0
            guard let result = rd_kafka_event_CreatePartitions_result(event) else { return nil }
            return Self.firstFailure(rd_kafka_CreatePartitions_result_topics(result, &count), count, except: nil)
        }
    }

    /// Forgets the records before the given offsets.
    func deleteRecords(before places: [(Partition, Int64)], timeoutMs: Int) throws(EventLogError) {
        guard !places.isEmpty else { return }
        let what = "could not delete records of \(places[0].0.name)" + (places.count > 1 ? " and \(places.count - 1) others" : "")
        let list = rd_kafka_topic_partition_list_new(Int32(places.count))
        defer { rd_kafka_topic_partition_list_destroy(list) }
        for (partition, offset) in places {
            rd_kafka_topic_partition_list_add(list, partition.topic.rawValue, partition.number).pointee.offset = offset
        }
        var requests: [OpaquePointer?] = [rd_kafka_DeleteRecords_new(list)]
        defer { for request in requests { rd_kafka_DeleteRecords_destroy(request) } }
        try ask(what, timeoutMs: timeoutMs, RD_KAFKA_ADMIN_OP_DELETERECORDS) { options, queue in
            rd_kafka_DeleteRecords(pointer, &requests, 1, options, queue)
        } read: { event in
            guard let result = rd_kafka_event_DeleteRecords_result(event), let offsets = rd_kafka_DeleteRecords_result_offsets(result)
            else { return nil }
            return PartitionList.entries(offsets).first { $0.error != RD_KAFKA_RESP_ERR_NO_ERROR }.map { ($0.error, nil) }
        }
    }

    /// A topic's settings that differ from the broker's own, and the others too: by name.
    func settings(of topics: [TopicName], timeoutMs: Int) throws(EventLogError) -> [TopicName: [String: String]] {
        guard !topics.isEmpty else { return [:] }
        var requests: [OpaquePointer?] = topics.map { rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, $0.rawValue) }
        defer { for request in requests { rd_kafka_ConfigResource_destroy(request) } }
        var found: [TopicName: [String: String]] = [:]
        try ask("could not read the settings of \(topics.count) topics", timeoutMs: timeoutMs, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS) {
            options, queue in
            rd_kafka_DescribeConfigs(pointer, &requests, requests.count, options, queue)
        } read: { event in
            var count = 0
            guard let result = rd_kafka_event_DescribeConfigs_result(event),
                let resources = rd_kafka_DescribeConfigs_result_resources(result, &count)
            else { return nil }
            for index in 0..<count {
                guard let resource = resources[index], let name = rd_kafka_ConfigResource_name(resource) else { continue }
                let error = rd_kafka_ConfigResource_error(resource)
                guard error == RD_KAFKA_RESP_ERR_NO_ERROR else {
                    return (error, rd_kafka_ConfigResource_error_string(resource).map { String(cString: $0) })
                }
                var settings: [String: String] = [:]
                var entries = 0
                if let list = rd_kafka_ConfigResource_configs(resource, &entries) {
                    for entry in 0..<entries {
                        guard let name = rd_kafka_ConfigEntry_name(list[entry]) else { continue }
                        settings[String(cString: name)] = rd_kafka_ConfigEntry_value(list[entry]).map { String(cString: $0) } ?? ""
                    }
                }
                found[TopicName(String(cString: name))] = settings
            }
            return nil
        }
        return found
    }

    /// Sets settings of one topic. AlterConfigs replaces all that were set, so `settings` has to be complete.
    func alter(_ topic: TopicName, settings: [(name: String, value: String)], timeoutMs: Int) throws(EventLogError) {
        let request = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.rawValue)
        for setting in settings { rd_kafka_ConfigResource_set_config(request, setting.name, setting.value) }
        var requests: [OpaquePointer?] = [request]
        defer { for request in requests { rd_kafka_ConfigResource_destroy(request) } }
        try ask("could not alter the settings of topic \(topic)", timeoutMs: timeoutMs, RD_KAFKA_ADMIN_OP_ALTERCONFIGS) {
            options, queue in
            rd_kafka_AlterConfigs(pointer, &requests, 1, options, queue)
        } read: { event in
            var count = 0
            guard let result = rd_kafka_event_AlterConfigs_result(event),
                let resources = rd_kafka_AlterConfigs_result_resources(result, &count)
            else { return nil }
            for index in 0..<count {
                let error = rd_kafka_ConfigResource_error(resources[index])
                guard error == RD_KAFKA_RESP_ERR_NO_ERROR else {
                    return (error, rd_kafka_ConfigResource_error_string(resources[index]).map { String(cString: $0) })
                }
            }
            return nil
        }
    }

    /// Names of all groups. Throws `unsupported` where the brokers do not tell.
    func groups(timeoutMs: Int) throws(EventLogError) -> [String] {
        var names: [String] = []
        try ask("could not list the groups", timeoutMs: timeoutMs, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPS) { options, queue in
            rd_kafka_ListConsumerGroups(pointer, options, queue)
        } read: { event in
            guard let result = rd_kafka_event_ListConsumerGroups_result(event) else { return nil }
            var count = 0
            if let list = rd_kafka_ListConsumerGroups_result_valid(result, &count) {
                for index in 0..<count {
                    if let name = rd_kafka_ConsumerGroupListing_group_id(list[index]) { names.append(String(cString: name)) }
                }
            }
            var failures = 0
            if let errors = rd_kafka_ListConsumerGroups_result_errors(result, &failures), failures > 0, let error = errors[0] {
                return (rd_kafka_error_code(error), String(cString: rd_kafka_error_string(error)))
            }
            return nil
        }
        return names
    }

    // MARK: The way of every request

    private typealias Failure = (error: rd_kafka_resp_err_t, text: String?)

    private static func firstFailure(
        _ outcomes: UnsafeMutablePointer<OpaquePointer?>?, _ count: Int, except: rd_kafka_resp_err_t?
    ) -> Failure? {
        guard let outcomes else { return nil }
        for index in 0..<count {
            let error = rd_kafka_topic_result_error(outcomes[index])
            guard error != RD_KAFKA_RESP_ERR_NO_ERROR, error != except else { continue }
            let name = rd_kafka_topic_result_name(outcomes[index]).map { String(cString: $0) + ": " } ?? ""
            return (error, name + (rd_kafka_topic_result_error_string(outcomes[index]).map { String(cString: $0) } ?? ""))
        }
        return nil
    }

    private func ask(
        _ what: String, timeoutMs: Int, _ operation: rd_kafka_admin_op_t, _ send: (OpaquePointer?, OpaquePointer?) -> Void,
        read: (OpaquePointer?) -> Failure?
    ) throws(EventLogError) {
        let queue = rd_kafka_queue_new(pointer)
        defer { rd_kafka_queue_destroy(queue) }
        let options = rd_kafka_AdminOptions_new(pointer, operation)
        defer { rd_kafka_AdminOptions_destroy(options) }
        var text = [CChar](repeating: 0, count: 128)
        rd_kafka_AdminOptions_set_request_timeout(options, Int32(timeoutMs), &text, text.count)
        // Without a controller such a request would wait for one until its time is over.
        guard rd_kafka_controllerid(pointer, 500) >= 0 else {
            throw EventLogError(.unsupported, "\(what): the brokers name no controller, so they take no administration")
        }
        send(options, queue)
        guard let event = rd_kafka_queue_poll(queue, Int32(timeoutMs + 1000)) else { throw failure(RD_KAFKA_RESP_ERR__TIMED_OUT, what) }
        defer { rd_kafka_event_destroy(event) }
        let error = rd_kafka_event_error(event)
        guard error == RD_KAFKA_RESP_ERR_NO_ERROR else {
            if [.brokerAway, .loginRefused].contains(EventLogError.Code.of(error)) { throw failure(error, what) }
            throw .kafka(error, what, detail: rd_kafka_event_error_string(event).map { String(cString: $0) })
        }
        if let outcome = read(event) { throw .kafka(outcome.error, what, detail: outcome.text) }
    }
}
