import CRdKafka
import Synchronization
import TowerStreaming

/// One consumer in a group of the brokers: it holds partitions and commits for them; reading is the readers' work, so what it
/// holds is paused.
///
/// - Concurrency: any task; one thread polls, another does what blocks.
final class GroupSession: Sendable {
    struct Holding: Sendable {
        /// The session's count when the partition came.
        var since: Int64
        /// `nil` until somebody asked.
        var committed: Int64?
    }
    private struct State {
        var held: [Partition: Holding] = [:]
        var changes: Int64 = 0
        var wasAssigned = false
        var isOver = false
        /// The brokers gave its partitions to others while it was away.
        var wasLost = false
        var lastSignMs: Int64
    }
    let group: String
    private let lead: Partition?
    private let handle: KafkaHandle
    private let thread: WorkThread
    private let state: Mutex<State>
    private let clock: @Sendable () -> Int64
    /// `nil`: it may be silent as long as it likes.
    private let sessionMs: Int64?
    private let timeoutMs: Int

    /// - Parameters:
    ///   - instance: its static name, if it has one.
    ///   - lead: the partition by which the one member of the group is chosen.
    init(
        _ configuration: KafkaConfiguration, group: String, patterns: [TopicPattern], places: [TopicName], instance: String?,
        sessionMs: Int64?, lead: Partition? = nil, clock: @escaping @Sendable () -> Int64
    ) throws(EventLogError) {
        self.group = group
        self.lead = lead
        self.clock = clock
        self.sessionMs = sessionMs
        timeoutMs = configuration.callTimeoutMs
        let brokerSessionMs = max(sessionMs.map { Int($0) } ?? configuration.sessionMs, configuration.minSessionMs)
        var settings = configuration.consumerSettings() + [
            ("group.id", group), ("partition.assignment.strategy", "cooperative-sticky"),
            ("session.timeout.ms", String(brokerSessionMs)), ("heartbeat.interval.ms", String(min(max(brokerSessionMs / 4, 1), 3000))),
            ("max.poll.interval.ms", String(max(brokerSessionMs, 300_000))),
            // It reads nothing; what slips in before the pause is small.
            ("queued.max.messages.kbytes", "64"), ("queued.min.messages", "1"), ("fetch.message.max.bytes", "1024"),
        ]
        if let instance { settings.append(("group.instance.id", instance)) }
        handle = try KafkaHandle(.consumer, settings, extra: configuration.extra) { conf in
            rd_kafka_conf_set_rebalance_cb(conf) { handle, error, partitions, opaque in
                guard let handle, let opaque else { return }
                KafkaEvents.of(opaque).rebalance(handle, error, partitions)
            }
        }
        thread = try WorkThread("kafka-group")
        state = Mutex(State(lastSignMs: clock()))
        handle.events.onRebalance { [weak self] handle, error, partitions in
            // While it is destroyed nobody is left to count, but the handle has to be answered.
            if let self { self.rebalance(handle, error, partitions) } else { rd_kafka_assign(handle, nil) }
        }
        rd_kafka_poll_set_consumer(handle.pointer)
        handle.keepUntilAssigned()
        try subscribe(patterns, places, configuration.layout)
        try startWorker("kafka-member") { [weak self] in
            while let session = self, session.poll() {}
        }
    }

    deinit { thread.stop() }

    /// Topics of their own may come later, so they are subscribed by what their names are like.
    private func subscribe(_ patterns: [TopicPattern], _ places: [TopicName], _ layout: KafkaTopicLayout) throws(EventLogError) {
        let list = rd_kafka_topic_partition_list_new(Int32(places.count + patterns.count))
        defer { rd_kafka_topic_partition_list_destroy(list) }
        var names = Set(places.map(\.rawValue))
        if layout == .perSite {
            names = Set(
                patterns.map { pattern in
                    "^" + pattern.text.map { $0 == "*" ? ".*" : $0 == "." ? "\\." : $0 == ":" ? "_" : String($0) }.joined() + "$"
                })
        }
        for name in names.sorted() { rd_kafka_topic_partition_list_add(list, name, -1) }
        let error = rd_kafka_subscribe(handle.pointer, list)
        guard error == RD_KAFKA_RESP_ERR_NO_ERROR else { throw handle.failure(error, "could not join group \(group)") }
    }

