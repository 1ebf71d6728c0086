/// Every event type the platform knows, found by name in constant time.
///
/// A type that is not here is accepted, stored and flagged: the catalogue says what we understand, not what may be sent.
public struct EventCatalog: Sendable {
    /// Sorted by name; names are unique.
    public let types: [EventTypeSpec]
    private let index: [String: Int]

    /// - Precondition: no name twice.
    public init(_ types: [EventTypeSpec]) {
        self.types = types.sorted { $0.name < $1.name }
        self.index = Dictionary(uniqueKeysWithValues: self.types.enumerated().map { ($0.element.name, $0.offset) })
    }

    /// What is known of that type; `nil` when nothing is.
    public subscript(name: String) -> EventTypeSpec? { index[name].map { types[$0] } }

    public func contains(_ name: String) -> Bool { index[name] != nil }

    /// Fields that an event of any type may carry, checked like the type's own when the type does not say otherwise.
    ///
    /// A name with a dot lies inside an object: `alarm.state` is `{"alarm":{"state":…}}`.
    public static let commonFields: [EventTypeSpec.Field] = [
        .text("peer"), .any("cell"), .text("managed_object"), .any("device_id"), .text("text"), .object("alarm"),
        .text("alarm.alarm_id"), .text("alarm.state", oneOf: alarmStates), .text("alarm.alarm_type"),
        .any("alarm.probable_cause"),
        .text("alarm.specific_problem"), .text("alarm.perceived_severity", oneOf: Severity.allCases.map(\.rawValue)),
        .text("alarm.managed_object"), .object("alarm.threshold"), .array("alarm.correlated_alarms"),
        .array("alarm.proposed_repair_actions"), .array("alarm.affected_tenants"), .array("alarm.affected_objects"),
    ]

    static let alarmStates = ["raised", "changed", "cleared"]

    /// The catalogue of DOMAIN section 4.2, the generic types, inventory, and what the platform itself writes.
    public static let standard = EventCatalog(
        power + battery + generatorAndFuel + climate + accessAndStructure + radio + backhaul + management + generic + inventory
            + platform)
}

extension EventTypeSpec.Field {
    static func number(_ name: String, _ unit: String = "", required: Bool = false) -> Self {
        Self(name, .number, unit: unit, required: required)
    }
    static func text(_ name: String, required: Bool = false, oneOf values: [String] = []) -> Self {
        Self(name, .string, required: required, oneOf: values)
    }
    static func bool(_ name: String) -> Self { Self(name, .bool) }
    static func object(_ name: String, required: Bool = false) -> Self { Self(name, .object, required: required) }
    static func array(_ name: String) -> Self { Self(name, .array) }
    static func any(_ name: String, _ unit: String = "") -> Self { Self(name, .any, unit: unit) }
}

extension EventTypeSpec {
    /// Numbers at an instant.
    static func telemetry(_ name: String, _ fields: [Field]) -> Self { Self(name, .telemetry, .cleared, fields) }

    /// A condition; it may say `state`, one of raised, changed, cleared.
    static func alarm(_ name: String, _ severity: Severity, _ cause: Int? = nil, _ fields: [Field] = []) -> Self {
        Self(name, .alarm, severity, cause: cause, fields + [.text("state", oneOf: EventCatalog.alarmStates)])
    }

    /// Something that happened.
    static func notice(_ name: String, _ severity: Severity = .cleared, _ cause: Int? = nil, _ fields: [Field] = []) -> Self {
        Self(name, .notice, severity, cause: cause, fields)
    }
}
