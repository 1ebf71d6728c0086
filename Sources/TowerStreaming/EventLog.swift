/// A named log. Kafka's alphabet plus `:`, 1 to 249 characters; the logical names are in `Topic`.
public struct TopicName: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
    public init(_ text: String) { self.rawValue = text }
    public var description: String { rawValue }
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// The logical topics (ADR-001).
public enum Topic {
    public static func siteEvents(site: String) -> TopicName { TopicName("towerco.sites.\(site).events") }
    public static func kpis(tenant: String) -> TopicName { TopicName("towerco.kpis.\(tenant).metrics") }
    public static func alerts(tenant: String) -> TopicName { TopicName("towerco.alerts.\(tenant).notifications") }
    public static func incidents(tenant: String) -> TopicName { TopicName("towerco.incidents.\(tenant).lifecycle") }
    /// Who is told what: the notification routes of a tenant, as they were saved and deleted.
    public static func routes(tenant: String) -> TopicName { TopicName("towerco.notifications.\(tenant).routes") }
    public static func deadLetters(tenant: String) -> TopicName { TopicName("towerco.dead-letters.\(tenant)") }
    /// Beside them: which of them were sent again.
    public static func deadLetterOutcomes(tenant: String) -> TopicName { TopicName("towerco.dead-letter-outcomes.\(tenant)") }
    public static let audit = TopicName("towerco.platform.audit")
    /// One small record every few seconds, so that event-time deadlines pass while every site is silent and a replay
    /// sees the same instants.
    public static let heartbeat = TopicName("towerco.platform.heartbeat")
    /// Holds no record: its partitions are the shards of the tenants, and who is given one of them in a group's assignment runs that
    /// shard (ADR-041).
    public static let shards = TopicName("towerco.platform.shards")
    /// The platform's own probes, one a tenant every few seconds, taken in by the door like any event (ADR-031). A topic of their
    /// own, so that neither the engine nor a KPI nor a fleet ever meets one.
    public static let canary = TopicName("towerco.platform.canary")
}

/// Which topics a reader wants. `*` stands for any characters, also dots; there is at most one.
public struct TopicPattern: Hashable, Sendable, CustomStringConvertible {
    public let text: String
    public init(_ text: String) { self.text = text }
    public var description: String { text }

    public static let siteEvents = TopicPattern("towerco.sites.*.events")
    public static let incidents = TopicPattern("towerco.incidents.*.lifecycle")
    public static let alerts = TopicPattern("towerco.alerts.*.notifications")
    public static let kpis = TopicPattern("towerco.kpis.*.metrics")
    public static let routes = TopicPattern("towerco.notifications.*.routes")
    public static let deadLetters = TopicPattern("towerco.dead-letters.*")
    public static let deadLetterOutcomes = TopicPattern("towerco.dead-letter-outcomes.*")

    public func matches(_ topic: TopicName) -> Bool {
        guard let star = text.firstIndex(of: "*") else { return text == topic.rawValue }
        let head = text[..<star]
        let tail = text[text.index(after: star)...]
        return topic.rawValue.utf8.count >= head.utf8.count + tail.utf8.count && topic.rawValue.hasPrefix(head)
            && topic.rawValue.hasSuffix(tail)
    }
}

/// What governs how long records are kept.
public enum RetentionClass: String, Sendable, Codable, CaseIterable {
    /// 7 days unless configured otherwise.
    case telemetry
    /// Kept.
    case business

    public static func of(_ topic: TopicName) -> RetentionClass {
        TopicPattern.siteEvents.matches(topic) || TopicPattern.kpis.matches(topic) || topic == Topic.heartbeat
            || topic == Topic.canary ? .telemetry : .business
    }
}

/// One record to append. `value` is the event's own JSON.
public struct Record: Sendable, Equatable {
    public struct Header: Sendable, Equatable {
        public var name: String
        public var value: [UInt8]
        public init(_ name: String, _ value: [UInt8]) {
            self.name = name
            self.value = value
        }
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = Array(value.utf8)
        }
    }
    public var topic: TopicName
    public var key: [UInt8]?
    public var value: [UInt8]
    public var headers: [Header]
    public init(topic: TopicName, key: [UInt8]?, value: [UInt8], headers: [Header] = []) {
        self.topic = topic
        self.key = key
        self.value = value
        self.headers = headers
    }
    public func header(_ name: String) -> String? {
        headers.first { $0.name == name }.map { String(decoding: $0.value, as: UTF8.self) }
    }
}

