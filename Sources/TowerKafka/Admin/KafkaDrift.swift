public import TowerStreaming

/// One thing about a broker's topic that is not as the configuration wants it; for `doctor`.
public struct KafkaDrift: Sendable, Hashable {
    public var topic: TopicName
    /// `missing`, `partitions`, `replication`, or the broker's name of a setting.
    public var what: String
    public var wanted: String
    public var found: String
    public init(topic: TopicName, what: String, wanted: String, found: String) {
        self.topic = topic
        self.what = what
        self.wanted = wanted
        self.found = found
    }
}

/// What was compared, and what differs.
public struct KafkaDriftReport: Sendable, Equatable {
    public var topics: [TopicName]
    /// In the order of topics and names.
    public var drifts: [KafkaDrift]
    /// The brokers told their topics' settings; else only partitions and replication were compared.
    public var hasSettings: Bool
}

extension KafkaLog {
    /// Creates the topics of the layout that the brokers lack, as the configuration wants them; those that exist stay as they are.
    /// In the per-site layout only the audit and heartbeat topics are known beforehand. Throws `unsupported`, `brokerAway`.
    ///
    /// - Returns: what was created.
    @discardableResult
    public func ensureTopics() async throws -> [TopicName] {
        try checkOpen()
        let wanted = standingTopics
        return try await calls.run { [directory] in
            try directory.refresh()
            let missing = wanted.filter { directory.partitions(of: $0) == nil }
            try directory.ensure(Set(missing))
            return missing
        }
    }

    private var standingTopics: [TopicName] {
        (configuration.layout == .keyed ? KafkaTopicLayout.keyedTopics : [Topic.audit, Topic.heartbeat])
            + (configuration.topics.shards > 1 ? [Topic.shards] : [])
    }

    /// Compares the topics with what the configuration wants. Changes nothing.
    public func drift() async throws -> KafkaDriftReport {
        try checkOpen()
        let timeoutMs = configuration.callTimeoutMs
        let configuration = configuration
        let standing = standingTopics
        return try await calls.run { [control, directory] in
            try directory.refresh()
            var topics = standing
            // Of brokers that deal tenants out while the settings do not.
            if !topics.contains(Topic.shards), directory.partitions(of: Topic.shards) != nil { topics.append(Topic.shards) }
            if configuration.layout == .perSite {
                topics = Set(standing + directory.all.map(\.topic).filter { $0.rawValue.hasPrefix("towerco.") }).sorted()
            }
            let present = topics.filter { directory.partitions(of: $0) != nil }
            var settings: [TopicName: [String: String]]?
            do {
                settings = try control.settings(of: present, timeoutMs: min(timeoutMs, 3000))
            } catch let error as EventLogError {
                // Brokers that do not tell are compared by what the list of topics says.
                if error.code != .unsupported, error.code != .brokerAway { throw error }
            }
            let drifts = topics.flatMap { topic in
                let wanted = configuration.topics.wanted(topic, layout: configuration.layout, maxRecordBytes: configuration.maxRecordBytes)
                return Self.compare(
                    wanted, partitions: directory.partitions(of: topic), replication: directory.replication(of: topic), settings?[topic])
            }
            return KafkaDriftReport(topics: topics, drifts: drifts, hasSettings: settings != nil)
        }
    }

    /// More partitions or copies than wanted are somebody's decision and no drift.
    static func compare(
        _ wanted: KafkaTopicPlan.Wanted, partitions: Int32?, replication: Int32?, _ settings: [String: String]?
    ) -> [KafkaDrift] {
        guard let partitions else { return [KafkaDrift(topic: wanted.topic, what: "missing", wanted: "the topic", found: "none")] }
        var drifts: [KafkaDrift] = []
        let isWrong = wanted.topic == Topic.shards ? partitions != wanted.partitions : partitions < wanted.partitions
        if isWrong {
            drifts.append(
                KafkaDrift(topic: wanted.topic, what: "partitions", wanted: String(wanted.partitions), found: String(partitions)))
        }
        if let replication, replication < wanted.replication {
            drifts.append(
                KafkaDrift(topic: wanted.topic, what: "replication", wanted: String(wanted.replication), found: String(replication)))
        }
        for setting in wanted.settings {
            guard let found = settings?[setting.name], found != setting.value else { continue }
            drifts.append(KafkaDrift(topic: wanted.topic, what: setting.name, wanted: setting.value, found: found))
        }
        return drifts
    }

    /// Gives every topic of the layout the settings that the configuration wants; settings that it does not name go back to the
    /// broker's own. Partitions and copies stay.
    public func alterTopics() async throws {
        try checkOpen()
        let timeoutMs = configuration.callTimeoutMs
        let configuration = configuration
        let standing = standingTopics
        try await calls.run { [control] in
            for topic in standing {
                let wanted = configuration.topics.wanted(topic, layout: configuration.layout, maxRecordBytes: configuration.maxRecordBytes)
                try control.alter(topic, settings: wanted.settings, timeoutMs: timeoutMs)
            }
        }
    }

    /// Gives a broker's topic more partitions. Sites move to other partitions: an order over the change is not promised.
    public func growTopic(_ place: TopicName, to partitions: Int32) async throws {
        try checkOpen()
        let timeoutMs = configuration.callTimeoutMs
        try await calls.run { [control, directory] in
            try control.grow(place, to: partitions, timeoutMs: timeoutMs)
            directory.expire()
        }
    }

    /// Forgets everything before the cursor, in the partitions that it names.
    public func deleteRecords(before cursor: LogCursor) async throws {
        try checkOpen()
        let places = Self.places(try checked(cursor))
        let timeoutMs = configuration.callTimeoutMs
        try await calls.run { [control] in try control.deleteRecords(before: places, timeoutMs: timeoutMs) }
    }
}
