extension EventCatalog {
    /// Grid, transfer switch, DC bus, rectifier.
    static let power: [EventTypeSpec] = [
        .telemetry(
            "power.grid.telemetry",
            [
                .number("v_l1", "V"), .number("v_l2", "V"), .number("v_l3", "V"), .number("i_l1", "A"), .number("i_l2", "A"),
                .number("i_l3", "A"), .number("f", "Hz"), .number("p", "kW"), .number("e", "kWh"), .number("pf"),
                .number("thd", "%"),
            ]),
        .alarm("power.grid.outage", .major, 106, [.any("phases_lost"), .number("last_v", "V"), .text("feeder_id")]),
        .alarm("power.grid.quality", .minor, 58, [.text("kind"), .number("value"), .number("limit")]),
        .alarm("power.ats.transfer_failed", .major, 58, [.text("from"), .text("to")]),
        .alarm("power.spd.failed", .minor, 110, [.any("branch")]),
        .alarm("power.fuse.blown", .minor, 110, [.any("branch")]),

        .telemetry(
            "power.dc.telemetry",
            [
                .number("bus_v", "V"), .number("load_i", "A"), .number("load_p", "kW"), .number("e", "kWh"), .any("branch"),
                .any("branches"), .text("tenant"),
            ]),
        .alarm("power.dc.low_voltage", .warning, 112, [.number("v", "V"), .number("limit", "V")]),
        .alarm("power.dc.lvd_open", .major, 78, [.any("contactor"), .number("priority"), .number("v", "V")]),
        // The clear of lvd_open, as equipment sends it: a type of its own that is never active.
        .notice("power.dc.lvd_close", .cleared, 78, [.any("contactor"), .number("priority"), .number("v", "V")]),

        .telemetry(
            "rectifier.telemetry",
            [
                .number("modules_ok"), .number("modules_total"), .number("out_i", "A"), .number("eff", "%"),
                .number("temp", "Cel"),
            ]),
        .alarm("rectifier.module_failed", .minor, 114, [.any("slot"), .number("spare_left")]),
        .alarm("rectifier.system_failed", .critical, 114),
        .alarm("rectifier.voltage_high", .major, 115, [.number("v", "V")]),
        .alarm("rectifier.voltage_low", .major, 116, [.number("v", "V")]),
    ]

    static let battery: [EventTypeSpec] = [
        .telemetry(
            "battery.telemetry",
            [
                .any("string_id"), .number("v", "V"), .number("i", "A"), .number("soc", "%"), .number("soh", "%"),
                .number("temp", "Cel"), .array("cell_v"), .number("r", "mOhm"), .number("ah_in", "Ah"), .number("ah_out", "Ah"),
                .text("chemistry"),
            ]),
        .alarm(
            "battery.discharging", .warning, 104,
            [
                .any("string_id"), .number("i", "A"), .number("autonomy_p10", "min"), .number("autonomy_p50", "min"),
                .number("autonomy_p90", "min"),
            ]),
        .alarm("battery.low", .major, 112, [.any("string_id"), .number("soc", "%")]),
        .alarm("battery.charge_failed", .major, 72, [.any("string_id")]),
        .alarm("battery.high_temp", .minor, 123, [.any("string_id"), .number("temp", "Cel")]),
        .alarm("battery.string_open", .major, 105, [.any("string_id"), .number("expected_ah", "Ah"), .any("evidence")]),
        .alarm("battery.missing", .critical, 105, [.any("string_id"), .number("expected_ah", "Ah"), .any("evidence")]),
        .notice(
            "battery.test_result", .cleared, nil,
            [.any("string_id"), .number("c_measured", "Ah"), .number("duration", "min"), .number("end_v", "V")]),
    ]

    /// Diesel generator, fuel, solar.
    static let generatorAndFuel: [EventTypeSpec] = [
        .telemetry(
            "dg.telemetry",
            [
                .text("state"), .number("rpm"), .number("f", "Hz"), .number("v", "V"), .number("i", "A"), .number("p", "kW"),
                .number("e", "kWh"), .number("oil", "kPa"), .number("coolant", "Cel"), .number("start_batt", "V"),
                .number("run_h", "h"),
            ]),
        .notice("dg.started", .cleared, nil, [.text("reason")]),
        .notice("dg.stopped", .cleared, nil, [.text("reason")]),
        .alarm("dg.start_failed", .major, 111, [.number("attempts"), .number("crank_s", "s"), .number("start_batt", "V")]),
        .alarm("dg.low_oil_pressure", .major, 108, [.number("oil", "kPa")]),
        .alarm("dg.high_coolant_temp", .major, 108, [.number("coolant", "Cel")]),
        .alarm("dg.overload", .major, 108, [.number("p", "kW")]),
        .alarm("dg.start_battery_low", .minor, 112, [.number("v", "V")]),
        .alarm("dg.running_with_grid", .warning, 58, [.number("min", "min")]),
        .alarm("dg.service_due", .warning, nil, [.number("run_h", "h")]),

        .telemetry(
            "fuel.telemetry", [.number("level", "L"), .number("level_pct", "%"), .number("temp", "Cel"), .number("water", "mm")]),
        .alarm("fuel.low", .major, 127, [.number("level", "L"), .number("hours_to_empty_p10", "h")]),
        .notice("fuel.refuel", .cleared, nil, [.number("volume", "L"), .any("voucher_id"), .number("measured", "L")]),
        .alarm(
            "fuel.loss_suspected", .major, nil,
            [.number("volume", "L"), .number("rate", "L/min"), .number("posterior"), .text("dg_state"), .text("door_state")]),
        .alarm("fuel.sensor_fault", .minor, nil, [.text("kind")]),

        .telemetry(
            "solar.telemetry",
            [
                .number("poa", "W/m2"), .number("v", "V"), .number("i", "A"), .number("p", "kW"), .number("e", "kWh"),
                .number("module_temp", "Cel"),
            ]),
        .alarm("solar.underperformance", .warning, nil, [.number("pr", "%"), .number("expected", "%")]),
        .alarm("solar.charger_failed", .major),
        .alarm("solar.panel_missing", .major),
    ]
}
