import CRdKafka
import Synchronization
import TowerStreaming

/// The idempotent producer: hands blocks to librdkafka and counts their deliveries on one thread of its own.
///
/// - Order: `produce` runs one at a time, so records of a partition lie in the order of the calls, and times never fall.
final class KafkaProducer: Sendable {
    /// Where a logical topic goes.
    private struct Route {
        /// Index in `topics`.
        var topic: Int32
        var partition: Int32
        /// Of site events where tenants are dealt out: which of a shard's partitions; else -1.
        var inShard: Int32 = -1
        /// The broker's topic does not say the name.
        var needsName: Bool
    }

    private struct State {
        var lastMs = Int64.min
        /// Records handed over since the start.
        var order: UInt64 = 0
        /// Logical names, and by their number the way.
        var names = NameTable()
        var routes: [Route] = []
        var topics: [OpaquePointer?] = []
        var topicOf: [TopicName: Int32] = [:]
        var directoryRevision: Int64 = -1
    }
    let handle: KafkaHandle
    private let state: Mutex<State>
    private let directory: TopicDirectory
    private let layout: KafkaTopicLayout
    private let shards: Int32
    private let isStopped = Atomic(false)

    init(_ configuration: KafkaConfiguration, _ directory: TopicDirectory) throws(EventLogError) {
        handle = try KafkaHandle(.producer, configuration.producerSettings(), extra: configuration.extra) {
            crdk_conf_count_deliveries($0)
        }
        self.directory = directory
        layout = configuration.layout
        shards = configuration.topics.shards
        state = Mutex(State())
        // The thread holds the producer until `stop`; its handle goes last.
        try startWorker("kafka-deliver") { [self] in
            while !isStopped.load(ordering: .acquiring) { rd_kafka_poll(handle.pointer, 100) }
            // What was purged or came in the meantime is still counted: somebody waits for it.
            let deadline = ContinuousClock.now + .seconds(60)
            while rd_kafka_outq_len(handle.pointer) > 0, ContinuousClock.now < deadline { rd_kafka_poll(handle.pointer, 100) }
        }
    }

    deinit {
        state.withLock { state in
            for topic in state.topics { rd_kafka_topic_destroy(topic) }
        }
    }

    /// Gives up what waits, so that every append of this producer ends, and lets the thread go.
    func stop() {
        rd_kafka_purge(handle.pointer, Int32(RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT))
        isStopped.store(true, ordering: .releasing)
    }

    /// Topics of the block that the brokers are not known to have; they must exist before `produce`.
    func missing(_ block: RecordBlock) -> Set<TopicName> {
        state.withLock { state in
            refresh(&state)
            var missing: Set<TopicName> = []
            for topic in 0..<block.topicCount where route(block, topic, &state) == nil {
                missing.insert(layout.place(of: block.topic(topic)))
            }
            return missing
        }
    }

