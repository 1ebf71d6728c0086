import CRdKafka
import Synchronization
public import TowerStreaming

/// The event log on Kafka or anything that speaks its protocol (Redpanda), over librdkafka.
///
/// - Durability: `append` returns when `acks=all` came: as many copies as `min.insync.replicas` says have the records. An append
///   that throws may have left some of its records, or all; whoever repeats it writes those twice (`event_id` tells).
/// - Order: records of a logical topic keep the order of the calls; there is no order over partitions, so cursors have `parts`.
/// - Memory: bounded by `maxPendingBytes`, and `prefetchBytes` for each partition of each reader.
/// - Concurrency: any number of tasks. What blocks runs on threads of its own.
public final class KafkaLog: EventLog {
    struct State {
        var producer: KafkaProducer?
        var isClosed = false
        /// The last end that was heard of, for when nobody answers.
        var end = LogCursor.start
        var partitions: [[TopicPattern]: (revision: Int64, partitions: [Partition])] = [:]
    }
    public let configuration: KafkaConfiguration
    let clock: @Sendable () -> Int64
    let control: KafkaHandle
    let directory: TopicDirectory
    let calls: WorkThread
    let readers: ReaderPool
    /// For looks at single places, where order over partitions does not matter.
    let lookers: ReaderPool
    let budget: AppendBudget
    let state: Mutex<State>
    let members: GroupMembers
    /// Of the schema that values of events are framed with; 0 while they are written plain.
    let schemaID = Atomic<Int32>(0)

    /// Does not wait for the brokers: a log may be opened while they are away.
    ///
    /// - Parameter clock: milliseconds since the epoch; the time of the records.
    /// - Throws: `badSetting` with the setting's name.
    public init(_ configuration: KafkaConfiguration, clock: @escaping @Sendable () -> Int64) throws(EventLogError) {
        try configuration.validate()
        self.configuration = configuration
        self.clock = clock
        // Where brokers create topics by themselves, asking for one has to be allowed to.
        control = try KafkaHandle(
            .consumer, configuration.consumerSettings() + [("allow.auto.create.topics", "true")], extra: configuration.extra)
        directory = TopicDirectory(control, configuration)
        calls = try WorkThread("kafka-calls")
        readers = ReaderPool(configuration, isOrdered: configuration.readsInOrderOfTime)
        lookers = configuration.readsInOrderOfTime ? ReaderPool(configuration, isOrdered: false) : readers
        budget = AppendBudget(maxBytes: configuration.maxPendingBytes, maxRecords: configuration.maxPendingRecords)
        members = GroupMembers()
        state = Mutex(State(producer: try KafkaProducer(configuration, directory)))
    }

    deinit {
        state.withLock { $0.producer?.stop() }
        calls.stop()
    }

    /// From now on values of events are written behind the frame of this schema. Readers take both, here and then.
    public func frameValues(with schemaID: Int32) { self.schemaID.store(schemaID, ordering: .releasing) }

    public func place(of topic: TopicName) -> TopicName { configuration.layout.place(of: topic) }

    public var takesTurns: Bool { configuration.electsSingleMembers }

    /// Bytes and records that wait for their acknowledgement.
    public var pending: (bytes: Int, records: Int) { budget.pending }

    func checkOpen() throws(EventLogError) {
        if state.withLock({ $0.isClosed }) { throw .kafkaClosed }
    }

    public func close() async throws {
        let isFirst = state.withLock { state in
            defer { state.isClosed = true }
            return !state.isClosed
        }
        guard isFirst else { return }
        await budget.close()
        state.withLock { state in
            state.producer?.stop()
            state.producer = nil
        }
        await members.close()
        await readers.close()
        await lookers.close()
        calls.stop()
    }
}
