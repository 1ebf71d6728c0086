import UnixSignals

/// Lets Ctrl-C and SIGTERM end a long job in good order: its task is cancelled, and what it answers then counts.
public enum Interruption {
    public static func watched<Answer: Sendable>(_ job: @escaping @Sendable () async throws -> Answer) async throws -> Answer {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        return try await withThrowingTaskGroup(of: Answer?.self) { group in
            group.addTask { try await job() }
            group.addTask {
                for await _ in signals { return nil }
                return nil
            }
            // Whichever ends first ends the other: a signal cancels the job, the job's end the waiting for signals.
            var answer: Answer?
            while let ended = try await group.next() {
                if let ended { answer = ended }
                group.cancelAll()
            }
            guard let answer else { throw CancellationError() }
            return answer
        }
    }
}
