import Synchronization
import TowerStores

/// What `/metrics` tells that costs too much to gather at each scrape: counted in the background.
final class PlatformSample: Sendable {
    struct Values: Sendable {
        /// Sites of all tenants by state.
        var sites: [String: Int] = [:]
        var takenMs: Int64
    }
    private let state: Mutex<Values>

    init(startedMs: Int64) { state = Mutex(Values(takenMs: startedMs)) }

    var values: Values { state.withLock { $0 } }
    func set(_ values: Values) { state.withLock { $0 = values } }
}