/// A record with the place it was given.
public struct StoredRecord: Sendable, Equatable {
    public var record: Record
    /// Position in its topic-partition, from 0, without holes at the time of writing.
    public var offset: Int64
    /// Position in arrival order over the whole log. Where a log has no such order (a broker's partitions), the place in
    /// its reader's: a reader that has read it stands at `sequence + 1`.
    public var sequence: Int64
    /// Append time, milliseconds since the epoch; never falls inside a topic.
    public var timestampMs: Int64
    public init(record: Record, offset: Int64, sequence: Int64, timestampMs: Int64) {
        self.record = record
        self.offset = offset
        self.sequence = sequence
        self.timestampMs = timestampMs
    }
}

/// A piece of the log in arrival order, and where to go on. `next` moves also over records that did not match.
public struct LogSlice: Sendable {
    public var records: [StoredRecord]
    public var next: LogCursor
    public init(records: [StoredRecord], next: LogCursor) {
        self.records = records
        self.next = next
    }
}

public struct TopicDescription: Sendable, Equatable {
    public var topic: TopicName
    public var partitions: Int
    public var retention: RetentionClass
    /// Oldest readable offset, and the next one to be given (the high watermark).
    public var startOffset: Int64
    public var endOffset: Int64
    public var bytes: Int64
    public var firstTimestampMs: Int64?
    public var lastTimestampMs: Int64?
    public init(
        topic: TopicName, partitions: Int, retention: RetentionClass, startOffset: Int64, endOffset: Int64, bytes: Int64,
        firstTimestampMs: Int64?, lastTimestampMs: Int64?
    ) {
        self.topic = topic
        self.partitions = partitions
        self.retention = retention
        self.startOffset = startOffset
        self.endOffset = endOffset
        self.bytes = bytes
        self.firstTimestampMs = firstTimestampMs
        self.lastTimestampMs = lastTimestampMs
    }
}

/// A consumer group as the log sees it. `committed` is the next record to read.
public struct GroupDescription: Sendable, Equatable {
    public var group: String
    public var patterns: [TopicPattern]
    public var committed: LogCursor
    /// Records of its topics not yet read.
    public var offsetLag: Int64
    /// Age of the oldest unread record against the newest record, milliseconds.
    public var timeLagMs: Int64
    public var members: Int
    public var epoch: Int64
    /// Nothing is read for it until it is resumed.
    public var isPaused: Bool
    /// Who shares it; empty for a group with a single member.
    public var shares: [GroupShare]
    public init(
        group: String, patterns: [TopicPattern], committed: LogCursor, offsetLag: Int64, timeLagMs: Int64, members: Int, epoch: Int64,
        isPaused: Bool = false, shares: [GroupShare] = []
    ) {
        self.group = group
        self.patterns = patterns
        self.committed = committed
        self.offsetLag = offsetLag
        self.timeLagMs = timeLagMs
        self.members = members
        self.epoch = epoch
        self.isPaused = isPaused
        self.shares = shares
    }
}

/// A member of a shared group and the slots it reads.
public struct GroupShare: Sendable, Hashable {
    public var member: String
    public var slots: [GroupSlot]
    public init(member: String, slots: [GroupSlot]) {
        self.member = member
        self.slots = slots
    }
}

/// A member's right to commit for its group. A newer member's epoch fences the older one.
public struct GroupMembership: Sendable, Hashable {
    public var group: String
    public var epoch: Int64
    public var committed: LogCursor
    public init(group: String, epoch: Int64, committed: LogCursor) {
        self.group = group
        self.epoch = epoch
        self.committed = committed
    }
}

