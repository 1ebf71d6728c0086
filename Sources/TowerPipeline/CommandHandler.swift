public import TowerIncidents
public import TowerModel
public import TowerStores
public import TowerStreaming

/// What became of a command: the event on the log.
public struct CommandReceipt: Sendable, Hashable {
    public var incidentID: EventID
    public var eventID: EventID
    /// Of the event; wait for it with `ProjectionProgress` to see it in the read models. -1 where the log has no order over all
    /// topics, or has it in a spool.
    public var sequence: Int64
    /// The same command was accepted before under this key; nothing was written.
    public var isRepeat: Bool
    public init(incidentID: EventID, eventID: EventID, sequence: Int64, isRepeat: Bool) {
        self.incidentID = incidentID
        self.eventID = eventID
        self.sequence = sequence
        self.isRepeat = isRepeat
    }
}

/// Turns people's commands on incidents into lifecycle events.
///
/// The incident's state is the read model plus the lifecycle events that the projection has not seen yet, so a command is
/// decided on the newest state even while the projection lags.
/// - Concurrency: any task; commands are decided one after the other, so two people cannot both be the first. Several
///   processes may race: the fold then notes the second without effect.
/// - Errors: `IncidentError`, `EventLogError`, `StoreError`.
public struct CommandHandler: Sendable {
    /// What this handler answers about the way to its result.
    public typealias Stores = QueryStore & ProjectionStore

    private let log: any EventLog
    private let store: any Stores
    private let progress: ProjectionProgress
    private let time: PipelineTime
    private let gate = SerialGate()
    private let newID: @Sendable () -> EventID

    /// - Parameter newID: a fresh id for commands without an idempotency key.
    public init(
        log: any EventLog, store: any Stores, progress: ProjectionProgress, time: PipelineTime = .system,
        newID: @escaping @Sendable () -> EventID = {
            EventID(high: .random(in: .min ... .max) & ~0xF000 | 0x4000, low: .random(in: .min ... .max) >> 2 | 1 << 63)
        }
    ) {
        self.log = log
        self.store = store
        self.progress = progress
        self.time = time
        self.newID = newID
    }

    /// Decides and appends.
    ///
    /// - Parameters:
    ///   - incident: UUID or number (`INC-12`).
    ///   - idempotencyKey: the same key on the same incident writes once; for something else it is a conflict.
    public func execute(
        _ command: IncidentCommand, on incident: String, tenant: TenantID, actor: String, at: Timestamp, idempotencyKey: String? = nil
    ) async throws -> CommandReceipt {
        try await gate.run {
            try await decide(command, on: incident, tenant: tenant, actor: actor, at: at, idempotencyKey: idempotencyKey)
        }
    }

    /// Whether the read models hold that record now, waiting at most `timeout` for it.
    public func waitUntilProjected(_ sequence: Int64, timeout: Duration) async throws -> Bool {
        let (progress, time) = (progress, time)
        return await withTaskGroup(of: Void.self) { group in
            group.addTask { await progress.wait(for: sequence) }
            group.addTask { try? await time.sleep(timeout) }
            await group.next()
            group.cancelAll()
            return progress.position > sequence
        }
    }

    /// Whether the read models hold what a receipt is of, waiting at most `timeout` for it.
    ///
    /// Without a sequence the incident's history is asked, which also another process may write.
    public func waitUntilProjected(_ receipt: CommandReceipt, tenant: TenantID, timeout: Duration) async throws -> Bool {
        guard receipt.sequence < 0 else { return try await waitUntilProjected(receipt.sequence, timeout: timeout) }
        let deadline = time.nowNanoseconds() + UInt64(max(timeout / .nanoseconds(1), 0))
        while true {
            let view = try await store.incident(tenant: tenant, id: receipt.incidentID.description)
            if view?.history?.contains(where: { $0.eventID == receipt.eventID }) ?? false { return true }
            guard time.nowNanoseconds() < deadline else { return false }
            try await time.sleep(.milliseconds(50))
        }
    }

    private func decide(
        _ command: IncidentCommand, on name: String, tenant: TenantID, actor: String, at: Timestamp, idempotencyKey: String?
    ) async throws -> CommandReceipt {
        // The position before the views: what the projection writes in between is folded twice, which has no effect.
        let stored = try await store.position(of: ProjectionProcessor.groupName)
        // A place among partitions is no number that a command could be compared with.
        let position = stored.parts.isEmpty ? stored.sequence : 0
        let tail = try await lifecycle(of: tenant, from: LogCursor(stored))
        guard let incident = try await load(name, tenant, tail) else {
            throw IncidentError(.unknown, "there is no incident \(name); list them with GET /incidents")
        }
        let id = incident.state.snapshot.incidentID
        let eventID = idempotencyKey.map { IncidentLifecycleEvent.commandEventID(incident: id, idempotencyKey: $0) } ?? newID()
        var target: IncidentState?
        if case .merge(let into) = command { target = try await load(into.description, tenant, tail)?.state }
        let order = IncidentOrder(
            tenantID: tenant, incidentID: id, command: command, actor: actor, at: at, eventID: eventID, idempotencyKey: idempotencyKey)

        if let known = incident.known[eventID] {
            guard known.eventType == IncidentTransitions.Action(command).kind.rawValue else {
                throw IncidentError(
                    .idempotencyConflict, "the idempotency key was used on this incident for \(known.eventType); send a new key")
            }
            return CommandReceipt(incidentID: id, eventID: eventID, sequence: known.sequence ?? position - 1, isRepeat: true)
        }
        let members = try await members(command, of: incident.state, tenant)
        let event = try IncidentState.decide(order, state: incident.state, target: target, members: members).get()
        let events = consequences(of: event, incident.state, target, members) + [event]
        let records = try events.map { event in
            try LifecycleCodec.record(event, site: (event.snapshot ?? incident.state.snapshot).siteID.rawValue)
        }
        let written = try await log.append(records)
        return CommandReceipt(incidentID: id, eventID: eventID, sequence: written.last?.sequence ?? position, isRepeat: false)
    }

