import TowerModel
import TowerStreaming

@testable import TowerPipeline

struct Stumble: Error {}

/// A processor with a bug: it throws on records of sites whose name begins in a certain way; with an empty name on anything.
struct Stumbling<Inner: Processor>: Processor {
    var inner: Inner
    let over: String
    var group: String { inner.group }
    var kinds: RecordKinds { inner.kinds }
    var symbols: SymbolTable { inner.symbols }
    /// Set when it threw: a processor in this state may not be used any more.
    private var isBroken = false

    init(inner: Inner, over: String) {
        self.inner = inner
        self.over = over
    }

    mutating func resume(from log: DecodedLog, committed: LogCursor) async throws -> LogCursor {
        try await inner.resume(from: log, committed: committed)
    }

    mutating func prepare(_ slice: EventSlice) throws -> Prepared<Inner.Work> {
        precondition(!isBroken, "a processor that threw was used again")
        var stumbles = over.isEmpty
        slice.forEachRun { run in
            for record in run.records where run.piece.record(record).record.topic.rawValue.hasPrefix("towerco.sites.\(over)") { stumbles = true }
        }
        guard !stumbles else {
            isBroken = true
            throw Stumble()
        }
        return try inner.prepare(slice)
    }

    mutating func perform(_ work: Inner.Work, from: LogCursor, to next: LogCursor) async throws {
        try await inner.perform(work, from: from, to: next)
    }
}
