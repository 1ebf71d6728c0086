import NIOCore
import TowerModel

/// What one live connection does next: pure decisions, no socket, no clock, no lock.
///
/// **No gap, no duplicate.** A session is attached to the hub first and collects every slice from then on. Then the
/// store is asked for its position, for the views, and for its position again (`before`, `after`). A view that was
/// read lies between the two. Slices up to `before` were committed before the reading began, so the views hold them:
/// they are dropped. Slices after `after` are not in the views and were published after the session was attached, so
/// they are all in the queue: they follow as deltas. Slices in between may or may not be in a view; each carries whole
/// views as of its commit, so laying them over what was read gives exactly the state at `after`. That is the
/// snapshot's sequence. A slice is published just after its commit, so when `after` has not been published yet, the
/// snapshot waits for it.
struct LiveSession: Sendable {
    /// What the writer does next.
    enum Output: Equatable {
        case text(ByteBuffer)
        case ping
        case pong(ByteBuffer)
        case close(code: UInt16, reason: String)
    }

    /// What a client's message asks of the connection.
    enum Request: Equatable {
        case nothing
        case attach(LiveSubscription)
    }

    /// How the hub took the session in.
    enum Attachment: Sendable {
        /// `since` is held: these slices are what the client missed.
        case resumed(since: Int64, missed: [LiveSlice])
        case needsSnapshot
    }

    private enum Phase {
        case idle
        /// Collecting slices while the store is read.
        case loading(LiveSubscription)
        /// Read, and waiting for the slices up to `through`.
        case folding(LiveSubscription, [LiveItem], through: Int64, since: Timestamp)
        case streaming(LiveSubscription)
        case closing
        case closed
    }

    private let limits: LiveLimits
    private var phase = Phase.idle
    private var control: [(output: Output, kind: LiveFrameKind)] = []
    private var deltas: PendingDeltas
    /// Newest sequence that the hub has published to this session.
    private var published: Int64
    /// Newest sequence the client has, or will have once the queue is written.
    private var queued: Int64 = 0
    /// Incidents a site-filtered client has seen: it must hear of them also when they leave its site.
    private var delivered = Set<String>()
    private let openedAt: Timestamp
    private var heardAt: Timestamp
    private var pingedAt: Timestamp
    private var heartbeatAt: Timestamp
    private var writingSince: Timestamp?
    private var closingSince: Timestamp?
    /// Of the newest delta that the writer took.
    private(set) var deltaSequence: Int64 = 0
    /// Of the frame that the writer took last.
    private(set) var takenKind = LiveFrameKind.delta
    /// Slices given up because the client was cut off; `nil` when it was not.
    private(set) var cutSlices: Int?
    private static let controlMax = 64

    init(limits: LiveLimits, published: Int64, now: Timestamp) {
        self.limits = limits
        self.published = published
        self.openedAt = now
        self.heardAt = now
        self.pingedAt = now
        self.heartbeatAt = now
        self.deltas = PendingDeltas(coalesceFrom: limits.coalesceFrom, changesMax: limits.changesMax)
    }

    var isClosing: Bool {
        switch phase {
        case .closing, .closed: true
        default: false
        }
    }

    /// The close frame was handed to the writer.
    var isClosed: Bool { if case .closed = phase { true } else { false } }

    /// How far the connection has come, as metrics call it.
    var standing: LiveStanding {
        switch phase {
        case .idle: .idle
        case .loading, .folding: .loading
        case .streaming: .streaming
        case .closing, .closed: .closing
        }
    }

    // MARK: From the client

    mutating func received(text bytes: [UInt8], now: Timestamp) -> Request {
        heardAt = now
        guard !isClosing else { return .nothing }
        switch phase {
        case .loading, .folding:
            enqueue(.text(LiveFrame.error(code: "live.busy", detail: "The last subscribe is not answered yet.")), .error)
            return .nothing
        default: break
        }
        do {
            return .attach(try LiveSubscription.parse(bytes))
        } catch {
            enqueue(.text(LiveFrame.error(code: error.code, detail: error.detail)), .error)
            return .nothing
        }
    }

    mutating func receivedPing(_ data: ByteBuffer, now: Timestamp) {
        heardAt = now
        // One answer to the newest ping is enough (RFC 6455, 5.5.3).
        control.removeAll { $0.kind == .pong }
        enqueue(.pong(data), .pong)
    }

