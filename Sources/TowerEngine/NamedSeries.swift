import TowerModel

/// A telemetry series as any process can name it, and the detectors' number for it.
struct NamedSeries: Sendable {
    var point: Int32
    var site: Int32
    /// Empty for metrics, which name themselves inside `instance`.
    var type: String
    var key: String
    var instance: UInt64

    var isMetric: Bool { type.isEmpty }
}

extension TenantEngine {
    /// Goes on with another symbol table: what was known by number is known by name in between.
    mutating func move(to table: SymbolTable) {
        let series = seriesByName()
        symbols = table
        siteOfSymbol = SymbolNumbers()
        wanders.forgetSymbols()
        namedSeries = []
        pointOfSeries = SeriesTable()
        layouts = SeriesLayouts()
        for entry in series {
            let type = entry.isMetric ? -2 : table.intern(entry.type).rawValue
            let key = entry.isMetric ? -2 : table.intern(entry.key).rawValue
            let series = SeriesKey(site: entry.site, type: type, key: key, instance: entry.instance)
            // A table that is full answers one number for all that it cannot take.
            if pointOfSeries.point(series) == nil { pointOfSeries.add(series, entry.point) }
        }
    }

    /// Every series known, in order of (point, site, type, key, instance).
    func seriesByName() -> [NamedSeries] {
        guard let symbols else { return namedSeries }
        var names: [Int32: String] = [:]
        func name(_ symbol: Int32) -> String {
            if let known = names[symbol] { return known }
            let name = symbols.name(Symbol(rawValue: symbol))
            names[symbol] = name
            return name
        }
        var series: [NamedSeries] = []
        for entry in pointOfSeries.entries where entry.isUsed {
            let isMetric = entry.key.type == -2
            series.append(
                NamedSeries(
                    point: entry.point, site: entry.key.site, type: isMetric ? "" : name(entry.key.type),
                    key: isMetric ? "" : name(entry.key.key), instance: entry.key.instance))
        }
        series.sort { left, right in
            if left.point != right.point { return left.point < right.point }
            if left.site != right.site { return left.site < right.site }
            if left.type != right.type { return left.type < right.type }
            return left.key != right.key ? left.key < right.key : left.instance < right.instance
        }
        return series
    }
}
