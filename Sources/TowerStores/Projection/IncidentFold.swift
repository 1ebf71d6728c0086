package import TowerIncidents
package import TowerModel

/// Folds a slice's lifecycle records into the incidents they belong to; each incident is read and decoded once.
package struct IncidentFold {
    /// An incident while its records are folded.
    package struct Folded: Sendable {
        package var number: Int64
        /// What the store had; `nil` for a new one.
        package var before: IncidentState?
        package var state: IncidentState
        package var isChanged: Bool
    }
    /// What a store knows of the records that come.
    package struct Known {
        /// Whether an event's effect was written.
        package var isWritten: (ItemKey) throws -> Bool
        package var incident: (ItemKey) throws -> (number: Int64, state: IncidentState)?
        /// The highest number of a tenant, 0 for none.
        package var highestNumber: (TenantID) throws -> Int64
        package init(
            isWritten: @escaping (ItemKey) throws -> Bool, incident: @escaping (ItemKey) throws -> (number: Int64, state: IncidentState)?,
            highestNumber: @escaping (TenantID) throws -> Int64
        ) {
            self.isWritten = isWritten
            self.incident = incident
            self.highestNumber = highestNumber
        }
    }

    package private(set) var incidents: [ItemKey: Folded] = [:]
    /// In the order in which they were met.
    package private(set) var order: [ItemKey] = []
    /// The incident that named an alarm last, in log order.
    package private(set) var links: [ItemKey: EventID] = [:]
    package private(set) var linkOrder: [ItemKey] = []
    /// Records that had an effect, in log order.
    package private(set) var history: [ProjectionBatch.IncidentRecord] = []
    private var met: Set<ItemKey> = []
    private var numbers: [TenantID: Int64] = [:]

    package init() {}

    package mutating func fold(_ records: [ProjectionBatch.IncidentRecord], _ known: Known) throws {
        for record in records {
            let key = ItemKey(tenant: record.tenantID, id: record.incidentID)
            let event = ItemKey(tenant: record.tenantID, id: record.eventID)
            guard !met.contains(event), try !known.isWritten(event) else { continue }
            guard try fold(IncidentLifecycleEvent(record), key, known) else { continue }
            met.insert(event)
            history.append(record)
        }
    }

    /// Answers whether it had an effect.
    private mutating func fold(_ event: IncidentLifecycleEvent, _ key: ItemKey, _ known: Known) throws -> Bool {
        if var folded = try load(key, known) {
            let alarms = event.snapshot == nil ? [] : folded.state.snapshot.alarmIDs
            let effect = folded.state.apply(event)
            folded.isChanged = folded.isChanged || effect != .ignored
            incidents[key] = folded
            if effect == .applied, event.snapshot != nil { noteLinks(key, folded.state, known: alarms) }
            return effect != .ignored
        }
        guard let state = IncidentState(first: event) else { return false }
        // Numbers rise by one per tenant in log order, so a rebuild gives the same ones.
        let number = try (numbers[key.tenant] ?? known.highestNumber(key.tenant)) + 1
        numbers[key.tenant] = number
        incidents[key] = Folded(number: number, before: nil, state: state, isChanged: true)
        order.append(key)
        noteLinks(key, state, known: [])
        return true
    }

    private mutating func load(_ key: ItemKey, _ known: Known) throws -> Folded? {
        if let folded = incidents[key] { return folded }
        guard let (number, state) = try known.incident(key) else { return nil }
        let folded = Folded(number: number, before: state, state: state, isChanged: false)
        incidents[key] = folded
        order.append(key)
        return folded
    }

    /// Alarms that the engine sent before it had an incident for them learn of it here.
    private mutating func noteLinks(_ key: ItemKey, _ state: IncidentState, known: [EventID]) {
        guard state.status != .merged else { return }
        let named = state.snapshot.alarmIDs
        func note(_ alarm: EventID) {
            let item = ItemKey(tenant: key.tenant, id: alarm)
            if links.updateValue(key.id, forKey: item) == nil { linkOrder.append(item) }
        }
        // Revisions mostly append.
        if named.starts(with: known) {
            for alarm in named.dropFirst(known.count) { note(alarm) }
        } else {
            let old = Set(known)
            for alarm in named where !old.contains(alarm) { note(alarm) }
        }
    }
}

extension IncidentFold.Folded {
    /// Sites that the incident left, and those whose hold on it is new or different.
    package func siteChanges() -> (left: [IncidentSnapshot.AffectedSite], held: [IncidentSnapshot.AffectedSite]) {
        let old = before?.snapshot.affectedSites ?? []
        let new = state.snapshot.affectedSites
        let isSameHold =
            before.map { $0.status.isActive == state.status.isActive && $0.snapshot.severity == state.snapshot.severity } ?? false
        let known = Dictionary(old.map { ($0.siteID, $0) }, uniquingKeysWith: { first, _ in first })
        let kept = Set(new.map(\.siteID))
        return (old.filter { !kept.contains($0.siteID) }, new.filter { !isSameHold || known[$0.siteID] != $0 })
    }
}

extension IncidentLifecycleEvent {
    /// A projection's record as the fold reads it.
    package init(_ record: ProjectionBatch.IncidentRecord) {
        self.init(
            eventID: record.eventID, tenantID: record.tenantID, incidentID: record.incidentID, eventType: record.eventType,
            at: record.at, actor: record.actor, text: record.text,
            assignee: record.eventType == Kind.assigned.rawValue ? record.target : nil,
            mergedInto: record.eventType == Kind.merged.rawValue ? record.target.flatMap { EventID($0) } : nil,
            verdict: record.verdict, split: record.split,
            splitFrom: record.eventType == Kind.opened.rawValue ? record.target.flatMap { EventID($0) } : nil, snapshot: record.snapshot)
    }
}

extension ProjectionBatch.IncidentRecord {
    /// What a history shows of it.
    package var historyText: String {
        if let verdict { return verdict.summary }
        if let split { return [split.summary, text].filter { !$0.isEmpty }.joined(separator: ": ") }
        return text.isEmpty ? target ?? "" : text
    }
}
