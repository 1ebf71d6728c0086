public import TowerStreaming

/// How a `KafkaLog` reaches its brokers and how much it may hold. Times in milliseconds, sizes in bytes.
public struct KafkaConfiguration: Sendable, Equatable {
    /// `host:port`, several joined by commas. Required.
    public var bootstrap: String
    /// What the brokers' logs and quotas know this process as.
    public var clientID = "towerco"
    public var security = KafkaSecurity()
    public var layout = KafkaTopicLayout.keyed
    public var topics = KafkaTopicPlan()
    /// A topic that is missing is created as `topics` says. Off: it is only asked for, and the brokers create it if they do that.
    public var createsTopics = true

    /// What stands before the values of events.
    public var valueFraming = ValueFraming.none
    public var compression = Compression.lz4
    /// How long an append may take, retries included, before it throws `brokerAway`. 1,000...3,600,000.
    public var appendTimeoutMs = 30_000
    /// How long records wait for others to fill a batch. 0...1,000.
    public var lingerMs = 2
    /// Largest batch to one partition. 16 KiB...64 MiB.
    public var batchBytes = 1 << 20
    /// Value, key and header values of one record together. 1 KiB...64 MiB; the broker's `max.message.bytes` must allow it.
    public var maxRecordBytes = 1 << 20
    /// Bytes that wait for their acknowledgement; above it `append` throws `overloaded`. 1 MiB...16 GiB.
    public var maxPendingBytes = 256 << 20
    /// Records that wait for their acknowledgement. 1,000...10,000,000.
    public var maxPendingRecords = 1_000_000

    /// How long a broker may keep a fetch open while there is nothing. 1...5,000.
    public var fetchWaitMs = 100
    /// What one reader holds ahead, per partition. 64 KiB...1 GiB.
    public var prefetchBytes = 8 << 20
    /// Consumers kept open for readers. Each goes on where its reader stopped; more readers than that share them. 1...64.
    public var maxReaders = 8
    /// For every call that asks the brokers something. 100...600,000.
    public var callTimeoutMs = 15_000
    /// How old the list of topics may be. 100...3,600,000.
    public var topicsMaxAgeMs = 5_000

    /// Members of groups are static (`group.instance.id`): a quick restart moves no partition, and a second one of the same name
    /// fences the first.
    public var staticMembership = true
    /// After how long without a sign of life a single member of a group is none any more. 1,000...600,000.
    public var sessionMs = 45_000
    /// Shortest session that the brokers allow (`group.min.session.timeout.ms`). 1...600,000.
    public var minSessionMs = 6_000

    /// A single member of a group waits in `join` until no other process is the group's member. Who holds the partition of the
    /// heartbeat's topic in the group is it, so the brokers decide. Off: a newer member goes ahead beside the older.
    public var electsSingleMembers = false
    /// Records of several partitions are handed out by their time: a reader that has fallen behind in one does not see the others'
    /// future. Each partition keeps its own order.
    public var readsInOrderOfTime = false

    /// Readers know repeats by their ids: an append whose producer lost its place throws `brokerAway` and may simply come again.
    public var repeatsAreHarmless = false

    /// Further settings of librdkafka by name, over all of the above.
    public var extra: [String: String] = [:]

    public init(bootstrap: String) { self.bootstrap = bootstrap }

    public enum ValueFraming: String, Sendable, CaseIterable, Codable {
        case none
        /// Confluent's: which schema of a registry the value is of. From `KafkaLog.frameValues` on.
        case registry
    }

    public enum Compression: String, Sendable, CaseIterable, Codable {
        case none, lz4, zstd, gzip, snappy
    }

