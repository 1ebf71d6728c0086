/// What the platform knows of one event type (DOMAIN: catalogue): kind, default severity, X.733 cause, payload fields.
public struct EventTypeSpec: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable {
        /// Numbers at an instant.
        case telemetry
        /// A condition that is raised, changes and clears (`state`, raised when absent).
        case alarm
        /// Something that happened; never active.
        case notice
        /// Describes the world: sites, assets, links.
        case inventory
        /// Written by the platform itself.
        case platform
    }
    public struct Field: Sendable, Hashable {
        public enum Kind: String, Sendable, Hashable { case number, string, bool, object, array, any }
        public var name: String
        public var kind: Kind
        /// UCUM-like unit of the catalogue: `V`, `A`, `%`, `Cel`; empty for none.
        public var unit: String
        public var isRequired: Bool
        /// The only texts allowed; empty for any.
        public var allowedValues: [String]
        public init(
            _ name: String, _ kind: Kind = .number, unit: String = "", required: Bool = false, oneOf values: [String] = []
        ) {
            self.name = name
            self.kind = kind
            self.unit = unit
            self.isRequired = required
            self.allowedValues = values
        }
    }
    public var name: String
    public var kind: Kind
    public var severity: Severity
    /// IANA/ITU probable cause code.
    public var probableCause: Int?
    public var fields: [Field]
    public init(_ name: String, _ kind: Kind, _ severity: Severity = .cleared, cause: Int? = nil, _ fields: [Field] = []) {
        self.name = name
        self.kind = kind
        self.severity = severity
        self.probableCause = cause
        self.fields = fields
    }
}

/// Names the resource an alarm or sample belongs to, where the payload does not name it itself.
public enum ManagedObject {
    /// - Parameter field: looks up a payload string (or the text of a number) by its flattened key.
    ///
    /// `alarm.managed_object` or `managed_object` wins; else the family decides: `grid`, `dc`, `rectifier` (`rectifier:2` for
    /// a slot), `battery` (`battery:S1`), `dg`, `fuel`, `solar`, `hvac:1`, `env`, `door:main`, `light`, `structure`,
    /// `cell:3`, `sync`, `link:A/B` (ends sorted; the far end is `peer`), `rms`; for generic alarms the `device_id`.
    public static func derive(eventType: String, site: String, field: (String) -> String?) -> String {
        if let named = field("alarm.managed_object") ?? field("managed_object") { return named }
        func instance(_ family: String, _ key: String) -> String { field(key).map { "\(family):\($0)" } ?? family }
        let parts = eventType.split(separator: ".", maxSplits: 2)
        switch parts.first {
        case "power":
            switch parts.count > 1 ? parts[1] : "" {
            case "dc": return "dc"
            case "ats": return "ats"
            case "spd": return "spd"
            case "fuse": return instance("fuse", "branch")
            default: return "grid"
            }
        case "rectifier": return instance("rectifier", "slot")
        case "battery": return instance("battery", "string_id")
        case "dg": return "dg"
        case "fuel": return "fuel"
        case "solar": return "solar"
        case "hvac": return instance("hvac", "unit")
        case "env": return "env"
        case "access": return instance("door", "door")
        case "light": return "light"
        case "structure": return "structure"
        case "ran": return field("cell").map { "cell:\($0)" } ?? field("port").map { "port:\($0)" } ?? "ran"
        case "sync": return "sync"
        case "mw", "fibre", "eth", "path", "ring":
            guard let peer = field("peer") else { return "backhaul" }
            return link(site, peer)
        case "rms": return "rms"
        default: return field("device_id") ?? field("device") ?? "site"
        }
    }

    /// The name of a link: its ends sorted, so that both ends name it alike.
    public static func link(_ a: String, _ b: String) -> String { a < b ? "link:\(a)/\(b)" : "link:\(b)/\(a)" }
}
