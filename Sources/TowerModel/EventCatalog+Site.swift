extension EventCatalog {
    /// Cooling and environment.
    static let climate: [EventTypeSpec] = [
        .telemetry("env.telemetry", [.number("t_in", "Cel"), .number("t_out", "Cel"), .number("rh", "%")]),
        .alarm("hvac.failed", .major, 102, [.any("unit")]),
        .alarm("hvac.fan_failed", .minor, 107, [.any("unit")]),
        .alarm("hvac.short_cycling", .warning, 268, [.any("unit"), .number("starts", "/h")]),
        .alarm("env.high_temp", .warning, 123, [.number("t", "Cel")]),
        .alarm("env.low_temp", .warning, 123, [.number("t", "Cel")]),
        .alarm("env.smoke", .critical, 132),
        .alarm("env.fire", .critical, 120),
        .alarm("env.flood", .critical, 121, [.number("level", "mm")]),
        .alarm("env.humidity", .minor, 122, [.number("rh", "%")]),
    ]

    /// Doors, intrusion, tower light, structure.
    static let accessAndStructure: [EventTypeSpec] = [
        .alarm("access.door_open", .minor, 118, [.any("door"), .any("permit_id")]),
        .notice("access.entry", .minor, 118, [.any("door"), .any("person"), .any("permit"), .any("permit_id")]),
        .alarm("access.intrusion", .major, 126, [.any("sensor")]),
        .alarm("access.cable_tamper", .critical, 290),
        .alarm("access.device_tamper", .major),

        .telemetry("light.telemetry", [.number("i", "A"), .number("lux", "lx")]),
        .alarm("light.failed", .major, nil, [.any("position"), .bool("regulated"), .text("deadline")]),

        .telemetry(
            "structure.telemetry",
            [.number("tilt", "deg"), .number("accel", "m/s2"), .number("wind", "m/s"), .number("strain", "ue")]),
        .alarm("structure.tilt", .critical, nil, [.number("tilt", "deg")]),
        .alarm("structure.vibration", .major, 265, [.number("accel", "m/s2")]),
        .alarm("structure.high_wind", .warning, 124, [.number("wind", "m/s")]),
        .alarm("structure.ice", .warning, 125),
    ]

    /// Remote monitoring unit, tickets, field work, contracts.
    static let management: [EventTypeSpec] = [
        .telemetry("rms.heartbeat", [.number("v", "V"), .number("seq"), .number("uptime", "s")]),
        .alarm("rms.offline", .major, 259, [.number("age", "s")]),
        .alarm("rms.dying_gasp", .critical, nil, [.number("v", "V")]),
        .alarm("rms.clock_drift", .warning, 157, [.number("drift", "ms")]),

        .notice("itsm.ticket.created", .cleared, nil, ticket),
        .notice("itsm.ticket.updated", .cleared, nil, ticket),
        .notice("itsm.ticket.resolved", .cleared, nil, ticket),
        .notice("itsm.ticket.closed", .cleared, nil, ticket),
        .notice("wfm.visit.started", .cleared, nil, [.any("visit_id"), .any("technician"), .any("permit_id")]),
        .notice(
            "wfm.visit.ended", .cleared, nil, [.any("visit_id"), .any("technician"), .text("outcome"), .bool("no_fault_found")]),
        .notice("permit.issued", .cleared, nil, [.any("permit_id"), .any("person"), .text("from"), .text("to")]),
        .notice("change.window.planned", .cleared, nil, window),
        .notice("change.window.started", .cleared, nil, window),
        .notice("change.window.ended", .cleared, nil, window),
        .notice("fuel.voucher", .cleared, nil, [.any("voucher_id"), .number("volume", "L"), .text("supplier")]),
        .notice("contract.changed", .cleared, nil, [.any("contract_id"), .object("contract")]),
    ]

    private static let ticket: [EventTypeSpec.Field] = [
        .any("ticket_id"), .text("status"), .text("summary"), .any("incident_id"), .any("assignee"),
    ]
    private static let window: [EventTypeSpec.Field] = [.any("window_id"), .text("from"), .text("to"), .text("reason")]
}