/// The ordered log that is the source of truth. Two homes: the journal on one machine, Kafka beyond.
///
/// - Durability: `append` returns when the records survive a power cut, or throws and promises nothing.
/// - Order: records of one topic keep the order of the calls; `sequence` orders all of them.
/// - Errors: `EventLogError`; `isRetriable` tells whether the same call may succeed later.
/// - Concurrency: any number of tasks; calls may wait on I/O.
public protocol EventLog: Sendable {
    /// Appends all records as one unit (all or none after a crash). Returns their offsets, in order.
    /// An unknown topic is created.
    func append(_ records: [Record]) async throws -> [StoredPosition]
    /// The same for records that lie in one piece of memory; has a default that takes them apart.
    func append(_ block: RecordBlock) async throws -> [StoredPosition]

    /// Records of one topic from `offset` on, until `maxBytes` of values (at least one record if there is any).
    /// An offset before the start answers from the start; one at or past the end answers nothing. Throws `unknownTopic`.
    func fetch(topic: TopicName, from offset: Int64, maxBytes: Int) async throws -> [StoredRecord]

    /// Records of every topic that matches one of `patterns`, in arrival order, from `cursor` on (at least one if there is any).
    func fetch(matching patterns: [TopicPattern], from cursor: LogCursor, maxRecords: Int, maxBytes: Int) async throws -> LogSlice

    /// The same in one piece of memory; has a default that copies. A block holds at most 2 GiB.
    func fetchBlock(matching patterns: [TopicPattern], from cursor: LogCursor, maxRecords: Int, maxBytes: Int) async throws
        -> LogBlock

    /// Records before `cursor` in falling order, for "newest first" views. `next` of the slice is the `before` to go on with;
    /// it is `start` when the beginning was reached. Looks at `maxScanned` records at most, so it may answer none and still go on.
    func fetchBackward(matching patterns: [TopicPattern], before cursor: LogCursor, maxRecords: Int, maxScanned: Int) async throws
        -> LogSlice

    /// Returns when a record at or after `cursor` exists, or on cancellation (without an error: look at `Task.isCancelled`).
    /// Throws `closed` or `fenced` when no record will come any more.
    func waitForRecords(at cursor: LogCursor) async throws

    /// Where the log keeps a topic's records: the name by which cursors and positions know it. The topic itself, but for a broker.
    func place(of topic: TopicName) -> TopicName

    /// First cursor whose records were appended at or after that time; the end when there is none.
    func cursor(atOrAfterMs timestampMs: Int64) async throws -> LogCursor
    /// First offset of a topic appended at or after that time; its end when there is none.
    func offset(topic: TopicName, atOrAfterMs timestampMs: Int64) async throws -> Int64

    /// Where the next record will go.
    func end() async -> LogCursor
    func topics(matching pattern: TopicPattern?) async throws -> [TopicDescription]
    /// Does nothing when the topic exists. Throws `badTopicName`.
    func createTopic(_ topic: TopicName) async throws
    /// Forgets a topic and its records. Offsets are not promised to begin at 0 if it is created again. Throws `unknownTopic`.
    func deleteTopic(_ topic: TopicName) async throws

    /// A single member waits in `join` until no other process is the group's member, instead of fencing it. One that lost its
    /// place joins again.
    var takesTurns: Bool { get }
    /// Joins as the group's member, fencing whoever was it before.
    func join(group: String, patterns: [TopicPattern]) async throws -> GroupMembership
    /// Stores the group's position, durably. Throws `staleMember` when a newer member joined or the group was moved by `seek`.
    func commit(_ membership: GroupMembership, cursor: LogCursor) async throws
    /// Does nothing when the member was fenced already.
    func leave(_ membership: GroupMembership) async throws
    /// Moves a group's position without membership (operations: `towerco groups seek`). Fences the members. Throws
    /// `unknownGroup`.
    func seek(group: String, to cursor: LogCursor) async throws
    func groups() async throws -> [GroupDescription]

    /// Pauses or resumes a group, durably. Its members stay, what they read before may be committed, and they get nothing new:
    /// a single member waits in `standBy`, one of several sees it in its assignment. Throws `unknownGroup`.
    func setPaused(group: String, _ isPaused: Bool) async throws
    /// Returns when the member may read on: at once, or after its group was resumed; on cancellation too (look at
    /// `Task.isCancelled`). Throws `staleMember` when it was fenced.
    func standBy(_ membership: GroupMembership) async throws

