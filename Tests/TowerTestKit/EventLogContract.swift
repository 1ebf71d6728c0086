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

    public struct Check: Sendable, CustomStringConvertible {
        public var name: String
        public var run: @Sendable (Factory) async throws -> Void
        public var description: String { name }
        init(_ name: String, _ run: @escaping @Sendable (Factory) async throws -> Void) {
            self.name = name
            self.run = run
        }
    }

    public static let checks: [Check] =
        order + reading + blocks + backward + time + topics + waiting + groups + sharedGroups + limits

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
