public import TowerModel

/// What the causal room knows of one alarm or notice type: how bad, which standard cause, which condition it shows.
public struct AlarmKnowledge: Sendable {
    public var type: String
    public var severity: Severity
    public var probableCause: Int?
    /// The condition it reports, where the templates have one.
    public var condition: Condition?
    /// A notice happens once and is never active.
    public var isNotice: Bool
    /// Alarm types of the same site that it ends.
    public var clears: [String]
    public var text: String

    init(
        _ type: String, _ severity: Severity, _ cause: Int? = nil, _ condition: Condition? = nil, notice: Bool = false,
        clears: [String] = [], _ text: String
    ) {
        self.type = type
        self.severity = severity
        self.probableCause = cause
        self.condition = condition
        self.isNotice = notice
        self.clears = clears
        self.text = text
    }

    /// By event type. Source: the event catalogue (DOMAIN 4.2); causes are IANA/ITU numbers.
    public static let byType: [String: AlarmKnowledge] = {
        var table: [String: AlarmKnowledge] = [:]
        for row in power + generatorAndFuel + environment + radio + backhaul { table[row.type] = row }
        return table
    }()

    private static let power: [AlarmKnowledge] = [
        .init("power.grid.outage", .major, 106, .gridLost, "Grid lost"),
        .init("power.grid.quality", .minor, 58, nil, "Grid quality out of limits"),
        .init("power.ats.transfer_failed", .major, 58, .transferFailed, "Transfer switch failed"),
        .init("power.spd.failed", .minor, 110, .surgeProtectionFailed, "Surge protection failed"),
        .init("power.fuse.blown", .minor, 110, nil, "Fuse blown"),
        .init("power.dc.low_voltage", .minor, 112, .lowVoltage, "DC bus voltage low"),
        .init("power.dc.lvd_open", .major, 78, .lvd1Open, "Load disconnect opened"),
        .init("power.dc.lvd_close", .cleared, 78, nil, notice: true, clears: ["power.dc.lvd_open"], "Load disconnect closed"),
        .init("rectifier.module_failed", .minor, 114, .moduleFailed, "Rectifier module failed"),
        .init("rectifier.system_failed", .critical, 114, .rectifierFailed, "Rectifier failed"),
        .init("rectifier.voltage_high", .major, 115, nil, "Rectifier voltage high"),
        .init("rectifier.voltage_low", .major, 116, nil, "Rectifier voltage low"),
        .init("battery.discharging", .warning, 104, .batteryDischarging, "Battery carries the load"),
        .init("battery.low", .major, 112, .batteryLow, "Battery low"),
        .init("battery.charge_failed", .major, 72, nil, "Battery does not charge"),
        .init("battery.high_temp", .minor, 123, .batteryHot, "Battery hot"),
        .init("battery.string_open", .major, 105, .batteryMissing, "Battery string open"),
        .init("battery.missing", .critical, 105, .batteryMissing, "Battery missing"),
        .init("battery.test_result", .cleared, nil, nil, notice: true, "Battery test ended"),
        .init("solar.underperformance", .warning, nil, .solarWeak, "Solar yield low"),
        .init("solar.charger_failed", .major, nil, nil, "Solar charger failed"),
        .init("solar.panel_missing", .major, nil, .panelMissing, "Solar panel missing"),
    ]

    private static let generatorAndFuel: [AlarmKnowledge] = [
        .init("dg.started", .cleared, nil, .generatorRunning, notice: true, clears: ["dg.start_failed"], "Generator started"),
        .init("dg.stopped", .cleared, nil, nil, notice: true, "Generator stopped"),
        .init("dg.start_failed", .major, 111, .generatorStartFailed, "Generator did not start"),
        .init("dg.low_oil_pressure", .major, 108, nil, "Generator oil pressure low"),
        .init("dg.high_coolant_temp", .major, 108, nil, "Generator coolant hot"),
        .init("dg.overload", .major, 108, nil, "Generator overloaded"),
        .init("dg.start_battery_low", .minor, 112, .starterBatteryLow, "Starter battery low"),
        .init("dg.running_with_grid", .warning, 58, nil, "Generator runs with the grid present"),
        .init("dg.service_due", .warning, nil, nil, "Generator service due"),
        .init("fuel.low", .major, 127, .fuelLow, "Fuel low"),
        .init("fuel.refuel", .cleared, nil, nil, notice: true, clears: ["fuel.low"], "Refuelled"),
        .init("fuel.loss_suspected", .major, nil, .fuelTheft, "Fuel loss suspected"),
        .init("fuel.sensor_fault", .minor, nil, .sensorFault, "Fuel sensor faulty"),
        .init("fuel.voucher", .cleared, nil, nil, notice: true, "Fuel voucher"),
    ]

