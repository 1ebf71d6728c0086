public import TowerStreaming

/// What a record is to the groups of a process, by its topic.
public enum RecordKind: UInt8, Sendable, CaseIterable {
    case siteEvent, alert, kpi, incident, heartbeat

    public var pattern: TopicPattern {
        switch self {
        case .siteEvent: .siteEvents
        case .alert: .alerts
        case .kpi: .kpis
        case .incident: .incidents
        case .heartbeat: TopicPattern(Topic.heartbeat.rawValue)
        }
    }

    /// Whether its value is scalars and goes through the columns. A lifecycle event is deep and long and is read whole, a
    /// heartbeat says nothing but when.
    var isColumnar: Bool {
        switch self {
        case .siteEvent, .alert, .kpi: true
        case .incident, .heartbeat: false
        }
    }

    /// `nil` for a topic that no group reads.
    static func of(_ topic: TopicName) -> RecordKind? {
        // Nearly all of them, so the others are asked afterwards.
        if TopicPattern.siteEvents.matches(topic) { return .siteEvent }
        return allCases.first { $0.pattern.matches(topic) }
    }
}

/// Kinds of records that a group wants.
public struct RecordKinds: OptionSet, Sendable, Hashable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    public init(_ kind: RecordKind) { rawValue = 1 << kind.rawValue }

    public static let siteEvents = Self(.siteEvent)
    public static let alerts = Self(.alert)
    public static let kpis = Self(.kpi)
    public static let incidents = Self(.incident)
    public static let heartbeats = Self(.heartbeat)
    public static let all: Self = [.siteEvents, .alerts, .kpis, .incidents, .heartbeats]

    func contains(_ kind: RecordKind) -> Bool { rawValue & 1 << kind.rawValue != 0 }

    /// As the log is asked for them.
    public var patterns: [TopicPattern] { RecordKind.allCases.filter(contains).map(\.pattern) }
}
