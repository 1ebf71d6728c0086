extension EventCatalog {
    /// What the platform writes: alarm changes, the incident lifecycle, optimisation, KPIs, forecasts, its heartbeat.
    static let platform: [EventTypeSpec] =
        ["alert.raised", "alert.changed", "alert.cleared", "alert.acknowledged", "alert.shelved", "alert.unshelved"].map {
            EventTypeSpec($0, .platform, .cleared, alarmPayload)
        }
        + [
            "incident.opened", "incident.updated", "incident.merged", "incident.split", "incident.mitigated", "incident.resolved",
            "incident.reopened", "incident.closed", "incident.acknowledged", "incident.assigned", "incident.commented",
            "incident.cause_judged",
        ].map { EventTypeSpec($0, .platform, .cleared, incidentPayload) }
        + ["proposed", "approved", "applied", "compensated", "failed"].map {
            EventTypeSpec(
                "optimization.\($0)", .platform, .cleared, [.text("optimization_id"), .text("action"), .text("reason")])
        }
        + ["kpi.computed", "kpi.recomputed"].map {
            EventTypeSpec(
                $0, .platform, .cleared,
                [
                    .text("kpi"), .number("value"), .text("unit"), .text("window"), .text("window_start"), .text("window_end"),
                    .array("event_ids"),
                ])
        }
        + [
            EventTypeSpec(
                "forecast.autonomy", .platform, .cleared,
                [
                    .text("at"), .number("minutes_p10", "min"), .number("minutes_p50", "min"), .number("minutes_p90", "min"),
                    .text("ends_with"), .number("bus_volts", "V"), .number("battery_amps", "A"), .number("state_of_charge"),
                    .number("lvd2_minutes_p10", "min"), .number("lvd2_minutes_p50", "min"), .number("lvd2_minutes_p90", "min"),
                    .array("event_ids"),
                ]),
            EventTypeSpec(
                "forecast.site", .platform, .cleared,
                [
                    .text("site_id"), .text("at"), .text("kind", required: true, oneOf: ForecastKind.allCases.map(\.rawValue)),
                    .number("p10", required: true), .number("p50", required: true), .number("p90", required: true), .text("unit"),
                    .text("basis"), .array("event_ids"),
                ]),
            EventTypeSpec(
                "causality.graph.learned", .platform, .cleared,
                [
                    .number("version"), .text("at"), .text("reason"), .number("raises"), .number("explained_share"),
                    .number("refused_raises"), .array("edges"),
                ]),
            EventTypeSpec(
                "causality.edge.judged", .platform, .cleared,
                [
                    .text("cause", required: true), .text("effect", required: true),
                    .text("verdict", required: true, oneOf: ["confirm", "veto", "clear"]), .text("actor"), .text("reason"),
                ]),
            EventTypeSpec(
                "topology.link_proposed", .platform, .cleared,
                [.number("version"), .text("at"), .text("reason"), .array("proposals"), .array("judged"), .number("rejections")]),
            EventTypeSpec(
                "topology.link_judged", .platform, .cleared,
                [
                    .text("kind", required: true, oneOf: ["feeder", "upstream"]), .text("site_id", required: true),
                    .text("other", required: true), .text("verdict", required: true, oneOf: ["confirm", "reject", "undo"]), .text("actor"),
                    .text("reason"), .text("proposal_id"),
                ]),
            EventTypeSpec("platform.heartbeat", .platform, .cleared, []),
            EventTypeSpec("platform.canary", .platform, .cleared, []),
        ]
        + ["notification.sent", "notification.failed"].map { EventTypeSpec($0, .platform, .cleared, outcomePayload) }
        + ["notification.route.saved", "notification.route.deleted", "notification.route.tested"].map {
            EventTypeSpec($0, .platform, .cleared, [.text("actor"), .object("route"), .text("route_id")])
        }

    /// `NotificationOutcome` as it is encoded.
    private static let outcomePayload: [EventTypeSpec.Field] = [
        .text("delivery_id"), .text("route_id"), .text("route"), .text("channel"), .array("to"), .text("kind"), .number("step"), .text("incident_id"),
        .text("alarm_id"), .text("subject"), .bool("sent"), .number("attempts"), .text("reason"), .text("detail"), .number("folded"),
        .text("decided_at"), .text("at"), .array("event_ids"),
    ]

    /// `Alarm` as it is encoded.
    private static let alarmPayload: [EventTypeSpec.Field] = [
        .text("alarm_id"), .text("alarm_type"), .number("probable_cause"), .text("perceived_severity"), .text("state"),
        .text("raised_at"), .text("changed_at"), .text("cleared_at"), .number("occurrences"), .bool("is_flapping"),
        .text("source"), .text("incident_id"), .array("event_ids"),
    ]

    /// A revision of the engine (`incident`: `IncidentSnapshot`) or a person's command.
    private static let incidentPayload: [EventTypeSpec.Field] = [
        .object("incident"), .text("incident_id"), .array("event_ids"), .array("alarms"), .text("actor"), .text("assignee"),
        .text("reason"), .text("into"), .text("metric"), .text("statistic"), .text("verdict"), .object("candidate"), .object("cause"), .array("alarm_ids"),
        .array("site_ids"), .text("split_from"),
    ]
}
