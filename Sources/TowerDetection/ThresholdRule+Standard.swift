import TowerModel

extension ThresholdRule {
    /// The limits of the event catalogue, one ladder a line of the table.
    ///
    /// A hold of 20 s on the bus lets a transient of load switching pass; temperatures and levels, which cannot jump, hold
    /// for minutes so that a noisy sensor at the limit stays quiet.
    public static let standard: [ThresholdRule] = [
        // DC bus and rectifier. Below 15 V a sense wire is off: a 24-cell string is dead long before.
        .init(
            metric: "power.dc.bus_v", alarmType: "power.dc.low_voltage", .below,
            [.init(.warning, 48), .init(.minor, 47), .init(.major, 46), .init(.critical, 44.5)],
            hysteresis: 0.4, raiseAfter: 20, clearAfter: 60, label: "DC bus voltage", unit: "V", plausible: 15...80),
        .init(
            metric: "power.dc.bus_v", alarmType: "rectifier.voltage_high", .above, [.init(.minor, 57.5), .init(.major, 58.5)],
            hysteresis: 0.5, raiseAfter: 60, clearAfter: 60, label: "DC bus voltage", unit: "V", plausible: 15...80),
        // Grid: ±10 % of 230 V is the supply standard; below 100 V a phase is lost, which the outage alarm tells.
        // Both ladders raise one type: clearing sooner than raising keeps the two from overlapping.
        .init(
            metric: "power.grid.v_l1", alarmType: "power.grid.quality", .below, [.init(.warning, 207), .init(.minor, 184)],
            hysteresis: 5, raiseAfter: 120, clearAfter: 60, label: "Grid voltage L1", unit: "V", plausible: 100...600),
        .init(
            metric: "power.grid.v_l1", alarmType: "power.grid.quality", .above, [.init(.warning, 253), .init(.minor, 276)],
            hysteresis: 5, raiseAfter: 120, clearAfter: 60, label: "Grid voltage L1", unit: "V", plausible: 100...600),
        // Battery: no charging above 50 °C.
        .init(
            metric: "battery.temp", alarmType: "battery.high_temp", .above,
            [.init(.minor, 40), .init(.major, 45), .init(.critical, 50)],
            hysteresis: 2, raiseAfter: 120, clearAfter: 300, label: "Battery temperature", unit: "°C", plausible: -40...120),
        .init(
            metric: "battery.soc", alarmType: "battery.low", .below,
            [.init(.minor, 40), .init(.major, 25), .init(.critical, 10)],
            hysteresis: 5, raiseAfter: 60, clearAfter: 120, label: "Battery charge", unit: "%", plausible: 0...100),
        // Generator: a 12 V starter battery cannot crank below about 11.8 V; cranking itself dips for seconds.
        .init(
            metric: "dg.start_batt", alarmType: "dg.start_battery_low", .below, [.init(.minor, 12.0), .init(.major, 11.4)],
            hysteresis: 0.3, raiseAfter: 180, clearAfter: 600, label: "Starter battery voltage", unit: "V", plausible: 3...18),
        .init(
            metric: "dg.coolant", alarmType: "dg.high_coolant_temp", .above, [.init(.minor, 98), .init(.major, 105)],
            hysteresis: 4, raiseAfter: 30, clearAfter: 120, label: "Coolant temperature", unit: "°C", plausible: -40...180),
        // Fuel: 48, 24 and 6 hours at 2 l/h, what a 15 kVA set burns at half load.
        .init(
            metric: "fuel.level", alarmType: "fuel.low", .below,
            [.init(.minor, 96), .init(.major, 48), .init(.critical, 12)],
            hysteresis: 8, raiseAfter: 300, clearAfter: 300, label: "Fuel level", unit: "l", plausible: 0...100_000),
        // Shelter.
        .init(
            metric: "env.t_in", alarmType: "env.high_temp", .above,
            [.init(.warning, 35), .init(.minor, 40), .init(.major, 45), .init(.critical, 55)],
            hysteresis: 1.5, raiseAfter: 120, clearAfter: 300, label: "Shelter temperature", unit: "°C", plausible: -40...120),
        .init(
            metric: "env.t_in", alarmType: "env.low_temp", .below, [.init(.warning, 2), .init(.minor, -5)],
            hysteresis: 1.5, raiseAfter: 300, clearAfter: 600, label: "Shelter temperature", unit: "°C", plausible: -40...120),
        .init(
            metric: "env.rh", alarmType: "env.humidity", .above, [.init(.minor, 90)],
            hysteresis: 5, raiseAfter: 1800, clearAfter: 1800, label: "Relative humidity", unit: "%", plausible: 0...100),
        // Structure and radio.
        .init(
            metric: "structure.wind", alarmType: "structure.high_wind", .above, [.init(.warning, 20), .init(.minor, 28)],
            hysteresis: 3, raiseAfter: 60, clearAfter: 600, label: "Wind speed", unit: "m/s", plausible: 0...120),
        .init(
            metric: "structure.tilt", alarmType: "structure.tilt", .above, [.init(.major, 0.5), .init(.critical, 1.0)],
            hysteresis: 0.1, raiseAfter: 300, clearAfter: 600, label: "Tower tilt", unit: "°", plausible: 0...45),
        .init(
            metric: "ran.vswr", alarmType: "ran.vswr", .above, [.init(.minor, 2.0), .init(.major, 3.0)],
            hysteresis: 0.2, raiseAfter: 360, clearAfter: 360, label: "Standing wave ratio", unit: "", plausible: 1...100),
        .init(
            metric: "sync.error", alarmType: "sync.phase_error", .above, [.init(.minor, 1000), .init(.critical, 1500)],
            hysteresis: 100, raiseAfter: 10, clearAfter: 60, label: "Phase error", unit: "ns", plausible: 0...1e9),
        // Backhaul: a planned level is about -40 dBm; steps of modulation are lost from about -60, the hop near -75.
        .init(
            metric: "mw.rsl", alarmType: "mw.rsl_low", .below,
            [.init(.warning, -55), .init(.minor, -62), .init(.major, -70)],
            hysteresis: 2, raiseAfter: 30, clearAfter: 60, label: "Received signal level", unit: "dBm", plausible: -120...10),
        .init(
            metric: "path.latency", alarmType: "path.latency", .above, [.init(.minor, 30), .init(.major, 100)],
            hysteresis: 5, raiseAfter: 60, clearAfter: 120, label: "Path latency", unit: "ms", plausible: 0...1e6),
        .init(
            metric: "rms.clock_drift", alarmType: "rms.clock_drift", .above, [.init(.warning, 120_000)],
            hysteresis: 20_000, raiseAfter: 0, clearAfter: 0, label: "Clock offset", unit: "ms"),
    ]
}

extension RateRule {
    /// Fastest changes that equipment in order can make.
    public static let standard: [RateRule] = [
        // A 15 kVA set burns under 4 l/h, so eight litres in half an hour leave the tank another way.
        .init(
            metric: "fuel.level", alarmType: "fuel.loss_suspected", .falling, by: 8, within: 1800, severity: .major,
            label: "Fuel level", unit: "l"),
        // A shelter that loses its cooling gains 10 K in 0.5 to 2 h.
        .init(
            metric: "env.t_in", alarmType: "env.t_in.rising", .rising, by: 5, within: 1800, severity: .warning,
            label: "Shelter temperature", unit: "°C"),
        .init(
            metric: "battery.temp", alarmType: "battery.temp.rising", .rising, by: 8, within: 3600, severity: .minor,
            label: "Battery temperature", unit: "°C"),
        .init(
            metric: "mw.rsl", alarmType: "mw.rsl.falling", .falling, by: 10, within: 600, severity: .warning,
            label: "Received signal level", unit: "dBm"),
    ]
}
