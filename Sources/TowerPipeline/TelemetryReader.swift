import TowerModel

/// Finds the numbers in telemetry events and names them: `power.dc.bus_v`, `battery.i`.
///
/// A name is made once per (event type, field) and remembered, so an event costs look-ups only.
struct TelemetryReader: Sendable {
    private enum Kind: Sendable {
        case none
        /// Every top-level number is a metric under this prefix.
        case fields(prefix: String)
        /// `payload.metric` names `payload.value`.
        case metric
        /// `payload.metrics` maps names to numbers.
        case sample
    }
    private struct Point: Hashable, Sendable {
        let type: Int32
        let key: Int32
    }

    private let symbols: SymbolTable
    private var kinds: [Int32: Kind] = [:]
    private var names: [Point: String?] = [:]
    private let metric: Symbol
    private let value: Symbol

    init(symbols: SymbolTable) {
        self.symbols = symbols
        metric = symbols.intern("metric")
        value = symbols.intern("value")
    }

    /// Calls `body` with the name and value of every number of the event.
    mutating func read(_ batch: EventBatch, _ event: Int, _ body: (String, Double) -> Void) {
        let type = batch.types[event]
        switch kind(type) {
        case .none: return
        case .metric:
            if let name = batch.string(metric, of: event), !name.isEmpty, let number = batch.number(value, of: event) { body(name, number) }
        case .fields(let prefix):
            for index in batch.fieldRange(event) where batch.fields[index].kind == .number {
                if let name = name(type, batch.fields[index].key, { "\(prefix).\($0)" }) { body(name, batch.fields[index].number) }
            }
        case .sample:
            for index in batch.fieldRange(event) where batch.fields[index].kind == .number {
                let named = name(type, batch.fields[index].key) { $0.hasPrefix("metrics.") ? String($0.dropFirst(8)) : nil }
                if let named { body(named, batch.fields[index].number) }
            }
        }
    }

    private mutating func kind(_ type: Symbol) -> Kind {
        if let known = kinds[type.rawValue] { return known }
        let name = symbols.name(type)
        let kind: Kind
        switch name {
        case "telemetry.metric": kind = .metric
        case "telemetry.sample": kind = .sample
        default: kind = name.hasSuffix(".telemetry") ? .fields(prefix: String(name.dropLast(".telemetry".count))) : .none
        }
        kinds[type.rawValue] = kind
        return kind
    }

    private mutating func name(_ type: Symbol, _ key: Symbol, _ make: (String) -> String?) -> String? {
        guard key != .none else { return nil }
        let point = Point(type: type.rawValue, key: key.rawValue)
        if let known = names[point] { return known }
        let name = make(symbols.name(key))
        names[point] = .some(name)
        return name
    }
}