    mutating func receivedPong(now: Timestamp) { heardAt = now }

    /// The other side closes: its frame is answered once.
    mutating func receivedClose(now: Timestamp) {
        close(code: 1000, reason: "", now: now)
    }

    // MARK: From the hub

    mutating func attached(_ subscription: LiveSubscription, _ attachment: Attachment, published: Int64) {
        guard !isClosing else { return }
        deltas.removeAll()
        delivered.removeAll()
        self.published = published
        switch attachment {
        case .resumed(let since, let missed):
            phase = .streaming(subscription)
            queued = since
            enqueue(.text(LiveFrame.resumed(sequence: since)), .resumed)
            for slice in missed { push(slice, subscription) }
        case .needsSnapshot:
            phase = .loading(subscription)
        }
    }

    /// A committed slice of this tenant, in rising order; without items it only moves the sequence.
    mutating func published(_ slice: LiveSlice, now: Timestamp) {
        published = max(published, slice.sequence)
        switch phase {
        case .loading:
            collect(slice, now: now)
        case .folding(let subscription, let items, let through, _):
            collect(slice, now: now)
            if case .folding = phase, published >= through { finish(subscription, items, through: through, now: now) }
        case .streaming(let subscription):
            push(slice, subscription)
            cutIfOver(now: now)
        case .idle, .closing, .closed: break
        }
    }

    /// The stream has a hole (the projection was rebuilt): what the client has cannot be continued.
    mutating func interrupted(now: Timestamp) { close(code: 1012, reason: "the feed was interrupted; subscribe again", now: now) }
    mutating func shutdown(now: Timestamp) { close(code: 1001, reason: "the server is stopping", now: now) }
    mutating func unauthorized(now: Timestamp) { close(code: 1008, reason: "credentials no longer valid", now: now) }
    mutating func protocolError(code: UInt16, reason: String, now: Timestamp) { close(code: code, reason: reason, now: now) }

    // MARK: From the store

    mutating func loaded(_ items: [LiveItem], before: Int64, after: Int64, now: Timestamp) {
        guard case .loading(let subscription) = phase else { return }
        _ = deltas.take(through: before)
        if before == after || published >= after {
            finish(subscription, items, through: after, now: now)
        } else {
            phase = .folding(subscription, items, through: after, since: now)
        }
    }

    mutating func loadFailed(now: Timestamp) {
        guard case .loading = phase else { return }
        enqueue(
            .text(
                LiveFrame.error(code: "live.snapshot_failed", detail: "The snapshot could not be read. Subscribe again shortly.")), .error)
        close(code: 1013, reason: "try again later", now: now)
    }

    private mutating func finish(_ subscription: LiveSubscription, _ items: [LiveItem], through: Int64, now: Timestamp) {
        let between = deltas.take(through: through)
        let folded = Self.fold(items, between, subscription, alarmsMax: limits.alarmsInSnapshot)
        phase = .streaming(subscription)
        queued = through
        enqueue(.text(LiveFrame.snapshot(sequence: through, items: folded, channels: subscription.channels)), .snapshot)
        if subscription.site != nil {
            for item in folded where item.key.channel == .incidents { delivered.insert(item.key.id) }
        }
        let rest = deltas.slices
        deltas.removeAll()
        for slice in rest { push(slice, subscription) }
        cutIfOver(now: now)
    }

    /// The read items with the slices laid over them, newest value of each key: what is new first, then as read.
    private static func fold(_ items: [LiveItem], _ slices: [LiveSlice], _ subscription: LiveSubscription, alarmsMax: Int)
        -> [LiveItem]
    {
        var read: [LiveItem.Key] = []
        var new: [LiveItem.Key] = []
        var newest: [LiveItem.Key: LiveItem] = [:]
        for item in items where newest.updateValue(item, forKey: item.key) == nil { read.append(item.key) }
        for slice in slices {
            for item in slice.items where newest.updateValue(item, forKey: item.key) == nil { new.append(item.key) }
        }
        var alarms = 0
        return (new.reversed() + read).compactMap { key -> LiveItem? in
            guard let item = newest[key], item.belongsInSnapshot, subscription.channels.contains(key.channel),
                subscription.site.map({ item.touches($0) }) ?? true
            else { return nil }
            if key.channel == .alarms {
                alarms += 1
                if alarms > alarmsMax { return nil }
            }
            return item
        }
    }