    private static let environment: [AlarmKnowledge] = [
        .init("hvac.failed", .major, 102, .coolingFailed, "Cooling failed"),
        .init("hvac.fan_failed", .minor, 107, .coolingFailed, "Cooling fan failed"),
        .init("hvac.short_cycling", .warning, 268, .coolingWeak, "Cooling starts too often"),
        .init("env.high_temp", .warning, 123, .shelterHot, "Shelter hot"),
        .init("env.low_temp", .warning, 123, nil, "Shelter cold"),
        .init("env.smoke", .critical, 132, nil, "Smoke"),
        .init("env.fire", .critical, 120, nil, "Fire"),
        .init("env.flood", .critical, 121, .flood, "Flood"),
        .init("env.humidity", .minor, 122, nil, "Humidity high"),
        .init("access.door_open", .minor, 118, .doorOpen, "Door open"),
        .init("access.entry", .cleared, nil, nil, notice: true, "Entry"),
        .init("access.intrusion", .major, 126, .intrusion, "Intrusion"),
        .init("access.cable_tamper", .critical, 290, .intrusion, "Cable tampered with"),
        .init("access.device_tamper", .major, nil, .intrusion, "Device tampered with"),
        .init("light.failed", .major, nil, .lightFailed, "Obstruction light out"),
        .init("structure.tilt", .critical, nil, .towerTilts, "Tower tilts"),
        .init("structure.vibration", .major, 265, nil, "Tower vibrates"),
        .init("structure.high_wind", .warning, 124, .highWind, "High wind"),
        .init("structure.ice", .warning, 125, nil, "Ice on the tower"),
    ]

    private static let radio: [AlarmKnowledge] = [
        .init("ran.cell_down", .major, 300, .cellDown, "Cell down"),
        .init("ran.cell_degraded", .minor, 276, .cellDegraded, "Cell degraded"),
        .init("ran.vswr", .minor, 71, .standingWave, "Antenna line reflects"),
        .init("ran.rtwp_high", .minor, nil, .uplinkNoise, "Uplink interference"),
        .init("ran.rru_link_lost", .major, nil, .radioUnitLost, "Remote radio lost"),
        .init("ran.sleeping_cell", .major, nil, .cellSleeping, "Sleeping cell"),
        .init("sync.gnss_lost", .warning, 76, .timingLost, "Satellite timing lost"),
        .init("sync.holdover", .minor, 76, .timingHoldover, "Clock in holdover"),
        .init("sync.ptp_lost", .minor, 76, nil, "Packet timing lost"),
        .init("sync.phase_error", .critical, 66, .phaseError, "Phase error"),
    ]

    private static let backhaul: [AlarmKnowledge] = [
        .init("mw.rsl_low", .minor, 3, .rainFade, "Received level low"),
        .init("mw.acm_downshift", .warning, 201, .modulationDown, "Modulation stepped down"),
        .init("mw.link_down", .critical, 8, .hopDown, "Hop down"),
        .init("fibre.los", .critical, 8, .fibreCut, "Fibre signal lost"),
        .init("fibre.ber", .minor, 12, nil, "Fibre bit errors"),
        .init("eth.congestion", .minor, 202, nil, "Link congested"),
        .init("path.latency", .minor, nil, nil, "Path slow"),
        .init("ring.protection_lost", .minor, 77, nil, "Ring protection lost"),
        .init("rms.offline", .major, 259, .rmsOffline, "Site controller offline"),
        .init("rms.dying_gasp", .critical, nil, .dyingGasp, "Site controller lost power"),
        .init("rms.clock_drift", .warning, 157, nil, "Site clock drifts"),
    ]
}
