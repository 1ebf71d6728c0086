public import TowerModel

/// Gathers units from events: their `telemetry.sample` rows and their `unit.failed`.
///
/// - Shape: units are told apart by tenant and site; those with the same metrics are of one kind and share a model.
/// - Bounds: rows and metrics beyond the limits are counted in `dropped`, never kept.
public struct LifeCollector: Sendable {
    /// Numbers kept over all units, metrics of one tenant, units.
    public static let maximumNumbers = 64_000_000
    public static let maximumMetrics = 256
    public static let maximumUnits = 100_000

    public private(set) var dropped = 0
    private var numbers = 0
    private var units: [Key: Heard] = [:]
    private var names: [Symbol: Symbol] = [:]
    private var table: SymbolTable?
    private var sample = Symbol.none
    private var failed = Symbol.none

    private struct Key: Hashable {
        var tenant: Symbol
        var site: Symbol
    }

    /// A unit's rows, sparse: which metrics a row has is known once all are read.
    private struct Heard {
        var times: [Double] = []
        /// One more than rows: where each row's cells begin.
        var starts: [Int32] = [0]
        var metric: [Symbol] = []
        var value: [Float] = []
        var failedAt: Double?
    }

    /// Units of one kind of one tenant.
    public struct Kind: Sendable {
        public var tenant: String
        /// Sorted by name.
        public var metrics: [String]
        /// Sorted by name.
        public var units: [LifeUnit]
    }

    public init() {}

    /// Whether a unit has failed: without one there is nothing to learn from.
    public var hasFailures: Bool { units.values.contains { $0.failedAt != nil } }

    public mutating func observe(_ batch: EventBatch) {
        if table == nil {
            table = batch.symbols
            sample = batch.symbols.intern("telemetry.sample")
            failed = batch.symbols.intern("unit.failed")
        }
        for event in 0..<batch.count {
            let type = batch.types[event]
            guard type == sample || type == failed else { continue }
            let key = Key(tenant: batch.tenants[event], site: batch.sites[event])
            guard units[key] != nil || units.count < Self.maximumUnits else {
                dropped += 1
                continue
            }
            let at = Double(batch.timestamps[event].microseconds) / 1e6
            if type == failed {
                units[key, default: Heard()].failedAt = at
            } else {
                observe(batch, event, key, at)
            }
        }
    }

    private mutating func observe(_ batch: EventBatch, _ event: Int, _ key: Key, _ at: Double) {
        guard at > (units[key]?.times.last ?? -.infinity), units[key]?.failedAt == nil, numbers < Self.maximumNumbers else {
            dropped += 1
            return
        }
        var unit = units.removeValue(forKey: key) ?? Heard()
        for index in batch.fieldRange(event) where batch.fields[index].kind == .number {
            let field = batch.fields[index]
            guard isMetric(field.key, batch.symbols), field.number.isFinite else { continue }
            unit.metric.append(field.key)
            unit.value.append(Float(field.number))
            numbers += 1
        }
        unit.times.append(at)
        unit.starts.append(Int32(unit.metric.count))
        units[key] = unit
    }

    private mutating func isMetric(_ key: Symbol, _ symbols: SymbolTable) -> Bool {
        if let known = names[key] { return known != .none }
        let isMetric = symbols.name(key).hasPrefix("metrics.") && names.count < Self.maximumMetrics
        names[key] = isMetric ? key : Symbol.none
        return isMetric
    }

    /// The units, by kind; a metric belongs to a unit when at least half its rows have it.
    public func kinds() -> [Kind] {
        guard let table else { return [] }
        var kinds: [String: Kind] = [:]
        for (key, heard) in units {
            let own = Self.ownMetrics(heard)
            guard !own.isEmpty else { continue }
            let named = own.map { (name: String(table.name($0).dropFirst(8)), symbol: $0) }.sorted { $0.name < $1.name }
            let tenant = table.name(key.tenant)
            let metrics = named.map(\.name)
            let unit = Self.unit(table.name(key.site), heard, named.map(\.symbol))
            kinds[tenant + "\u{0}" + metrics.joined(separator: "\u{0}"), default: Kind(tenant: tenant, metrics: metrics, units: [])]
                .units.append(unit)
        }
        return kinds.sorted { $0.key < $1.key }.map { entry in
            var kind = entry.value
            kind.units.sort { $0.name < $1.name }
            return kind
        }
    }

    private static func ownMetrics(_ heard: Heard) -> [Symbol] {
        var counts: [Symbol: Int] = [:]
        for metric in heard.metric { counts[metric, default: 0] += 1 }
        return counts.filter { $0.value * 2 >= heard.times.count }.map(\.key)
    }

    private static func unit(_ name: String, _ heard: Heard, _ metrics: [Symbol]) -> LifeUnit {
        var places: [Symbol: Int] = [:]
        for (place, metric) in metrics.enumerated() { places[metric] = place }
        var unit = LifeUnit(name: name, columns: metrics.count, failedAt: heard.failedAt)
        var row = [Float](repeating: .nan, count: metrics.count)
        for index in heard.times.indices {
            for place in row.indices { row[place] = .nan }
            for cell in Int(heard.starts[index])..<Int(heard.starts[index + 1]) {
                if let place = places[heard.metric[cell]] { row[place] = heard.value[cell] }
            }
            unit.append(at: heard.times[index], row)
        }
        return unit
    }
}
