import CRdKafka
import TowerStreaming

/// An append that waits for its delivery reports. Retained by the batch's context until the last of them.
final class AppendTicket: Sendable {
    let count: Int
    let bytes: Int
    let timestampMs: Int64
    private let budget: AppendBudget
    private let handle: KafkaHandle
    private let continuation: CheckedContinuation<[StoredPosition], any Error>

    init(
        count: Int, bytes: Int, timestampMs: Int64, budget: AppendBudget, handle: KafkaHandle,
        _ continuation: CheckedContinuation<[StoredPosition], any Error>
    ) {
        self.count = count
        self.bytes = bytes
        self.timestampMs = timestampMs
        self.budget = budget
        self.handle = handle
        self.continuation = continuation
    }

    /// Called from C with the batch's context, once.
    static let done: crdk_done = { context, batch in
        guard let context, let batch else { return }
        let ticket = Unmanaged<AppendTicket>.fromOpaque(context).takeRetainedValue()
        let outcome = ticket.read(batch)
        crdk_batch_free(batch)
        ticket.budget.giveBack(bytes: ticket.bytes, records: ticket.count)
        ticket.continuation.resume(with: outcome)
    }

    private func read(_ batch: OpaquePointer) -> Result<[StoredPosition], any Error> {
        guard let outcomes = crdk_batch_outcomes(batch) else { return .success([]) }
        var failures = 0
        var first = RD_KAFKA_RESP_ERR_NO_ERROR
        for index in 0..<count where outcomes[index].error != 0 {
            failures += 1
            let error = rd_kafka_resp_err_t(outcomes[index].error)
            // A fatal error tells more than the purges that follow from it.
            if first == RD_KAFKA_RESP_ERR_NO_ERROR || error == RD_KAFKA_RESP_ERR__FATAL { first = error }
        }
        guard failures == 0 else {
            let what = "could not append \(failures) of \(count) records"
            if let fatal = handle.fatal { return .failure(EventLogError.kafka(RD_KAFKA_RESP_ERR__FATAL, what, detail: fatal)) }
            return .failure(handle.failure(first, what))
        }
        handle.events.passed()
        return .success(
            (0..<count).map { index in
                StoredPosition(
                    offset: outcomes[index].offset, sequence: -1, timestampMs: timestampMs, partition: outcomes[index].partition)
            })
    }
}
