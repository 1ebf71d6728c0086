public import TowerModel

/// Keeps a `BatteryWear` for every site whose battery says something of its health: `battery.telemetry` with `soh`, and
/// `battery.test_result` with a measured capacity where the inventory tells the rated one.
///
/// - Bound: `maximumSites` sites; more are counted in `dropped`.
public struct BatteryWearCollector: Sendable {
    public static let maximumSites = 100_000

    public struct Site: Sendable {
        public var tenant: String
        public var site: String
        /// Of the newest reading.
        public var at: Timestamp
        public var wear: BatteryWear
    }

    public private(set) var dropped = 0
    private var sites: [Key: Heard] = [:]
    private var rated: [Key: Double] = [:]
    private var keys: Keys?

    private struct Key: Hashable {
        var tenant: Symbol
        var site: Symbol
    }

    private struct Heard {
        var at: Timestamp
        var wear = BatteryWear()
    }

    private struct Keys {
        var table: SymbolTable
        var telemetry, test, inventory, soh, measured, ampHours, strings: Symbol

        init(_ table: SymbolTable) {
            self.table = table
            telemetry = table.intern("battery.telemetry")
            test = table.intern("battery.test_result")
            inventory = table.intern("inventory.site")
            soh = table.intern("soh")
            measured = table.intern("c_measured")
            ampHours = table.intern("battery.ah")
            strings = table.intern("battery.strings")
        }
    }

    public init() {}

    public mutating func observe(_ batch: EventBatch) {
        let keys = self.keys ?? Keys(batch.symbols)
        self.keys = keys
        for event in 0..<batch.count {
            let type = batch.types[event]
            let key = Key(tenant: batch.tenants[event], site: batch.sites[event])
            if type == keys.telemetry, let health = batch.number(keys.soh, of: event) {
                take(health / 100, at: batch.timestamps[event], isTest: false, key)
            } else if type == keys.test, let measured = batch.number(keys.measured, of: event), let capacity = rated[key] {
                take(measured / capacity, at: batch.timestamps[event], isTest: true, key)
            } else if type == keys.inventory, let ampHours = batch.number(keys.ampHours, of: event), ampHours > 0,
                rated[key] != nil || rated.count < Self.maximumSites
            {
                rated[key] = ampHours * max(batch.number(keys.strings, of: event) ?? 1, 1)
            }
        }
    }

    private mutating func take(_ health: Double, at: Timestamp, isTest: Bool, _ key: Key) {
        guard sites[key] != nil || sites.count < Self.maximumSites else {
            dropped += 1
            return
        }
        sites[key, default: Heard(at: at)].at = max(sites[key]?.at ?? at, at)
        sites[key]?.wear.observe(health: health, at: at.seconds, isTest: isTest)
    }

    /// By tenant and site.
    public func all() -> [Site] {
        guard let keys else { return [] }
        return sites.map { Site(tenant: keys.table.name($0.key.tenant), site: keys.table.name($0.key.site), at: $0.value.at, wear: $0.value.wear) }
            .sorted { ($0.tenant, $0.site) < ($1.tenant, $1.site) }
    }
}
