public import Logging
public import TowerModel
public import TowerNotify
public import TowerStreaming

/// Brings deliveries to their targets beside the group, and writes what became of them.
///
/// - Order: the messages of a route go one after the other, so that nobody reads that it is over before that it began. Routes do
///   not wait for each other: a dead endpoint holds up its own only.
/// - Bounds: so many deliveries wait, of a route and in all, what is beyond fails as `outbox.full`; so many are on their way at a
///   time; a delivery that is older than `ageSecondsMax` when its turn comes fails as `outbox.expired`, because nobody is to be
///   woken for yesterday.
/// - Crash: what was sent and not yet written is sent once more by the next process, under the same id: at most one message a
///   route and `atOnceMax` in all.
/// - Stop: nothing is sent twice.
public actor NotificationOutbox {
    public struct Configuration: Sendable {
        public var pendingMax: Int
        /// Of one route: a dead endpoint does not take the room of the others.
        public var routePendingMax: Int
        public var atOnceMax: Int
        public var ageSecondsMax: Double
        public var retry: RetryPolicy
        public init(
            pendingMax: Int = 10_000, routePendingMax: Int = 500, atOnceMax: Int = 16, ageSecondsMax: Double = 6 * 3600,
            retry: RetryPolicy = RetryPolicy()
        ) {
            self.pendingMax = pendingMax
            self.routePendingMax = routePendingMax
            self.atOnceMax = atOnceMax
            self.ageSecondsMax = ageSecondsMax
            self.retry = retry
        }
    }

    /// A delivery that is over, for counters.
    public struct Finished: Sendable {
        public var channel: NotificationTarget.Channel
        public var isSent: Bool
        public var deliveryID: EventID
        public var reason: String?
        public var attempts: Int
        /// From the decision to the outcome.
        public var seconds: Double
        /// From its turn to the outcome.
        public var sendingSeconds: Double
        /// The group's span that decided it, where the request that caused it was traced.
        public var trace: TraceContext?
    }

    /// Reason of what was too old at its turn.
    public static let expired = "outbox.expired"

    private struct Lane: Hashable {
        var tenant: TenantID
        var route: EventID
    }

    private let log: any EventLog
    private let sender: any NotificationSending
    private let configuration: Configuration
    private let clock: @Sendable () -> Timestamp
    private let time: PipelineTime
    private let logger: Logger
    private let observe: @Sendable (Finished) -> Void
    private let noteWaiting: @Sendable (Int) -> Void

    /// What waits, by route; a lane that is here is being emptied.
    private var lanes: [Lane: [NotificationDelivery]] = [:]
    private var known: Set<EventID> = []
    private var onTheirWay = 0
    private var waiters: [CheckedContinuation<Void, Never>] = []
    private let begun: AsyncStream<Lane>
    private let begin: AsyncStream<Lane>.Continuation

    /// - Parameter clock: for outcomes' instants and ages.
    public init(
        log: any EventLog, sender: any NotificationSending, configuration: Configuration = Configuration(),
        clock: @escaping @Sendable () -> Timestamp, time: PipelineTime = .system,
        logger: Logger = Logger(label: "towerco.notify"), observe: @escaping @Sendable (Finished) -> Void = { _ in },
        noteWaiting: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
        self.noteWaiting = noteWaiting
        self.log = log
        self.sender = sender
        self.configuration = configuration
        self.clock = clock
        self.time = time
        self.logger = logger
        self.observe = observe
        (begun, begin) = AsyncStream.makeStream()
    }

    /// Deliveries without an outcome.
    public var pending: Int { known.count }

    /// Takes deliveries; those it has already are passed over. Never waits for anything to arrive.
    public func submit(_ deliveries: [NotificationDelivery]) {
        for delivery in deliveries where known.insert(delivery.deliveryID).inserted {
            let lane = Lane(tenant: delivery.tenantID, route: delivery.routeID)
            guard known.count <= configuration.pendingMax, lanes[lane]?.count ?? 0 < configuration.routePendingMax else {
                // One lane for all of them: only their outcome is still to be written.
                enqueue(delivery, Lane(tenant: TenantID(""), route: EventID(high: 0, low: 0)))
                continue
            }
            enqueue(delivery, lane)
        }
        noteWaiting(known.count)
    }

    private func enqueue(_ delivery: NotificationDelivery, _ lane: Lane) {
        guard lanes[lane] == nil else {
            lanes[lane]?.append(delivery)
            return
        }
        lanes[lane] = [delivery]
        begin.yield(lane)
    }

    /// Works until cancelled. What is on its way then is brought to its outcome, which takes as long as a try may take at most;
    /// what waits is for the next process.
    public func run() async {
        await withDiscardingTaskGroup { group in
            for await lane in begun {
                group.addTask { await self.empty(lane) }
            }
        }
    }

    private func empty(_ lane: Lane) async {
        let isRefusing = lane.tenant.rawValue.isEmpty
        while !Task.isCancelled, let delivery = lanes[lane]?.first {
            if isRefusing {
                await finish(
                    delivery, attempts: 0, since: clock(), .refused(reason: "outbox.full", detail: "too many messages wait already"))
            } else {
                await deliver(delivery)
            }
            guard !Task.isCancelled else { return }
            lanes[lane]?.removeFirst()
            known.remove(delivery.deliveryID)
            noteWaiting(known.count)
        }
        if lanes[lane]?.isEmpty == true { lanes[lane] = nil }
    }

    private func deliver(_ delivery: NotificationDelivery) async {
        var attempts = 0
        let begun = clock()
        while true {
            guard clock().seconds(since: delivery.decidedAt) <= configuration.ageSecondsMax else {
                let hours = Int(configuration.ageSecondsMax / 3600)
                return await finish(
                    delivery, attempts: attempts, since: begun, .refused(reason: Self.expired, detail: "it could not be sent within \(hours) h"))
            }
            await acquire()
            guard !Task.isCancelled else { return release() }
            // A stop does not cut it off: what arrived and is not written would be sent again by the next process.
            let result = await Task { [sender] in await sender.send(delivery) }.value
            release()
            attempts += 1
            guard case .failed(let reason, let detail, let after) = result else {
                return await finish(delivery, attempts: attempts, since: begun, result)
            }
            guard !Task.isCancelled else { return }
            guard attempts < configuration.retry.attemptsMax else {
                return await finish(
                    delivery, attempts: attempts, since: begun,
                    .refused(reason: reason, detail: "\(detail); given up after \(attempts) tries"))
            }
            let delay = configuration.retry.delaySeconds(after: attempts, retryAfterSeconds: after)
            do { try await time.sleep(.milliseconds(Int64(delay * 1000))) } catch { return }
        }
    }

    /// Writes the outcome, however long the log takes: without it the next process would send again.
    ///
    /// - Parameter begun: when its turn came.
    private func finish(_ delivery: NotificationDelivery, attempts: Int, since begun: Timestamp, _ result: DeliveryAttempt) async {
        let now = clock()
        let outcome: NotificationOutcome
        switch result {
        case .sent(let detail):
            outcome = NotificationOutcome(delivery, isSent: true, attempts: attempts, reason: nil, detail: detail, at: now)
        case .refused(let reason, let detail), .failed(let reason, let detail, _):
            outcome = NotificationOutcome(delivery, isSent: false, attempts: attempts, reason: reason, detail: detail, at: now)
            logger.warning(
                "a notification was not delivered",
                metadata: ["delivery": "\(delivery.deliveryID)", "route": "\(delivery.routeID)", "reason": "\(reason)", "detail": "\(detail)"])
        }
        let value: [UInt8]
        do { value = try NotificationRecords.event(outcome, tenant: delivery.tenantID, site: delivery.siteID) } catch {
            logger.error("a notification's outcome cannot be written", metadata: ["delivery": "\(delivery.deliveryID)", "error": "\(error)"])
            return
        }
        var record = DerivedEvent.record(
            Topic.alerts(tenant: delivery.tenantID.rawValue), key: (delivery.incidentID ?? delivery.alarmID ?? delivery.routeID).description,
            value: value, eventID: NotificationRecords.outcomeID(of: delivery.deliveryID))
        record.headers.append(Record.Header(NotificationRecords.deliveryHeader, delivery.deliveryID.description))
        if let traceparent = delivery.traceparent { record.headers.append(Record.Header(TraceContext.header, traceparent)) }
        var tries = 0
        while true {
            do {
                _ = try await Task { [log, record] in try await log.append([record]) }.value
                break
            } catch {
                guard PipelineError.isTransient(error), !Task.isCancelled else {
                    logger.error("a notification's outcome was not written", metadata: ["delivery": "\(delivery.deliveryID)", "error": "\(error)"])
                    return
                }
                tries += 1
                do { try await time.sleep(.seconds(min(30, 1 << min(tries, 5)))) } catch { return }
            }
        }
        observe(
            Finished(
                channel: outcome.channel, isSent: outcome.isSent, deliveryID: outcome.deliveryID, reason: outcome.reason, attempts: attempts,
                seconds: now.seconds(since: delivery.decidedAt), sendingSeconds: now.seconds(since: begun), trace: delivery.trace))
    }

    // MARK: So many at a time

    private func acquire() async {
        guard onTheirWay >= configuration.atOnceMax else {
            onTheirWay += 1
            return
        }
        // Handed over by whoever is done; on cancellation those end soon, so nobody waits for ever.
        await withCheckedContinuation { waiters.append($0) }
    }

    private func release() {
        guard !waiters.isEmpty else {
            onTheirWay -= 1
            return
        }
        waiters.removeFirst().resume()
    }
}

extension NotificationDelivery {
    /// Of the request that caused it, if that was traced.
    var trace: TraceContext? {
        guard case .sampled(let context)? = traceparent.flatMap(TraceContext.parse) else { return nil }
        return context
    }
}
