public import TowerModel

/// One KPI over one window, as it is known at the event-time watermark.
///
/// - Shape: one per (tenant, site, KPI, window); a later one with `isRecomputed` replaces an earlier one.
/// - Missing data: `value` is `nil` when nothing was heard; never 0 for that.
public struct KPIResult: Sendable, Hashable {
    public var tenantID: TenantID
    /// `nil` for the tenant as a whole.
    public var siteID: SiteID?
    /// Name in `KPICatalog`.
    public var kpi: String
    public var value: Double?
    public var unit: String
    /// Half-open, UTC.
    public var windowStart: Timestamp
    public var windowEnd: Timestamp
    /// Late data changed what was told before.
    public var isRecomputed: Bool
    /// Samples, alarms or incidents that the value rests on.
    public var eventCount: Int

    public init(
        tenantID: TenantID, siteID: SiteID?, kpi: String, value: Double?, unit: String, windowStart: Timestamp,
        windowEnd: Timestamp, isRecomputed: Bool, eventCount: Int
    ) {
        self.tenantID = tenantID
        self.siteID = siteID
        self.kpi = kpi
        self.value = value
        self.unit = unit
        self.windowStart = windowStart
        self.windowEnd = windowEnd
        self.isRecomputed = isRecomputed
        self.eventCount = eventCount
    }
}