    /// Throws `badSetting` with the name of the first setting that is out of range.
    public func validate() throws(EventLogError) {
        func check(_ name: String, _ value: Int, _ range: ClosedRange<Int>) throws(EventLogError) {
            guard !range.contains(value) else { return }
            throw .badSetting(name, "is \(value), but must be within \(range.lowerBound)...\(range.upperBound)")
        }
        guard !bootstrap.isEmpty, bootstrap.utf8.count <= 4096, !bootstrap.utf8.contains(where: { $0 <= 0x20 }) else {
            throw .badSetting("bootstrap", "must name at least one broker as host:port, joined by commas without blanks")
        }
        guard !clientID.isEmpty, clientID.utf8.count <= 249 else { throw .badSetting("client_id", "must have 1 to 249 bytes") }
        try check("append_timeout_ms", appendTimeoutMs, 1000...3_600_000)
        try check("linger_ms", lingerMs, 0...1000)
        try check("batch_bytes", batchBytes, 16 << 10...64 << 20)
        try check("max_record_bytes", maxRecordBytes, 1 << 10...64 << 20)
        try check("max_pending_bytes", maxPendingBytes, 1 << 20...16 << 30)
        try check("max_pending_records", maxPendingRecords, 1000...10_000_000)
        try check("fetch_wait_ms", fetchWaitMs, 1...5000)
        try check("prefetch_bytes", prefetchBytes, 64 << 10...1 << 30)
        try check("max_readers", maxReaders, 1...64)
        try check("call_timeout_ms", callTimeoutMs, 100...600_000)
        try check("topics_max_age_ms", topicsMaxAgeMs, 100...3_600_000)
        try check("session_ms", sessionMs, 1000...600_000)
        try check("min_session_ms", minSessionMs, 1...600_000)
        try security.validate()
        try topics.validate()
        guard topics.shards == 1 || layout == .keyed else {
            throw .badSetting("shards", "is \(topics.shards), but tenants are dealt out in the keyed layout only; choose that or 1")
        }
    }

    /// What every handle gets.
    func commonSettings() -> [(String, String)] {
        [
            ("bootstrap.servers", bootstrap), ("client.id", clientID), ("broker.address.family", "any"),
            ("socket.keepalive.enable", "true"), ("topic.metadata.refresh.interval.ms", "30000"),
            ("reconnect.backoff.ms", "50"), ("reconnect.backoff.max.ms", "2000"),
            // Of TCP, TLS and login together: ten round trips of a second. Within a call's time, so that the call can say what hangs.
            ("socket.connection.setup.timeout.ms", String(min(max(callTimeoutMs * 2 / 3, 10_000), 30_000))),
        ] + security.settings()
    }

    func producerSettings() -> [(String, String)] {
        let room = max(batchBytes, maxRecordBytes + (64 << 10))
        return commonSettings() + [
            ("enable.idempotence", "true"), ("acks", "all"), ("max.in.flight.requests.per.connection", "5"),
            ("message.timeout.ms", String(appendTimeoutMs)), ("linger.ms", String(lingerMs)), ("batch.size", String(batchBytes)),
            ("message.max.bytes", String(room)), ("batch.num.messages", "100000"),
            ("compression.type", compression.rawValue),
            // Our own count of what is pending refuses earlier than librdkafka's.
            ("queue.buffering.max.messages", String(maxPendingRecords + 1)),
            ("queue.buffering.max.kbytes", String(min(maxPendingBytes / 1024 * 2 + 1024, 2_147_483_647))),
        ]
    }

    func consumerSettings() -> [(String, String)] {
        commonSettings() + [
            ("enable.auto.commit", "false"), ("enable.auto.offset.store", "false"), ("auto.offset.reset", "error"),
            ("fetch.wait.max.ms", String(fetchWaitMs)), ("fetch.error.backoff.ms", "50"),
            ("queued.max.messages.kbytes", String(max(prefetchBytes / 1024, 1))), ("queued.min.messages", "100000"),
            ("fetch.message.max.bytes", String(min(prefetchBytes, 1 << 20))),
            ("isolation.level", "read_committed"), ("check.crcs", "true"),
        ]
    }
}

extension EventLogError {
    static func badSetting(_ name: String, _ what: String) -> EventLogError {
        EventLogError(.badSetting, "kafka setting \(name) \(what)")
    }
}
