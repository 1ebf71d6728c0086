import TowerCausality
public import TowerModel

/// Events in, decisions out: alarms, incidents with their causes, forecasts. Pure: the same calls give the same answers in
/// every process.
///
/// - Time: reasoning uses event time. The clock that fires timers is each tenant's largest event time, plus the time that
///   passed since by `arrivedAt` or `advance(to:)`; all of it comes from the log, so a replay repeats it. A replay of old
///   events therefore runs on their time, not on today's.
/// - Order: events may be late, out of order, twice, and off by two minutes.
/// - Tenants share nothing.
public struct Engine: Sendable {
    let configuration: EngineConfiguration
    var tenants: [TenantEngine] = []
    var numberOfTenant: [String: Int] = [:]
    private var types: EventTypeTable?
    private var tenantOfSymbol = SymbolNumbers()

    public init(configuration: EngineConfiguration = .init()) { self.configuration = configuration }

    /// Takes one batch in.
    /// - Parameter arrivedAt: when the log took each event in; `nil` when only event times are known. As long as the batch.
    public mutating func process(_ batch: EventBatch, arrivedAt: [Timestamp]?) -> EngineOutput {
        var output = EngineOutput()
        if types == nil || types!.table !== batch.symbols {
            types = EventTypeTable(table: batch.symbols)
            tenantOfSymbol = SymbolNumbers()
        }
        let keys = types!.keys
        for event in 0..<batch.count {
            let role = types!.role(batch.types[event])
            guard role != .ignored || arrivedAt != nil else { continue }
            let tenant = tenantNumber(batch.tenants[event], batch.symbols)
            let arrival = arrivedAt.flatMap { event < $0.count ? $0[event] : nil }
            tenants[tenant].take(batch, event, role: role, keys: keys, arrivedAt: arrival, into: &output)
        }
        return output
    }

    /// Takes some events of a batch in, with when the log took each.
    public mutating func process(_ run: EventRun) -> EngineOutput {
        var output = EngineOutput()
        if types == nil || types!.table !== run.batch.symbols {
            types = EventTypeTable(table: run.batch.symbols)
            tenantOfSymbol = SymbolNumbers()
        }
        let keys = types!.keys
        for index in run.events.indices {
            let event = Int(run.events[index])
            let role = types!.role(run.batch.types[event])
            let tenant = tenantNumber(run.batch.tenants[event], run.batch.symbols)
            tenants[tenant].take(run.batch, event, role: role, keys: keys, arrivedAt: run.arrivedAt[index], into: &output)
        }
        return output
    }

    /// Lets time pass without events: holds end, silences count, quiet incidents resolve.
    public mutating func advance(to now: Timestamp) -> EngineOutput {
        var output = EngineOutput()
        for tenant in byName { tenants[tenant].advance(arrival: now, into: &output) }
        return output
    }

    /// Respects what a person decided.
    public mutating func apply(_ action: OperatorAction) -> EngineOutput {
        var output = EngineOutput()
        if let tenant = numberOfTenant[action.tenantID.rawValue] { tenants[tenant].apply(action, into: &output) }
        return output
    }

    /// Respects what a person knows of a pair of alarm types.
    public mutating func apply(_ verdict: CausalVerdict) -> EngineOutput {
        var output = EngineOutput()
        if let tenant = numberOfTenant[verdict.tenantID.rawValue] { tenants[tenant].apply(verdict, into: &output) }
        return output
    }

    /// Respects what a person said of a proposed link.
    public mutating func apply(_ verdict: LinkVerdict) -> EngineOutput {
        var output = EngineOutput()
        if let tenant = numberOfTenant[verdict.tenantID.rawValue] { tenants[tenant].apply(verdict, into: &output) }
        return output
    }

    /// The input is over: judges what waits to be judged and says the last of it. No time passes.
    public mutating func finish() -> EngineOutput {
        var output = EngineOutput()
        for tenant in byName { tenants[tenant].finish(into: &output) }
        return output
    }

    /// Tenants in an order that does not depend on which was heard first.
    private var byName: [Int] { numberOfTenant.sorted { $0.key < $1.key }.map(\.value) }

    private mutating func tenantNumber(_ symbol: Symbol, _ symbols: SymbolTable) -> Int {
        if let known = tenantOfSymbol[symbol] { return Int(known) }
        let name = symbols.name(symbol)
        let number: Int
        if let known = numberOfTenant[name] {
            number = known
        } else {
            number = tenants.count
            numberOfTenant[name] = number
            tenants.append(TenantEngine(tenantID: TenantID(name), configuration: configuration))
        }
        tenantOfSymbol.add(symbol, Int32(number))
        return number
    }
}
