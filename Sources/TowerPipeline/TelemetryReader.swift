import TowerModel

/// Finds the numbers in telemetry events and names them: `power.dc.bus_v`, `battery.i`.
///
/// A metric is a small number here, with its name in `metrics`; which field is which metric is worked out once per (event
/// type, field), so an event costs look-ups in a flat table only.
struct TelemetryReader: Sendable {
    private enum Kind: Int32, Sendable {
        case none
        /// Every top-level number is a metric under the type's prefix.
        case fields
        /// `payload.metric` names `payload.value`.
        case metric
        /// `payload.metrics` maps names to numbers.
        case sample
    }
    /// A number that an event tells: of which metric, and what.
    struct Reading {
        var metric: Int32
        var value: Double
    }
    /// Names remembered at most. Senders choose them, so whoever holds the reader starts it anew when it is full, with all
    /// that counts by its numbers.
    static let maxMetrics = 1 << 18

    /// A field that is no metric.
    private static let noMetric: Int32 = -2

    private let symbols: SymbolTable
    /// Names by number, in the order in which they were first met.
    private(set) var metrics: [String] = []
    private var numbers: [String: Int32] = [:]
    private var kinds = PairIndex()
    private var points = PairIndex()
    private let metric: Symbol
    private let value: Symbol

    init(symbols: SymbolTable) {
        self.symbols = symbols
        metric = symbols.intern("metric")
        value = symbols.intern("value")
    }

    var isFull: Bool { metrics.count >= Self.maxMetrics }

    /// Puts every number of the event into `readings`, instead of what is there.
    mutating func read(_ batch: EventBatch, _ event: Int, into readings: inout [Reading]) {
        readings.removeAll(keepingCapacity: true)
        let type = batch.types[event].rawValue
        let known = kinds.find(type, 0)
        switch Kind(rawValue: known) ?? kind(type) {
        case .none: return
        case .metric:
            // The table may be over its bound by a slice; that is bounded, too.
            if let name = batch.string(metric, of: event), !name.isEmpty, let value = batch.number(value, of: event) {
                readings.append(Reading(metric: number(name), value: value))
            }
        case .fields, .sample:
            for index in batch.fieldRange(event) where batch.fields[index].kind == .number {
                let key = batch.fields[index].key.rawValue
                guard key >= 0 else { continue }
                var metric = points.find(type, key)
                if metric == -1 { metric = point(type, key) }
                if metric >= 0 { readings.append(Reading(metric: metric, value: batch.fields[index].number)) }
            }
        }
    }

    @inline(never)
    private mutating func kind(_ type: Int32) -> Kind {
        let name = symbols.name(Symbol(rawValue: type))
        let kind: Kind =
            switch name {
            case "telemetry.metric": .metric
            case "telemetry.sample": .sample
            default: name.hasSuffix(".telemetry") ? .fields : .none
            }
        kinds.insert(type, 0, kind.rawValue)
        return kind
    }

    /// The metric that a field of that type is.
    @inline(never)
    private mutating func point(_ type: Int32, _ key: Int32) -> Int32 {
        let typeName = symbols.name(Symbol(rawValue: type))
        let keyName = symbols.name(Symbol(rawValue: key))
        let metric: Int32
        if typeName == "telemetry.sample" {
            metric = keyName.hasPrefix("metrics.") ? number(String(keyName.dropFirst("metrics.".count))) : Self.noMetric
        } else {
            metric = number(typeName.dropLast("telemetry".count) + keyName)
        }
        points.insert(type, key, metric)
        return metric
    }

    private mutating func number(_ name: String) -> Int32 {
        if let known = numbers[name] { return known }
        let number = Int32(metrics.count)
        metrics.append(name)
        numbers[name] = number
        return number
    }
}
