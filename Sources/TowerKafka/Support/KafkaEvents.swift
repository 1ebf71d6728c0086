import CRdKafka
import Synchronization
import TowerStreaming

/// What a handle tells outside of any call.
final class KafkaEvents: Sendable {
    typealias Rebalance = @Sendable (OpaquePointer, rd_kafka_resp_err_t, UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?) -> Void
    private struct State {
        /// The newest of each broker.
        var troubles: [Substring: (trouble: KafkaTrouble, at: ContinuousClock.Instant)] = [:]
        var areAllDown = false
        /// By broker's address.
        var faults: [String: CertificateFault] = [:]
    }
    /// librdkafka tells the same trouble again after 30 seconds, so an older one is over.
    private static let troubleLasts = Duration.seconds(60)
    private static let brokersMax = 256
    private let state = Mutex(State())
    private let hasTrouble = Atomic(false)
    private let listener = Mutex<Rebalance?>(nil)

    /// From the opaque pointer of a callback.
    static func of(_ opaque: UnsafeMutableRawPointer) -> KafkaEvents { Unmanaged.fromOpaque(opaque).takeUnretainedValue() }

    /// What stands between us and the brokers. A refusal tells more than brokers that do not answer.
    var trouble: KafkaTrouble? {
        guard hasTrouble.load(ordering: .relaxed) else { return nil }
        let now = ContinuousClock.now
        let current = state.withLock { $0.troubles.values.filter { now - $0.at < Self.troubleLasts } }
        return (current.filter(\.trouble.isRefusal).max { $0.at < $1.at } ?? current.max { $0.at < $1.at })?.trouble
    }

    /// No broker is left to try, and one of them has refused us: waiting does not help.
    var isShutOut: Bool { trouble?.isRefusal == true && state.withLock { $0.areAllDown } }

    func note(_ error: Int32, _ text: String) {
        let error = rd_kafka_resp_err_t(error)
        state.withLock { state in
            if error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN {
                state.areAllDown = true
                return
            }
            let fault = state.faults.first { text.contains($0.key) }?.value
            let trouble = KafkaTrouble(error, String(text.prefix(400)), fault: fault)
            let place = KafkaTrouble.place(trouble.text)
            if state.troubles.count < Self.brokersMax || state.troubles[place] != nil { state.troubles[place] = (trouble, .now) }
        }
        hasTrouble.store(true, ordering: .relaxed)
    }

    /// From librdkafka's own threads, before it tells that the connection failed.
    func note(_ fault: CertificateFault, of broker: String) {
        guard !broker.isEmpty else { return }
        state.withLock { state in
            if state.faults.count < Self.brokersMax || state.faults[broker] != nil { state.faults[broker] = fault }
        }
    }

    /// A call went through.
    func passed() {
        guard hasTrouble.load(ordering: .relaxed) else { return }
        hasTrouble.store(false, ordering: .relaxed)
        state.withLock { $0 = State() }
    }

    func onRebalance(_ body: @escaping Rebalance) { listener.withLock { $0 = body } }

    /// A handle whose owner is gone has to answer too, or the brokers wait for it.
    func rebalance(
        _ handle: OpaquePointer, _ error: rd_kafka_resp_err_t, _ partitions: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?
    ) {
        if let body = listener.withLock({ $0 }) { body(handle, error, partitions) } else { rd_kafka_assign(handle, nil) }
    }
}
