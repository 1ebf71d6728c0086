import TowerStreaming

/// What the broker's topics should be like, by class.
public struct KafkaTopicPlan: Sendable, Equatable {
    /// Of a topic of site events in the keyed layout. 1...10,000. More only: fewer would move sites to other partitions.
    public var eventPartitions: Int32 = 12
    /// Of every other shared topic in the keyed layout. 1...10,000.
    public var otherPartitions: Int32 = 4
    /// How many shards the tenants are dealt out to (ADR-041); it divides the partitions of site events. 1...64.
    public var shards: Int32 = 1
    /// Copies of every partition. 1...9.
    public var replication: Int16 = 3
    /// Copies that must have a record before it is acknowledged. 1...`replication`.
    public var minInsyncReplicas: Int16 = 2
    /// How long telemetry is kept, milliseconds; -1 for ever. At least 60,000.
    public var telemetryRetentionMs: Int64 = 7 * 86_400_000
    /// How long decisions and people's actions are kept; -1 for ever.
    public var businessRetentionMs: Int64 = -1
    public var telemetryCleanup = Cleanup.delete
    public var businessCleanup = Cleanup.delete

    public enum Cleanup: String, Sendable, CaseIterable, Codable {
        case delete, compact
        case both = "compact,delete"
    }

    public init() {}

    /// One topic as it should be.
    struct Wanted: Sendable, Equatable {
        var topic: TopicName
        var partitions: Int32
        var replication: Int16
        /// Names as the broker knows them, in order.
        var settings: [(name: String, value: String)]
        static func == (left: Self, right: Self) -> Bool {
            left.topic == right.topic && left.partitions == right.partitions && left.replication == right.replication
                && left.settings.elementsEqual(right.settings) { $0 == $1 }
        }
    }

    /// - Parameter place: a topic of the broker.
    func wanted(_ place: TopicName, layout: KafkaTopicLayout, maxRecordBytes: Int) -> Wanted {
        let isShared = layout == .keyed && KafkaTopicLayout.families.contains { $0.place == place }
        let isEvents = place == KafkaTopicLayout.families[0].place
        let isTelemetry = isTelemetry(place, layout: layout)
        return Wanted(
            topic: place, partitions: isShared ? isEvents ? eventPartitions : otherPartitions : place == Topic.shards ? shards : 1,
            replication: replication,
            settings: [
                ("cleanup.policy", (isTelemetry ? telemetryCleanup : businessCleanup).rawValue),
                ("max.message.bytes", String(max(maxRecordBytes + (64 << 10), 1 << 20))),
                ("min.insync.replicas", String(minInsyncReplicas)),
                ("retention.ms", String(isTelemetry ? telemetryRetentionMs : businessRetentionMs)),
            ])
    }

    func isTelemetry(_ place: TopicName, layout: KafkaTopicLayout) -> Bool {
        guard layout == .keyed, let family = KafkaTopicLayout.families.firstIndex(where: { $0.place == place }) else {
            return RetentionClass.of(place) == .telemetry
        }
        return family < 2
    }

    func validate() throws(EventLogError) {
        for (name, value) in [("event_partitions", eventPartitions), ("other_partitions", otherPartitions)]
        where !(1...10_000).contains(value) {
            throw .badSetting(name, "is \(value), but must be within 1...10000")
        }
        guard TenantShard.counts.contains(shards), eventPartitions % shards == 0 else {
            throw .badSetting(
                "shards", "is \(shards), but must be within 1...\(TenantShard.counts.upperBound) and divide the \(eventPartitions) event_partitions")
        }
        guard (1...9).contains(replication) else { throw .badSetting("replication", "is \(replication), but must be within 1...9") }
        guard (1...replication).contains(minInsyncReplicas) else {
            throw .badSetting("min_insync_replicas", "is \(minInsyncReplicas), but must be within 1...\(replication), the replication")
        }
        for (name, value) in [("telemetry_retention_ms", telemetryRetentionMs), ("business_retention_ms", businessRetentionMs)]
        where value != -1 && value < 60_000 {
            throw .badSetting(name, "is \(value), but must be -1 or at least 60000")
        }
    }
}
