public import TowerStreaming

/// What a record is to the groups of a process, by its topic.
public enum RecordKind: UInt8, Sendable, CaseIterable {
    case siteEvent, alert, kpi, incident, heartbeat, canary, route

    public var pattern: TopicPattern {
        switch self {
        case .siteEvent: .siteEvents
        case .alert: .alerts
        case .kpi: .kpis
        case .incident: .incidents
        case .heartbeat: TopicPattern(Topic.heartbeat.rawValue)
        case .canary: TopicPattern(Topic.canary.rawValue)
        case .route: .routes
        }
    }

    /// Whether its value is scalars and goes through the columns. A lifecycle event is deep and long and is read whole, a
    /// heartbeat or a canary says nothing but when; a notification route is as deep and seldom.
    var isColumnar: Bool {
        switch self {
        case .siteEvent, .alert, .kpi: true
        case .incident, .heartbeat, .canary, .route: false
        }
    }

    /// `nil` for a topic that no group reads. By bytes: a block may have as many topics as records.
    static func of(_ topic: TopicName) -> RecordKind? {
        var name = topic.rawValue
        return name.withUTF8 { name in
            if matches(name, head: "towerco.sites.", tail: ".events") { return .siteEvent }
            if matches(name, head: "towerco.alerts.", tail: ".notifications") { return .alert }
            if matches(name, head: "towerco.kpis.", tail: ".metrics") { return .kpi }
            if matches(name, head: "towerco.incidents.", tail: ".lifecycle") { return .incident }
            if matches(name, head: "towerco.notifications.", tail: ".routes") { return .route }
            if matches(name, head: "towerco.platform.heartbeat", tail: ""), name.count == 26 { return .heartbeat }
            return matches(name, head: "towerco.platform.canary", tail: "") && name.count == 23 ? .canary : nil
        }
    }

    private static func matches(_ name: UnsafeBufferPointer<UInt8>, head: StaticString, tail: StaticString) -> Bool {
        let (heads, tails) = (head.utf8CodeUnitCount, tail.utf8CodeUnitCount)
        guard name.count >= heads + tails else { return false }
        for index in 0..<heads where name[index] != head.utf8Start[index] { return false }
        for index in 0..<tails where name[name.count - tails + index] != tail.utf8Start[index] { return false }
        return true
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
    public static let canaries = Self(.canary)
    public static let routes = Self(.route)
    public static let all: Self = [.siteEvents, .alerts, .kpis, .incidents, .heartbeats, .canaries, .routes]

    func contains(_ kind: RecordKind) -> Bool { rawValue & 1 << kind.rawValue != 0 }

    /// As the log is asked for them.
    public var patterns: [TopicPattern] { RecordKind.allCases.filter(contains).map(\.pattern) }
}
