import TowerModel

/// Sites by small numbers: the names are looked up once for each, not once for each event.
struct PlaceIndex: Sendable {
    struct Place: Sendable {
        var tenant: TenantID
        var site: SiteID
    }
    private let symbols: SymbolTable
    private var places: [Place] = []
    private var numbers = PairIndex()

    init(symbols: SymbolTable) { self.symbols = symbols }

    subscript(_ number: Int32) -> Place { places[Int(number)] }

    /// The number of an event's site, from 0 without holes.
    @inline(__always)
    mutating func number(_ batch: EventBatch, _ event: Int) -> Int32 {
        let known = numbers.find(batch.tenants[event].rawValue, batch.sites[event].rawValue)
        return known >= 0 ? known : add(batch.tenants[event], batch.sites[event])
    }

    @inline(never)
    private mutating func add(_ tenant: Symbol, _ site: Symbol) -> Int32 {
        let number = Int32(truncatingIfNeeded: places.count)
        places.append(Place(tenant: TenantID(symbols.name(tenant)), site: SiteID(symbols.name(site))))
        numbers.insert(tenant.rawValue, site.rawValue, number)
        return number
    }
}