    /// Hands the block over and returns when all of it is delivered.
    ///
    /// - Parameter clock: milliseconds since the epoch.
    func produce(_ block: RecordBlock, bytes: Int, budget: AppendBudget, clock: () -> Int64) async throws -> [StoredPosition] {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<[StoredPosition], any Error>) in
            let refusal = state.withLock { state -> EventLogError? in
                refresh(&state)
                state.lastMs = max(clock(), state.lastMs)
                guard let records = records(block, &state) else {
                    return EventLogError(.unknownTopic, "could not append: a topic vanished meanwhile; try again")
                }
                let ticket = AppendTicket(
                    count: block.count, bytes: bytes, timestampMs: state.lastMs, budget: budget, handle: handle, continuation)
                defer { state.order += UInt64(records.count) }
                return hand(block, records, ticket, state)
            }
            if let refusal {
                budget.giveBack(bytes: bytes, records: block.count)
                continuation.resume(throwing: refusal)
            }
        }
    }

    private func hand(_ block: RecordBlock, _ records: [crdk_record], _ ticket: AppendTicket, _ state: State) -> EventLogError? {
        let context = Unmanaged.passRetained(ticket)
        guard let batch = crdk_batch_new(
            UInt32(block.count), block.bytes.count + block.ownKeys.count, AppendTicket.done, context.toOpaque()),
            let room = crdk_batch_bytes(batch)
        else {
            context.release()
            return EventLogError(.overloaded, "could not append \(block.count) records: no memory; try again shortly")
        }
        var filled = 0
        for part in [block.bytes, block.ownKeys] {
            part.withUnsafeBytes { bytes in
                if let base = bytes.baseAddress { UnsafeMutableRawPointer(room + filled).copyMemory(from: base, byteCount: bytes.count) }
            }
            filled += part.count
        }
        let sets = (0..<block.headerSetCount).map { Self.headers(block, $0) }
        defer { for set in sets { rd_kafka_headers_destroy(set) } }
        block.topicNames.withUnsafeBytes { names in
            let names = names.baseAddress?.assumingMemoryBound(to: CChar.self)
            crdk_produce(
                handle.pointer, batch, state.topics, records, UInt32(records.count), sets, names, KafkaTopicLayout.header,
                KafkaTopicLayout.orderHeader, state.order, ticket.timestampMs)
        }
        return nil
    }

    /// `nil` when a topic has no way.
    private func records(_ block: RecordBlock, _ state: inout State) -> [crdk_record]? {
        var routes: [Route] = []
        routes.reserveCapacity(block.topicCount)
        for topic in 0..<block.topicCount {
            guard let route = route(block, topic, &state) else { return nil }
            routes.append(route)
        }
        let shardOfSet = shards > 1 ? (0..<block.headerSetCount).map { shard(block, $0) } : []
        return block.entries.map { entry in
            let route = routes[Int(entry.topic)]
            // Without a tenant it goes where any other client would put it; its shard's reader brings it where it belongs.
            let shard = route.inShard >= 0 && entry.headers >= 0 ? shardOfSet[Int(entry.headers)] : -1
            let partition = shard >= 0 ? shard + shards * route.inShard : route.partition
            let name = block.topicRange(Int(entry.topic))
            return crdk_record(
                topic: route.topic, partition: partition, key_start: entry.keyStart < 0 ? 0 : UInt32(entry.keyStart),
                key_count: entry.keyStart < 0 ? -1 : entry.keyEnd - entry.keyStart, value_start: UInt32(entry.valueStart),
                value_count: UInt32(entry.valueEnd - entry.valueStart), headers: entry.headers, name_start: UInt32(name.lowerBound),
                name_count: route.needsName ? UInt32(name.count) : 0)
        }
    }

    /// Partitions that were added change the ways.
    private func refresh(_ state: inout State) {
        let revision = directory.revision
        guard revision != state.directoryRevision || state.names.isFull else { return }
        state.directoryRevision = revision
        state.names = NameTable()
        state.routes = []
    }

    private func route(_ block: RecordBlock, _ topic: Int, _ state: inout State) -> Route? {
        let (number, isNew) = block.topicNames.withUnsafeBytes { names in
            state.names.number(UnsafeRawBufferPointer(rebasing: names[block.topicRange(topic)]))
        }
        guard isNew else {
            let known = state.routes[number]
            return known.topic < 0 ? nil : known
        }
        let name = block.topic(topic)
        let place = layout.place(of: name)
        guard let partitions = directory.partitions(of: place), let index = topicIndex(place, &state) else {
            // Remembered as missing until the list of topics changes.
            state.routes.append(Route(topic: -1, partition: 0, needsName: false))
            return nil
        }
        var route = Route(topic: index, partition: KafkaTopicLayout.partition(of: name, count: partitions), needsName: place != name)
        if shards > 1, place == KafkaTopicLayout.families[0].place, partitions >= shards {
            route.inShard = KafkaTopicLayout.partition(of: name, count: partitions / shards)
        }
        state.routes.append(route)
        return route
    }

    /// The shard of the tenant that a set of headers names first; -1 where it names none.
    private func shard(_ block: RecordBlock, _ set: Int) -> Int32 {
        var shard: Int32 = -1
        block.forEachHeader(set) { bytes, name, value in
            guard shard < 0, bytes[name].elementsEqual(KafkaTopicLayout.tenantHeader.utf8) else { return }
            shard = TenantShard.number(ofTenant: UnsafeRawBufferPointer(rebasing: bytes[value]), count: shards)
        }
        return shard
    }

    private func topicIndex(_ place: TopicName, _ state: inout State) -> Int32? {
        if let known = state.topicOf[place] { return known }
        guard let topic = rd_kafka_topic_new(handle.pointer, place.rawValue, nil) else { return nil }
        let index = Int32(state.topics.count)
        state.topics.append(topic)
        state.topicOf[place] = index
        return index
    }

    private static func headers(_ block: RecordBlock, _ set: Int) -> OpaquePointer? {
        let headers = rd_kafka_headers_new(8)
        block.forEachHeader(set) { bytes, name, value in
            // A null value is another thing than an empty one; both lie in memory that is there, so there is always an address.
            guard let base = bytes.baseAddress else { return }
            _ = rd_kafka_header_add(
                headers, (base + name.lowerBound).assumingMemoryBound(to: CChar.self), name.count, base + value.lowerBound, value.count)
        }
        return headers
    }
}
