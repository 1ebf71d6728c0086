/// The metrics that KPIs are made of.
enum MetricRole: Int, Sendable, CaseIterable {
    case busVolts, gridVolts, dgRunning, dgRPM, dgPower, dgVolts, dgRunHours, fuelLevel, stateOfCharge, stateOfHealth, loadPower

    static let count = allCases.count

    /// Metric names, as `<event type without .telemetry>.<field>`.
    static let byMetric: [String: MetricRole] = [
        "power.dc.bus_v": .busVolts, "power.grid.v_l1": .gridVolts, "dg.running": .dgRunning, "dg.rpm": .dgRPM, "dg.p": .dgPower,
        "dg.v": .dgVolts, "dg.run_h": .dgRunHours, "fuel.level": .fuelLevel, "battery.soc": .stateOfCharge,
        "battery.soh": .stateOfHealth, "power.dc.load_p": .loadPower,
    ]
}
