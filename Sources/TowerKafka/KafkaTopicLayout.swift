public import TowerStreaming

/// How the logical topics of the house lie in a broker's topics.
///
/// - The logical name of a record travels in the header `towerco-topic` wherever the broker's topic does not say it.
/// - Order: all records of a logical topic are in one partition, so they keep their order in both layouts.
public enum KafkaTopicLayout: String, Sendable, CaseIterable, Codable {
    /// A handful of broker topics, each with many keys: `towerco.sites.events` and so on.
    case keyed
    /// A broker topic for each logical one: for small fleets.
    case perSite = "per-site"

    /// The header with the logical topic.
    public static let header = "towerco-topic"
    /// The header with a record's place among all that its producer wrote, 8 bytes, highest first: a body of events has one time, and
    /// this is their order over partitions.
    public static let orderHeader = "towerco-order"

    /// The header by which the door says whose event it is.
    static let tenantHeader = "tenant"

    /// A family of logical topics that share one broker topic: everything between `head` and `tail` is the variable part.
    struct Family: Sendable {
        var head: String
        var tail: String
        var place: TopicName

        /// The site or tenant in the name, or `nil` where the name is of another family.
        func variable(of topic: TopicName) -> Substring? {
            let name = topic.rawValue
            guard name.utf8.count > head.utf8.count + tail.utf8.count, name.hasPrefix(head), name.hasSuffix(tail) else { return nil }
            return name.dropFirst(head.count).dropLast(tail.count)
        }
    }

    static let families: [Family] = [
        Family(head: "towerco.sites.", tail: ".events", place: TopicName("towerco.sites.events")),
        Family(head: "towerco.kpis.", tail: ".metrics", place: TopicName("towerco.kpis.metrics")),
        Family(head: "towerco.alerts.", tail: ".notifications", place: TopicName("towerco.alerts.notifications")),
        Family(head: "towerco.incidents.", tail: ".lifecycle", place: TopicName("towerco.incidents.lifecycle")),
        Family(head: "towerco.notifications.", tail: ".routes", place: TopicName("towerco.notifications.routes")),
        Family(head: "towerco.dead-letters.", tail: "", place: TopicName("towerco.dead-letters")),
        Family(head: "towerco.dead-letter-outcomes.", tail: "", place: TopicName("towerco.dead-letter-outcomes")),
    ]

    /// The broker topics that the keyed layout always has.
    public static let keyedTopics: [TopicName] = families.map(\.place) + [Topic.audit, Topic.heartbeat]

    /// The broker's topic of a logical one. Kafka's alphabet has no `:`; it becomes `_`, and the header keeps the name.
    public func place(of topic: TopicName) -> TopicName {
        if self == .keyed, let family = Self.families.first(where: { $0.variable(of: topic) != nil }) { return family.place }
        guard topic.rawValue.utf8.contains(UInt8(ascii: ":")) else { return topic }
        return TopicName(String(topic.rawValue.map { $0 == ":" ? "_" : $0 }))
    }

    /// Topics of the broker whose values may be framed: those of events. What lies elsewhere may begin with any byte.
    static let framedFamilies = families.prefix(4)

    /// Whether values of a topic, the broker's or a logical one, are events.
    static func holdsEvents(_ topic: TopicName) -> Bool {
        framedFamilies.contains { $0.place == topic || $0.variable(of: topic) != nil }
    }

    /// The broker topics of events in the keyed layout; what they hold is named after them in a registry, `TOPIC-value`.
    public static let eventTopics: [TopicName] = framedFamilies.map(\.place)

    /// What decides the partition: the site of an events topic, the tenant of the others, nothing for a topic of its own.
    ///
    /// An events record's key is its site, so any client that hashes the key as Kafka's own does meets the same partition.
    static func partitionKey(of topic: TopicName) -> Substring? {
        families.lazy.compactMap { $0.variable(of: topic) }.first
    }

    /// The partition of a logical topic among `count`.
    public static func partition(of topic: TopicName, count: Int32) -> Int32 {
        guard count > 1, var key = partitionKey(of: topic).map(String.init) else { return 0 }
        return key.withUTF8 { Murmur2.partition(of: UnsafeRawBufferPointer($0), count: count) }
    }

    /// Broker topics whose partitions are of shards of the tenants: the number of a partition modulo that of the shards is its shard.
    /// Dead letters are not among them, because some are of no tenant that is known.
    static let dealt: Set<TopicName> = Set(families.prefix(4).map(\.place))

    /// The partition of a tenant's site in the topic of site events, where tenants are dealt out to `shards`. `count` is at least that.
    public static func partition(of topic: TopicName, tenant: String, count: Int32, shards: Int32) -> Int32 {
        var tenant = tenant
        let shard = tenant.withUTF8 { TenantShard.number(ofTenant: UnsafeRawBufferPointer($0), count: shards) }
        return shard + shards * partition(of: topic, count: count / shards)
    }

    /// Whether records of logical topics that match `pattern` may lie in the broker's topic `place`.
    public func mayHold(_ place: TopicName, _ pattern: TopicPattern) -> Bool {
        if self == .keyed, let family = Self.families.first(where: { $0.place == place }) {
            return Self.mayMatch(pattern, family) || pattern.matches(place)
        }
        let plain = pattern.text.utf8.contains(UInt8(ascii: ":")) ? pattern.text.map { $0 == ":" ? "_" : String($0) }.joined() : pattern.text
        return TopicPattern(plain).matches(place)
    }

    /// Whether any name of the family can match: the fixed texts of both must agree from either end.
    private static func mayMatch(_ pattern: TopicPattern, _ family: Family) -> Bool {
        guard let star = pattern.text.firstIndex(of: "*") else { return family.variable(of: TopicName(pattern.text)) != nil }
        let head = pattern.text[..<star]
        let tail = pattern.text[pattern.text.index(after: star)...]
        let headsAgree = head.hasPrefix(family.head) || family.head.hasPrefix(head)
        let tailsAgree = tail.hasSuffix(family.tail) || family.tail.hasSuffix(tail)
        return headsAgree && tailsAgree
    }
}
