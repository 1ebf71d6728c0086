/// Constants of the formulas. All spans in seconds.
public struct KPIConfiguration: Sendable, Hashable {
    /// Data up to this late changes a window that was told; later data is counted and dropped.
    public var allowedLateness = 72.0 * 3600
    /// A reading speaks until the next one, but no longer than this; what lies beyond was not heard and is left out of
    /// both terms of a ratio. At most one hour.
    public var maximumGap = 900.0
    /// Bus volts inside which the contract counts power as delivered.
    public var busBand = 43.0...60.0
    /// Grid volts on L1 from which the grid counts as present.
    public var gridPresentVolts = 180.0
    /// Alarms that take a site out of service while active, at `critical`.
    public var downAlarmTypes: Set<String> = ["power.dc.lvd_open", "rms.dying_gasp", "site.down", "site.dark"]
    /// Alarms that say the grid is gone.
    public var gridAlarmTypes: Set<String> = ["power.grid.outage"]
    /// Battery: nominal volts, usable depth of discharge, efficiency to the load, both 0...1.
    public var nominalVolts = 48.0
    public var usableDepth = 0.8
    public var dischargeEfficiency = 0.95
    /// Generator burn: litres an hour at no load and per kW (fit to a published table for 15 kVA), and the load assumed
    /// when none is measured, in kW.
    public var idleLitresPerHour = 0.40
    public var litresPerKilowattHour = 0.263
    public var assumedGeneratorKilowatts = 5.0
    /// Generator counts as running above these.
    public var runningRPM = 300.0
    public var runningKilowatts = 0.1
    public var runningVolts = 50.0
    /// A rise of the five-minute level by this many litres is a delivery.
    public var deliveryLitres = 5.0
    /// A site unheard for so long gives no more results.
    public var retireAfter = 7.0 * 86_400
    /// Bound on sites.
    public var maximumSites = 200_000

    public init() {}
    public static let standard = KPIConfiguration()
}
