extension EventCatalog {
    /// Radio access and synchronisation.
    static let radio: [EventTypeSpec] = [
        .telemetry(
            "ran.pm",
            [
                .number("rrc_att"), .number("rrc_succ"), .number("drop"), .number("prb", "%"), .number("thr", "Mbit/s"),
                .any("unavail_s", "s"),
            ]),
        .alarm("ran.cell_down", .major, 300, [.any("cause")]),
        .alarm("ran.cell_degraded", .minor, 276, [.text("kpi")]),
        .alarm("ran.vswr", .minor, 71, [.any("port"), .number("ratio")]),
        .alarm("ran.rtwp_high", .minor, nil, [.number("rtwp", "dBm")]),
        .alarm("ran.rru_link_lost", .major, nil, [.any("port")]),
        .alarm("ran.sleeping_cell", .major),
        .alarm("sync.gnss_lost", .warning, 76),
        .alarm("sync.holdover", .minor, 76, [.number("est_error", "ns")]),
        .alarm("sync.ptp_lost", .minor, 76),
        .alarm("sync.phase_error", .critical, 66, [.number("error", "ns")]),
    ]

    /// Microwave, fibre, Ethernet, rings. The far end of a link is `peer`.
    static let backhaul: [EventTypeSpec] = [
        .telemetry(
            "mw.telemetry",
            [
                .number("rsl", "dBm"), .number("mse", "dB"), .number("xpi", "dB"), .any("acm"), .number("capacity", "Mbit/s"),
                .number("es", "s"), .number("ses", "s"), .number("uas", "s"),
            ]),
        .alarm("mw.rsl_low", .minor, 3, [.number("rsl", "dBm"), .number("limit", "dBm")]),
        .alarm("mw.acm_downshift", .warning, 201, [.any("acm"), .number("capacity", "Mbit/s")]),
        .alarm("mw.link_down", .critical, 8),
        .alarm("fibre.los", .critical, 8),
        .alarm("fibre.ber", .minor, 12, [.number("ber")]),
        .alarm("eth.congestion", .minor, 202, [.number("utilisation", "%")]),
        .alarm("path.latency", .minor, nil, [.number("latency", "ms")]),
        .alarm("ring.protection_lost", .minor, 77, [.any("ring")]),
    ]

    /// Types that any source can use.
    static let generic: [EventTypeSpec] = [
        .telemetry("telemetry.metric", [.text("metric", required: true), .number("value", required: true), .text("unit")]),
        .telemetry("telemetry.sample", [.object("metrics", required: true), .text("phase"), .number("cycle")]),
        .alarm("alarm.raised", .minor, nil, [.text("alarm_type", required: true), .any("perceived_severity")]),
        // Never active itself: it ends the alarm.raised with the same alarm_type and device_id.
        .notice(
            "alarm.cleared", .cleared, nil,
            [.text("alarm_type", required: true), .text("raised_event_id"), .text("state", oneOf: EventCatalog.alarmStates)]),
        .notice("unit.failed", .major, nil, [.number("cycle")]),
    ]

    /// The world itself. `topology.link` names its ends `a` and `b`, or `from` and `to` where it is directed. Each holds from
    /// `valid_from`, else from the event's timestamp, until the next of the same site or link.
    static let inventory: [EventTypeSpec] = [
        EventTypeSpec(
            "inventory.site", .inventory, .cleared,
            [
                .text("name"), .number("lat", "deg"), .number("lon", "deg"), .text("region"), .text("timezone"),
                .array("operators"), .text("grid_class", oneOf: ["A", "B", "C", "D", "off"]), .text("feeder_id"), .bool("is_hub"),
                .number("load_kw", "kW"), .object("battery"), .number("battery.strings"), .number("battery.ah", "Ah"),
                .text("battery.chemistry"), .text("battery.installed"), .object("dg"), .number("dg.kva", "kVA"),
                .number("dg.tank_l", "L"), .number("solar_kwp", "kW"), .text("status", oneOf: ["active", "decommissioned"]),
                .text("valid_from"),
            ]),
        EventTypeSpec(
            "inventory.asset", .inventory, .cleared,
            [.text("asset_id", required: true), .text("class"), .text("model"), .text("serial"), .text("installed")]),
        EventTypeSpec(
            "topology.link", .inventory, .cleared,
            [
                .text("a"), .text("b"), .text("from"), .text("to"), .text("relation"), .text("kind"), .text("parent"),
                .number("frequency_ghz", "GHz"), .number("length_km", "km"), .text("state", oneOf: ["active", "removed"]),
                .text("valid_from"), .text("provenance"),
            ]),
    ]
}
