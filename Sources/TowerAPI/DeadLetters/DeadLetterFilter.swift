import TowerModel
import TowerStreaming

/// Which dead letters somebody asks for; what is absent does not restrict.
struct DeadLetterFilter: Sendable, Hashable {
    var reason: String?
    /// A topic, or a pattern with one `*`.
    var topic: String?
    var site: String?
    var state: DeadLetterState?
    /// When the letter was written: from this instant on, before that one.
    var from: Timestamp?
    var to: Timestamp?
}

/// How a letter stands.
enum DeadLetterState: UInt8, Sendable, CaseIterable {
    case waiting, accepted, returned, discarded, expired

    /// As it is written outside.
    var name: String {
        switch self {
        case .waiting: "waiting"
        case .accepted: "accepted"
        case .returned: "returned"
        case .discarded: "discarded"
        case .expired: "expired"
        }
    }

    init?(name: String) {
        guard let found = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = found
    }

    /// After an outcome; `nil` where it leaves the letter waiting.
    init?(_ result: DeadLetterOutcome.Result) {
        switch result {
        case .accepted: self = .accepted
        case .returned: self = .returned
        case .discarded: self = .discarded
        case .expired: self = .expired
        case .rejected: return nil
        }
    }
}