    /// Joins as one of several members, which share the topics by slots (`GroupSlots`). The same name joining again takes over.
    /// A member that calls neither `assignment` nor `commit` for `sessionMs` by the log's clock is none any more.
    func join(group: String, patterns: [TopicPattern], member: String, sessionMs: Int64) async throws -> GroupMember
    /// What the member has to read now; its sign of life. Throws `staleMember` when it is none any more.
    func assignment(of member: GroupMember) async throws -> GroupAssignment
    /// Stores positions of slots, durably; never backwards. Those that moved to another member have no effect, which the
    /// answer shows. Throws `staleMember`.
    func commit(_ member: GroupMember, slots: [GroupSlot]) async throws -> GroupAssignment
    /// Records of the given slots only, each from its own position on; other than that as `fetch`. Has a default for logs with
    /// one order. `next` of the slice is for `GroupSlot.advanced`.
    func fetch(matching patterns: [TopicPattern], slots: [GroupSlot], maxRecords: Int, maxBytes: Int) async throws -> LogSlice
    /// Gives its slots to the others. Does nothing when the member was fenced already.
    func leave(_ member: GroupMember) async throws

    /// Waits for what is in flight, then refuses everything.
    func close() async throws
}

/// Where `append` put a record. Offset and sequence are -1 while a spool holds it: the broker has yet to give them.
public struct StoredPosition: Sendable, Hashable {
    public var offset: Int64
    /// -1 where the log has no order over all topics (a broker): there ask `LogCursor.covers`.
    public var sequence: Int64
    public var timestampMs: Int64
    /// The partition of the topic that `EventLog.place(of:)` names.
    public var partition: Int32
    public init(offset: Int64, sequence: Int64, timestampMs: Int64, partition: Int32 = 0) {
        self.offset = offset
        self.sequence = sequence
        self.timestampMs = timestampMs
        self.partition = partition
    }
}

/// What went wrong with the log: `code` to branch on, `message` for people.
public struct EventLogError: Error, Sendable, CustomStringConvertible {
    /// Add codes freely; never reuse a retired name.
    public struct Code: Hashable, Sendable {
        public let name: String
        public static let diskFull = Code(name: "log.disk_full")
        /// A sync or write failed: nothing more is acknowledged; restart to reopen and verify.
        public static let fenced = Code(name: "log.fenced")
        /// Too many bytes wait for their sync; try again shortly.
        public static let overloaded = Code(name: "log.overloaded")
        public static let closed = Code(name: "log.closed")
        public static let unknownTopic = Code(name: "log.unknown_topic")
        public static let recordTooLarge = Code(name: "log.record_too_large")
        public static let badTopicName = Code(name: "log.bad_topic_name")
        /// Another member of the group joined later.
        public static let staleMember = Code(name: "log.stale_member")
        public static let unknownGroup = Code(name: "log.unknown_group")
        public static let badGroup = Code(name: "log.bad_group")
        public static let tooManyGroups = Code(name: "log.too_many_groups")
        public static let tooManyTopics = Code(name: "log.too_many_topics")
        public static let corrupt = Code(name: "log.corrupt")
        public static let io = Code(name: "log.io")
        public static let locked = Code(name: "log.locked")
        /// No broker answers, or none may take it now; the same call may succeed later.
        public static let brokerAway = Code(name: "log.broker_away")
        /// The brokers do not let this process in, or it does not trust them: user, password, certificate, TLS. Somebody has to act;
        /// then the same call succeeds.
        public static let loginRefused = Code(name: "log.login_refused")
        /// The broker refuses what these credentials may do.
        public static let notAuthorised = Code(name: "log.not_authorised")
        /// The group has members elsewhere, so it cannot be moved.
        public static let groupBusy = Code(name: "log.group_busy")
        public static let badSetting = Code(name: "log.bad_setting")
        /// This log cannot do that.
        public static let unsupported = Code(name: "log.unsupported")
    }
    public var code: Code
    public var message: String
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
    public var isRetriable: Bool { [.diskFull, .overloaded, .brokerAway, .loginRefused, .spoolFull].contains(code) }
    public var description: String { "\(message) (\(code.name))" }
}
