import TowerModel

/// What the engine keeps of one tenant as a whole.
struct TenantWindows: Sendable {
    struct Record: Sendable {
        var measures = [Measure](repeating: .nothing, count: KPICatalog.siteKPIs.count)
        var told: UInt16 = 0
    }

    var siteCount = 0
    /// Hours and days in which a site's measure changed.
    var dirtyHours: Set<Int64> = []
    var dirtyDays: Set<Int64> = []
    var hours: [Int64: Record] = [:]
    var days: [Int64: Record] = [:]
    var process = ProcessWindows()
}