    /// What the event means to another incident. It is written first: a command that was cut short is not known yet, and is
    /// given again.
    private func consequences(
        of event: IncidentLifecycleEvent, _ state: IncidentState, _ target: IncidentState?, _ members: [Alarm]
    ) -> [IncidentLifecycleEvent] {
        if let part = state.part(of: event, members: members) { return [.opened(part, by: event)] }
        guard let into = event.mergedInto, target?.cuts?.contains(where: { $0.into == event.incidentID }) ?? false else { return [] }
        // What was split off comes back.
        return [
            IncidentLifecycleEvent(
                eventID: .derived(from: event.eventID, "taken back"), tenantID: event.tenantID, incidentID: into,
                eventType: IncidentLifecycleEvent.Kind.split.rawValue, at: event.at, actor: event.actor,
                split: IncidentCut(into: event.incidentID, alarmIDs: [], siteIDs: [], eventIDs: []))
        ]
    }

    /// Alarms of an incident that are looked at when it is split.
    private static let maxMembers = 10_000

    /// For a split: the incident's alarms as the read model knows them.
    private func members(_ command: IncidentCommand, of state: IncidentState, _ tenant: TenantID) async throws -> [Alarm] {
        guard case .split(let named, _, _) = command else { return [] }
        var found: [EventID: Alarm] = [:]
        var cursor: String?
        repeat {
            let page = try await store.alarms(
                tenant: tenant, filter: AlarmFilter(incident: state.snapshot.incidentID), limit: 1_000, cursor: cursor)
            for item in page.items { found[item.alarm.alarmID] = item.alarm }
            cursor = page.nextCursor
        } while cursor != nil && found.count < Self.maxMembers
        for id in named.prefix(IncidentState.maxSplitAlarms) where found[id] == nil {
            if let alarm = try await store.alarm(tenant: tenant, id: id)?.alarm { found[id] = alarm }
        }
        return found.values.sorted { $0.alarmID < $1.alarmID }
    }

    private struct Known {
        var eventType: String
        /// `nil` for one that is in the read models.
        var sequence: Int64?
    }
    private struct Loaded {
        var state: IncidentState
        var known: [EventID: Known]
    }

    /// The incident as the store has it, with the tail folded in; also one that only the tail knows.
    private func load(_ name: String, _ tenant: TenantID, _ tail: [(event: IncidentLifecycleEvent, sequence: Int64)]) async throws -> Loaded? {
        var loaded: Loaded?
        if let view = try await store.incident(tenant: tenant, id: name) {
            var known: [EventID: Known] = [:]
            for entry in view.history ?? [] { known[entry.eventID] = Known(eventType: entry.eventType) }
            loaded = Loaded(state: IncidentState(view), known: known)
        }
        let id = loaded?.state.snapshot.incidentID ?? EventID(name)
        for (event, sequence) in tail where event.incidentID == id {
            guard var current = loaded else {
                guard let state = IncidentState(first: event) else { continue }
                loaded = Loaded(state: state, known: [event.eventID: Known(eventType: event.eventType, sequence: sequence)])
                continue
            }
            guard current.known[event.eventID] == nil else { continue }
            _ = current.state.apply(event)
            current.known[event.eventID] = Known(eventType: event.eventType, sequence: sequence)
            loaded = current
        }
        return loaded
    }

    private func lifecycle(of tenant: TenantID, from start: LogCursor) async throws -> [(event: IncidentLifecycleEvent, sequence: Int64)] {
        let pattern = TopicPattern(Topic.incidents(tenant: tenant.rawValue).rawValue)
        var events: [(event: IncidentLifecycleEvent, sequence: Int64)] = []
        var cursor = start
        while true {
            let slice = try await log.fetch(matching: [pattern], from: cursor, maxRecords: 1000, maxBytes: 8 << 20)
            for stored in slice.records {
                let sequence = start.parts.isEmpty && slice.next.parts.isEmpty ? stored.sequence : -1
                if let event = try? LifecycleCodec.event(stored.record) { events.append((event: event, sequence: sequence)) }
            }
            guard slice.next > cursor else { return events }
            cursor = slice.next
        }
    }
}

extension IncidentState {
    /// The state behind a view. What holds it is read from where people and engine disagree.
    init(_ view: IncidentView) {
        let status = Status(rawValue: view.status.rawValue) ?? .open
        let hold: Hold?
        switch (status, view.snapshot.status) {
        case (.resolved, .open): hold = .resolved
        case (.open, .resolved), (.acknowledged, .resolved), (.open, .autoClosed), (.acknowledged, .autoClosed): hold = .reopened
        case (.merged, .open), (.merged, .resolved), (.merged, .autoClosed): hold = .merged
        default: hold = nil
        }
        self.init(
            snapshot: view.snapshot, status: status, acknowledgedBy: view.acknowledgedBy, acknowledgedAt: view.acknowledgedAt,
            assignee: view.assignee, mergedInto: view.mergedInto ?? view.snapshot.mergedInto, mergedBy: view.mergedBy,
            verdict: view.verdict, cuts: view.cuts, splitFrom: view.splitFrom, hold: hold, updatedAt: view.snapshot.updatedAt,
            version: view.history?.count ?? 1)
    }
}