    // MARK: To the client

    /// What to write next; `nil` when there is nothing. The writer calls it again after each write.
    mutating func next(now: Timestamp) -> Output? {
        writingSince = nil
        if case .closed = phase { return nil }
        if !control.isEmpty {
            let (output, kind) = control.removeFirst()
            if case .close = output { phase = .closed }
            writingSince = now
            takenKind = kind
            return output
        }
        // What was collected while a snapshot is read must not overtake it.
        guard case .streaming = phase, let slice = deltas.popFirst() else { return nil }
        writingSince = now
        deltaSequence = slice.sequence
        takenKind = .delta
        return .text(LiveFrame.delta(sequence: slice.sequence, items: slice.items))
    }

    /// Called about once a second. True: the connection is beyond saving, drop it without a word.
    mutating func tick(now: Timestamp) -> Bool {
        if let closingSince, now.seconds(since: closingSince) >= limits.closeSeconds { return true }
        if let writingSince, now.seconds(since: writingSince) >= limits.stallSeconds { return true }
        if now.seconds(since: heardAt) >= limits.silenceSeconds { return true }
        guard !isClosing else { return false }
        switch phase {
        case .idle where now.seconds(since: openedAt) >= limits.subscribeSeconds:
            close(code: 1008, reason: "no subscribe message", now: now)
            return false
        case .folding(_, _, _, let since) where now.seconds(since: since) >= limits.snapshotSeconds:
            close(code: 1013, reason: "try again later", now: now)
            return false
        default: break
        }
        if now.seconds(since: pingedAt) >= limits.silenceSeconds / 3 {
            pingedAt = now
            enqueue(.ping, .ping)
        }
        if case .streaming = phase, now.seconds(since: heartbeatAt) >= limits.heartbeatSeconds, control.isEmpty, deltas.isEmpty {
            heartbeatAt = now
            // Nothing waits, so the client has everything up to what was published, also where no change concerned it.
            queued = max(queued, published)
            enqueue(.text(LiveFrame.heartbeat(sequence: queued, at: now)), .heartbeat)
        }
        return false
    }

    // MARK: Inside

    private mutating func collect(_ slice: LiveSlice, now: Timestamp) {
        guard !slice.items.isEmpty else { return }
        if !deltas.append(slice) { cut(now: now) }
    }

    private mutating func push(_ slice: LiveSlice, _ subscription: LiveSubscription) {
        guard slice.sequence > queued else { return }
        let items = slice.items.filter { wants($0, subscription) }
        guard !items.isEmpty else { return }
        queued = slice.sequence
        _ = deltas.append(LiveSlice(sequence: slice.sequence, items: items))
    }

    private mutating func wants(_ item: LiveItem, _ subscription: LiveSubscription) -> Bool {
        guard subscription.channels.contains(item.key.channel) else { return false }
        guard let site = subscription.site else { return true }
        guard item.key.channel == .incidents else { return item.touches(site) }
        if item.touches(site) {
            delivered.insert(item.key.id)
            return true
        }
        return delivered.contains(item.key.id)
    }

    private mutating func cutIfOver(now: Timestamp) {
        if deltas.changes > limits.changesMax { cut(now: now) }
    }

    private mutating func cut(now: Timestamp) {
        if cutSlices == nil { cutSlices = deltas.slices.count }
        close(code: 1013, reason: "reads too slowly; resume with since", now: now)
    }

    /// Slices that became part of a later one.
    var coalesced: Int { deltas.coalesced }

    private mutating func enqueue(_ output: Output, _ kind: LiveFrameKind) {
        guard control.count < Self.controlMax else { return }
        control.append((output, kind))
    }

    private mutating func close(code: UInt16, reason: String, now: Timestamp) {
        guard !isClosing else { return }
        phase = .closing
        closingSince = now
        deltas.removeAll()
        // An error frame explains a close and goes out first; what else waits is of no use any more.
        control.removeAll { if case .text = $0.output { false } else { true } }
        control.append((.close(code: code, reason: reason), .close))
    }
}
