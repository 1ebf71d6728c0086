import TowerStores
import TowerStreaming

/// What stopped a processor or a command: `code` to branch on, `message` for people.
public struct PipelineError: Error, Sendable, CustomStringConvertible {
    /// Add codes freely; never reuse a retired name.
    public struct Code: Hashable, Sendable {
        public let name: String
        /// A transient error did not pass within the attempts allowed.
        public static let exhausted = Code(name: "pipeline.exhausted")
        /// A newer member of the group took over.
        public static let fenced = Code(name: "pipeline.fenced")
        /// A rebuild's answers differ from the log.
        public static let mismatch = Code(name: "pipeline.mismatch")
    }
    public var code: Code
    public var message: String
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
    public var description: String { "\(message) (\(code.name))" }

    /// Whether the same call may succeed later. Anything unknown is a bug: it stays, however often it is tried.
    static func isTransient(_ error: any Error) -> Bool {
        switch error {
        case let error as EventLogError: error.isRetriable
        case let error as StoreError: error.isRetriable
        default: false
        }
    }
}
