import TowerStreaming

/// How a core that reads the log becomes what it was at its group's position: the newest usable checkpoint, and from there the log
/// again, without effect.
struct CoreReplay: Sendable {
    let log: any EventLog
    let kinds: RecordKinds

    /// Where the group goes on, and how it came there.
    struct Outcome {
        var position: LogCursor
        var resumption: Resumption
    }

    /// - Parameters:
    ///   - core: fresh.
    ///   - take: feeds the core a slice that is not empty.
    func run<Core: KeptCore>(
        _ core: inout Core, _ keeper: inout CheckpointKeeper?, from decoded: DecodedLog, committed: LogCursor,
        take: (inout Core, EventSlice) throws -> Void
    ) async throws -> Outcome {
        var cursor = LogCursor.start
        var refusals: [String] = []
        if keeper != nil { (cursor, refusals) = await keeper!.restore(&core, from: log, basis: decoded.basis, committed: committed) }
        let checkpoint = cursor
        var replayed = 0
        while cursor < committed {
            try Task.checkCancellation()
            let slice = try await decoded.slice(of: kinds, from: cursor, until: committed, maxRecords: 8192, maxBytes: 8 << 20)
            // Partitions are not read again in the same steps: from the first step on that goes beyond the position in one of them,
            // what it leads to has its effect, with ids that readers know where they have it already.
            guard slice.next.isWithin(committed) else { break }
            // What is poison now was poison then: its letter is written.
            if !slice.isEmpty { try take(&core, slice) }
            keeper?.took(slice)
            replayed += slice.count
            guard slice.next > cursor else { break }
            cursor = slice.next
        }
        let resumption = Resumption(checkpoint: checkpoint, committed: committed, replayed: replayed, refusals: refusals)
        keeper?.tell(resumption)
        return Outcome(position: committed.parts.isEmpty ? committed : cursor, resumption: resumption)
    }
}
