public import TowerStreaming

/// A promise of `EventLog` that a log did not keep.
public struct ContractViolation: Error, CustomStringConvertible {
    public var description: String
}

/// The promises of `EventLog`, as checks that any implementation runs through its tests.
///
/// Each check opens its own empty log and throws at the first broken promise.
public struct EventLogContract: Sendable {
    /// Makes an empty log on the given clock that takes records of at most `maxRecordBytes`.
    public typealias Factory = @Sendable (_ clock: ManualClock, _ maxRecordBytes: Int) async throws -> any EventLog

    /// What a log can do beyond what every log must. A check that needs more than a log declares is not run on it, and
    /// `notApplicable` names it, so that nothing is left out in silence.
    public enum Capability: String, Sendable, CaseIterable {
        /// All topics lie in one order: a plain sequence is a place, a fetch goes on until its limits or the end, every topic has
        /// offsets of its own from 0, and an append is kept whole or not at all.
        case oneOrder
        /// Topics can be made and deleted.
        case topicAdministration
        /// Places can be found by time.
        case timeIndex
        /// Groups can be paused, and are shared by slots with sessions by the log's clock.
        case ownGroups
    }

    public struct Check: Sendable, CustomStringConvertible {
        public var name: String
        public var needs: Set<Capability>
        public var run: @Sendable (Factory) async throws -> Void
        public var description: String { name }
        init(_ name: String, needs: Set<Capability> = [], _ run: @escaping @Sendable (Factory) async throws -> Void) {
            self.name = name
            self.needs = needs
            self.run = run
        }
    }

    public static let checks: [Check] =
        everywhere + everywhereGroups + waiting
        + [order, reading, blocks, backward, time, topics, groups, limits].joined().needing([.oneOrder])
        + sharedGroups.needing([.oneOrder, .ownGroups])

    /// The checks for a log that can do that.
    public static func checks(for capabilities: Set<Capability>) -> [Check] {
        checks.filter { $0.needs.isSubset(of: capabilities) }
    }

    /// The checks that a log without all capabilities is spared, with what it lacks.
    public static func notApplicable(for capabilities: Set<Capability>) -> [(check: String, lacks: [String])] {
        checks.filter { !$0.needs.isSubset(of: capabilities) }.map { check in
            (check.name, check.needs.subtracting(capabilities).map(\.rawValue).sorted())
        }
    }

    static let siteA = Topic.siteEvents(site: "A")
    static let siteB = Topic.siteEvents(site: "B")
    static let incidents = Topic.incidents(tenant: "acme")
    static let maxRecordBytes = 4096

    static func record(_ topic: TopicName, _ value: String, key: String? = "k") -> Record {
        Record(topic: topic, key: key.map { Array($0.utf8) }, value: Array(value.utf8))
    }

    static func text(_ record: StoredRecord) -> String { String(decoding: record.record.value, as: UTF8.self) }

    static func require(_ condition: Bool, _ promise: @autoclosure () -> String, line: UInt = #line) throws {
        if !condition { throw ContractViolation(description: "\(promise()) (contract line \(line))") }
    }

    static func requireEqual<Value: Equatable>(_ value: Value, _ expected: Value, _ what: String, line: UInt = #line) throws {
        if value != expected {
            throw ContractViolation(description: "\(what): \(value), expected \(expected) (contract line \(line))")
        }
    }

    /// Runs `body` and requires that it fails with `code`.
    static func requireFailure(_ code: EventLogError.Code, _ what: String, line: UInt = #line, _ body: () async throws -> Void)
        async throws
    {
        do {
            try await body()
        } catch let error as EventLogError where error.code == code {
            return
        }
        throw ContractViolation(description: "\(what): succeeded, expected \(code.name) (contract line \(line))")
    }
}

extension Sequence<EventLogContract.Check> {
    func needing(_ capabilities: Set<EventLogContract.Capability>) -> [EventLogContract.Check] {
        map { check in
            var check = check
            check.needs.formUnion(capabilities)
            return check
        }
    }
}
