/// Which command is legal in which status: the one table that `decide` and the fold both read.
///
/// | | open | acknowledged | resolved | auto_closed | merged |
/// |---|---|---|---|---|---|
/// | acknowledge | yes | - | - | - | - |
/// | assign | yes | yes | - | - | - |
/// | comment | yes | yes | yes | yes | yes |
/// | resolve | yes | yes | - | - | - |
/// | reopen | - | - | yes | yes | - |
/// | merge | yes | yes | - | - | - |
/// | judge the cause | yes | yes | yes | yes | - |
/// | split | yes | yes | - | - | - |
///
/// A merged incident continues inside another one: people act there.
public enum IncidentTransitions {
    public enum Action: String, Sendable, CaseIterable {
        case acknowledge, assign, comment, resolve, reopen, merge, judge, split

        /// `nil` for events that only the engine writes.
        public init?(_ kind: IncidentLifecycleEvent.Kind) {
            switch kind {
            case .acknowledged: self = .acknowledge
            case .assigned: self = .assign
            case .commented: self = .comment
            case .resolved: self = .resolve
            case .reopened: self = .reopen
            case .merged: self = .merge
            case .causeJudged: self = .judge
            case .split: self = .split
            case .opened, .updated: return nil
            }
        }

        public init(_ command: IncidentCommand) {
            switch command {
            case .acknowledge: self = .acknowledge
            case .assign: self = .assign
            case .comment: self = .comment
            case .resolve: self = .resolve
            case .reopen: self = .reopen
            case .merge: self = .merge
            case .judge: self = .judge
            case .split: self = .split
            }
        }

        public var kind: IncidentLifecycleEvent.Kind {
            switch self {
            case .acknowledge: .acknowledged
            case .assign: .assigned
            case .comment: .commented
            case .resolve: .resolved
            case .reopen: .reopened
            case .merge: .merged
            case .judge: .causeJudged
            case .split: .split
            }
        }
    }

    public static func allows(_ action: Action, in status: IncidentState.Status) -> Bool {
        switch action {
        case .comment: true
        case .acknowledge: status == .open
        case .assign, .resolve, .merge, .split: status.isActive
        case .judge: status != .merged
        case .reopen: status == .resolved || status == .autoClosed
        }
    }
}
