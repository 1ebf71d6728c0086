public import TowerModel
public import TowerStreaming

/// One consumer group's work on slices of the log.
///
/// A slice is prepared once and performed until that succeeds:
/// - `prepare` only thinks: decode, decide. It may change the processor, so it is never repeated.
/// - `perform` writes the result together with the position. It is repeated after transient errors and after a restart, and
///   must have its effect once.
public protocol Processor: Sendable {
    associatedtype Work: Sendable

    var group: String { get }
    /// What it reads.
    var kinds: RecordKinds { get }
    /// The names its fields are known by; the decoded log's.
    var symbols: SymbolTable { get }

    /// Makes the processor what it was at its position, and answers that position.
    ///
    /// - Parameter committed: what the log remembers of the group. Where the results live in a store, the store's position
    ///   counts; where they live in the log, this one.
    mutating func resume(from log: DecodedLog, committed: LogCursor) async throws -> LogCursor
    mutating func prepare(_ slice: EventSlice) throws -> Prepared<Work>
    mutating func perform(_ work: Work, from: LogCursor, to next: LogCursor) async throws
    /// The group's position is committed up to there: a moment to keep what a restart would otherwise work out again.
    mutating func committed(at position: LogCursor) async
    /// Nothing more will come; `position` is what is committed.
    mutating func stopped(at position: LogCursor) async
}

extension Processor {
    public mutating func committed(at position: LogCursor) async {}
    public mutating func stopped(at position: LogCursor) async {}
}

/// A slice's work, and the records that none can be made of.
public struct Prepared<Work: Sendable>: Sendable {
    public var work: Work
    public var poison: [PoisonRecord]
    public init(_ work: Work, poison: [PoisonRecord] = []) {
        self.work = work
        self.poison = poison
    }
}

/// A record that no attempt will ever make sense of.
public struct PoisonRecord: Sendable, Equatable {
    public var record: StoredRecord
    /// Stable, `json.syntax` or `lifecycle.unreadable`.
    public var code: String
    public var detail: String
    public init(record: StoredRecord, code: String, detail: String) {
        self.record = record
        self.code = code
        self.detail = detail
    }
}
