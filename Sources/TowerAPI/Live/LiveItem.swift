import NIOCore
import Synchronization
import TowerModel
import TowerStores

/// One changed read model on its way to clients. Encoded at most once, however many clients see it.
final class LiveItem: Sendable {
    /// What makes a later change replace an earlier one.
    struct Key: Hashable, Sendable {
        var channel: LiveChannel
        var id: String
    }

    let change: LiveChange
    let key: Key
    private let encoded = Mutex<ByteBuffer?>(nil)

    init(_ change: LiveChange) {
        self.change = change
        switch change {
        case .site(let view): self.key = Key(channel: .sites, id: view.site.siteID.rawValue)
        case .alarm(let view): self.key = Key(channel: .alarms, id: view.alarm.alarmID.description)
        case .incident(let view): self.key = Key(channel: .incidents, id: view.snapshot.incidentID.description)
        }
    }

    /// The view's JSON.
    var json: ByteBuffer {
        encoded.withLock { cached in
            if let cached { return cached }
            let buffer =
                switch change {
                case .site(let view): WireJSON.buffer(view)
                case .alarm(let view): WireJSON.buffer(view)
                case .incident(let view): WireJSON.buffer(view)
                }
            cached = buffer
            return buffer
        }
    }

    func touches(_ site: SiteID) -> Bool {
        switch change {
        case .site(let view): view.site.siteID == site
        case .alarm(let view): view.alarm.siteID == site
        case .incident(let view): view.snapshot.siteID == site || view.snapshot.affectedSites.contains { $0.siteID == site }
        }
    }

    /// Whether a snapshot taken now would hold it: active alarms, incidents that are open or freshly over, every site.
    var belongsInSnapshot: Bool {
        switch change {
        case .site: true
        case .alarm(let view): view.alarm.state != .cleared
        case .incident(let view): view.status == .open || view.status == .acknowledged || view.status == .resolved
        }
    }
}

/// What a client can subscribe to.
enum LiveChannel: String, Sendable, CaseIterable {
    case sites, alarms, incidents
}

/// What one committed slice of the projection changed for one tenant.
struct LiveSlice: Sendable {
    /// Store position after the slice.
    var sequence: Int64
    var items: [LiveItem]
}