    /// False when the session is over.
    private func poll() -> Bool {
        let now = clock()
        let isSilent = state.withLock { state in
            guard !state.isOver, let sessionMs else { return false }
            return now - state.lastSignMs > sessionMs
        }
        if isSilent { end() }
        guard !state.withLock({ $0.isOver }) else { return false }
        if let message = rd_kafka_consumer_poll(handle.pointer, 50) { rd_kafka_message_destroy(message) }
        return true
    }

    private func rebalance(
        _ handle: OpaquePointer, _ error: rd_kafka_resp_err_t, _ partitions: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?
    ) {
        let isCooperative = rd_kafka_rebalance_protocol(handle).map { String(cString: $0) } == "COOPERATIVE"
        let named = partitions.map { PartitionList.entries($0).map(\.partition) } ?? []
        if error == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
            self.handle.wasAssigned()
            if let partitions {
                for index in 0..<Int(partitions.pointee.cnt) { partitions.pointee.elems[index].offset = Int64(RD_KAFKA_OFFSET_END) }
                if isCooperative {
                    rd_kafka_error_destroy(rd_kafka_incremental_assign(handle, partitions))
                } else {
                    rd_kafka_assign(handle, partitions)
                }
                rd_kafka_pause_partitions(handle, partitions)
            }
            state.withLock { state in
                state.changes += 1
                state.wasAssigned = true
                for partition in named { state.held[partition] = Holding(since: state.changes) }
            }
        } else {
            let isLost = rd_kafka_assignment_lost(handle) != 0
            state.withLock { state in
                state.changes += 1
                if let lead {
                    // Given back at once it is another membership: somebody else may have been it in between.
                    state.wasLost = state.wasLost || state.held[lead] != nil && (!isCooperative || named.contains(lead))
                } else {
                    state.wasLost = state.wasLost || isLost && state.wasAssigned
                }
                if isCooperative {
                    for partition in named { state.held[partition] = nil }
                } else {
                    state.held = [:]
                }
            }
            if isCooperative, let partitions {
                rd_kafka_error_destroy(rd_kafka_incremental_unassign(handle, partitions))
            } else {
                rd_kafka_assign(handle, nil)
            }
        }
    }

    // MARK: For the log

    var isOver: Bool { state.withLock { $0.isOver } || handle.fatal != nil }
    var wasLost: Bool { state.withLock { $0.wasLost } }

    /// The brokers have not given to others what it is a member for.
    var holdsItsPart: Bool {
        state.withLock { state in
            guard let lead else { return !state.wasLost }
            return !state.wasLost && !state.isOver && state.held[lead] != nil
        }
    }

    /// False when it had been silent for too long: then it is over.
    func sign() -> Bool {
        let now = clock()
        let isAlive = state.withLock { state in
            if state.isOver { return false }
            if let sessionMs, now - state.lastSignMs > sessionMs { return false }
            state.lastSignMs = now
            return true
        }
        if !isAlive { end() }
        return isAlive && handle.fatal == nil
    }

    /// Returns when the brokers have let it in. Throws `brokerAway`.
    func waitUntilJoined() async throws {
        let deadline = ContinuousClock.now + .milliseconds(timeoutMs)
        while !state.withLock({ $0.wasAssigned }) {
            guard !isOver else { throw stale("join") }
            if ContinuousClock.now > deadline {
                if handle.events.trouble?.isRefusal == true || !isMember {
                    throw handle.failure(RD_KAFKA_RESP_ERR__TIMED_OUT, "could not join group \(group) within \(timeoutMs) ms")
                }
                // More members than partitions: it is one all the same.
                return
            }
            try await pause(ms: 20)
        }
    }

    private var isMember: Bool {
        guard let id = rd_kafka_memberid(handle.pointer) else { return false }
        defer { rd_kafka_mem_free(handle.pointer, id) }
        return id.pointee != 0
    }

    /// What it holds, each with its committed place; partitions without one are missing in `committed`.
    func holdings() async throws -> [(partition: Partition, holding: Holding)] {
        while true {
            let (held, unknown) = state.withLock { state in
                (state.held, state.held.filter { $0.value.committed == nil }.map(\.key))
            }
            if unknown.isEmpty { return held.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }
            let committed = try await committed(unknown)
            let missing = unknown.filter { committed[$0] == nil }
            let timeoutMs = timeoutMs
            let oldest = try await thread.run { [handle] in try handle.offsets(missing, .oldest, timeoutMs: timeoutMs) }
            state.withLock { state in
                for partition in unknown where state.held[partition]?.since == held[partition]?.since {
                    state.held[partition]?.committed = committed[partition] ?? oldest[partition] ?? 0
                }
            }
        }
    }

    /// Committed places of partitions; those that have none are missing.
    func committed(_ partitions: [Partition]) async throws -> [Partition: Int64] {
        let timeoutMs = timeoutMs
        return try await thread.run { [handle, group] in try handle.committed(group, partitions, timeoutMs: timeoutMs) }
    }

    /// Commits places that `isStill` says are the caller's, asked anew for each try: while members change, the brokers take none.
    func commit(_ places: [(Partition, Int64)], isStill: @escaping @Sendable (Partition) -> Bool) async throws {
        let deadline = ContinuousClock.now + .milliseconds(timeoutMs)
        while true {
            let mine = places.filter { isStill($0.0) }
            guard !mine.isEmpty else { return }
            guard !isOver else { throw stale("commit for") }
            let error = try await thread.run { [handle] in
                PartitionList.with(mine) { list in rd_kafka_commit(handle.pointer, list.pointer, 0) }
            }
            if error == RD_KAFKA_RESP_ERR_NO_ERROR {
                state.withLock { state in
                    for (partition, offset) in mine { state.held[partition]?.committed = offset }
                }
                return
            }
            let code = EventLogError.Code.of(error)
            if error == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID { end() }
            guard code == .staleMember || code == .brokerAway, ContinuousClock.now < deadline, !isOver else {
                throw code == .staleMember ? stale("commit for") : handle.failure(error, "could not commit for group \(group)")
            }
            try await pause(ms: 50)
        }
    }

    func isHeld(_ partition: Partition, since: Int64) -> Bool { state.withLock { $0.held[partition]?.since == since } }

    func stale(_ what: String) -> EventLogError {
        EventLogError(
            .staleMember,
            "could not \(what) group \(group): this is no longer its member, because it was silent, another one joined, or the group"
                + " was moved; join again")
    }

    /// Leaves in the background.
    func end() {
        let isFirst = state.withLock { state in
            defer { state.isOver = true }
            return !state.isOver
        }
        guard isFirst else { return }
        thread.submit { [self] in rd_kafka_consumer_close(handle.pointer) }
        thread.stop()
    }

    /// Leaves and returns when the brokers know.
    func leave() async {
        let isFirst = state.withLock { state in
            defer { state.isOver = true }
            return !state.isOver
        }
        guard isFirst else { return }
        _ = try? await thread.run { [handle] in _ = rd_kafka_consumer_close(handle.pointer) }
        thread.stop()
    }

    private func pause(ms: Int) async throws { try await Task.sleep(for: .milliseconds(ms)) }
}

extension KafkaHandle {
    /// Committed places of a group; partitions that have none are missing. Blocks.
    func committed(_ group: String, _ partitions: [Partition], timeoutMs: Int) throws -> [Partition: Int64] {
        guard !partitions.isEmpty else { return [:] }
        let deadline = ContinuousClock.now + .milliseconds(timeoutMs)
        while true {
            let (error, entries) = PartitionList.with(partitions.map { ($0, Int64(RD_KAFKA_OFFSET_INVALID)) }) { list in
                let rest = max((deadline - .now) / .milliseconds(1), 1)
                return (rd_kafka_committed(pointer, list.pointer, Int32(min(rest, 600_000))), list.entries)
            }
            if error == RD_KAFKA_RESP_ERR_NO_ERROR {
                return Dictionary(
                    entries.filter { $0.offset >= 0 }.map { ($0.partition, $0.offset) }, uniquingKeysWith: { first, _ in first })
            }
            guard EventLogError.Code.of(error) == .brokerAway, ContinuousClock.now < deadline else {
                throw failure(error, "could not read the places of group \(group)")
            }
        }
    }
}
