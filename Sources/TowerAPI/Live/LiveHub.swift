import Synchronization
import TowerModel
public import TowerStores

/// Where the projection tells what it changed, and live connections hear of it.
///
/// - Shape: `publish` is called by one projection, after each commit, with the store position it committed; positions
///   rise. Per tenant the newest slices are kept in a ring, so that a client that was away can resume.
/// - Concurrency: any task. Lock order: hub, then session. Publishing holds the hub's lock while sessions note the
///   slice, so every session sees every slice once and in order; nothing under the lock waits or encodes.
public final class LiveHub: Sendable {
    private struct Ring {
        var slices: [LiveSlice] = []
        var changes = 0
        /// A client that has everything up to here can resume.
        var floor: Int64
    }

    private struct State {
        var sequence: Int64
        var rings: [TenantID: Ring] = [:]
        /// Floor of tenants that have no ring yet.
        var floor: Int64
        var connections: [Int: LiveConnection] = [:]
        var nextID = 0
        var isClosed = false
        /// The newest slices, and when the newest event of each was accepted, milliseconds.
        var accepted: [(sequence: Int64, ms: Int64)] = []
    }
    private static let acceptedMax = 64

    private let state: Mutex<State>
    private let limits: LiveLimits
    let meters = LiveMeters()

    /// - Parameter sequence: the store position of the live group now, so that clients of an earlier process that
    ///   have everything can resume.
    public init(startingAt sequence: Int64, limits: LiveLimits = LiveLimits()) {
        self.state = Mutex(State(sequence: sequence, floor: sequence))
        self.limits = limits
    }

    public var clientCount: Int { state.withLock { $0.connections.count } }
    /// Connections by how far they have come.
    var standings: [LiveStanding: Int] {
        let connections = state.withLock { Array($0.connections.values) }
        return connections.reduce(into: [:]) { counts, connection in counts[connection.standing, default: 0] += 1 }
    }
    public var sequence: Int64 { state.withLock { $0.sequence } }

    /// Tells what a committed slice changed. Call it also when nothing changed: heartbeats carry the position.
    ///
    /// - Parameter acceptedMs: when the newest event that led to it was accepted; for the time from acceptance to frame.
    public func publish(sequence: Int64, changes: [TenantChange], acceptedMs: Int64? = nil) {
        var items: [TenantID: [LiveItem]] = [:]
        for change in changes { items[change.tenantID, default: []].append(LiveItem(change.change)) }
        let woken = state.withLock { state -> [LiveConnection] in
            guard sequence > state.sequence else { return [] }
            for (tenant, items) in items {
                var ring = state.rings[tenant] ?? Ring(floor: state.floor)
                ring.slices.append(LiveSlice(sequence: sequence, items: items))
                ring.changes += items.count
                while ring.changes > limits.ringChangesMax, let first = ring.slices.first {
                    ring.slices.removeFirst()
                    ring.changes -= first.items.count
                    ring.floor = first.sequence
                }
                state.rings[tenant] = ring
            }
            state.sequence = sequence
            if let acceptedMs {
                if state.accepted.count == Self.acceptedMax { state.accepted.removeFirst() }
                state.accepted.append((sequence, acceptedMs))
            }
            for connection in state.connections.values {
                connection.note(LiveSlice(sequence: sequence, items: items[connection.tenant] ?? []))
            }
            return Array(state.connections.values)
        }
        for connection in woken { connection.wake() }
    }

    /// A client was sent the changes of that slice.
    func sent(_ sequence: Int64, at now: Timestamp) {
        let accepted = state.withLock { state in state.accepted.last { $0.sequence == sequence }?.ms }
        meters.sent(secondsSinceAccepted: accepted.map { Double(max(0, now.milliseconds - $0)) / 1000 })
    }

    /// The projection starts over or lost its thread: nothing before `sequence` can be continued. Clients are told to
    /// subscribe anew.
    public func interrupt(resumingAt sequence: Int64) {
        let connections = state.withLock { state -> [LiveConnection] in
            state.rings.removeAll()
            state.sequence = sequence
            state.floor = sequence
            return Array(state.connections.values)
        }
        for connection in connections { connection.interrupt() }
    }

    /// Says good-bye (1001) to every client and takes no more.
    public func close() {
        let connections = state.withLock { state -> [LiveConnection] in
            state.isClosed = true
            return Array(state.connections.values)
        }
        for connection in connections { connection.shutdown() }
    }

    // MARK: Connections

    /// Whether another client fits. Asked before the upgrade; `add` asks again.
    var hasRoom: Bool { state.withLock { !$0.isClosed && $0.connections.count < limits.clientsMax } }

    /// `nil` when there is no room or the hub is closed.
    func add(_ connection: LiveConnection) -> Int? {
        state.withLock { state in
            guard !state.isClosed, state.connections.count < limits.clientsMax else { return nil }
            state.nextID += 1
            state.connections[state.nextID] = connection
            return state.nextID
        }
    }

    func remove(_ id: Int) { state.withLock { _ = $0.connections.removeValue(forKey: id) } }

    /// Starts a subscription: what was missed, or that a snapshot is needed, told to the session under the hub's lock,
    /// so that no slice falls between this answer and the next `publish`.
    func attach(_ connection: LiveConnection, _ subscription: LiveSubscription) -> LiveSession.Attachment {
        state.withLock { state in
            let attachment = Self.attachment(state, tenant: connection.tenant, since: subscription.since)
            connection.begin(subscription, attachment, published: state.sequence)
            return attachment
        }
    }

    private static func attachment(_ state: State, tenant: TenantID, since: Int64?) -> LiveSession.Attachment {
        let ring = state.rings[tenant]
        guard let since, since >= ring?.floor ?? state.floor, since <= state.sequence else { return .needsSnapshot }
        return .resumed(since: since, missed: (ring?.slices ?? []).filter { $0.sequence > since })
    }
}
