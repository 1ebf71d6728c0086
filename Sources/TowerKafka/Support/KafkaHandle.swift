import CRdKafka
import Synchronization
import TowerStreaming

/// One client of librdkafka: its threads, connections and settings. Destroyed with its last owner, on a thread of its own.
final class KafkaHandle: Sendable {
    enum Kind { case producer, consumer }
    nonisolated(unsafe) let pointer: OpaquePointer
    let events: KafkaEvents
    /// False while librdkafka would end the process if this was destroyed: then it is left alone, threads and all.
    private let isDestroyable = Atomic(true)

    /// - Parameter prepare: sets callbacks; the pointer is the configuration.
    /// - Throws: `badSetting` with the setting's name.
    init(
        _ kind: Kind, _ settings: [(String, String)], extra: [String: String], prepare: (OpaquePointer) -> Void = { _ in }
    ) throws(EventLogError) {
        guard let conf = rd_kafka_conf_new() else { throw EventLogError(.io, "could not make a Kafka configuration: no memory") }
        var isTaken = false
        defer { if !isTaken { rd_kafka_conf_destroy(conf) } }
        var text = [CChar](repeating: 0, count: 512)
        for (name, value) in settings + extra.sorted(by: { $0.key < $1.key }).map({ ($0.key, $0.value) }) {
            let result = rd_kafka_conf_set(conf, name, value, &text, text.count)
            guard result == RD_KAFKA_CONF_OK else {
                throw .badSetting(name, "is refused by librdkafka: \(Self.text(text))")
            }
        }
        events = KafkaEvents()
        rd_kafka_conf_set_opaque(conf, Unmanaged.passUnretained(events).toOpaque())
        rd_kafka_conf_set_error_cb(conf) { _, error, reason, opaque in
            guard let opaque else { return }
            Unmanaged<KafkaEvents>.fromOpaque(opaque).takeUnretainedValue().note(error, reason.map { String(cString: $0) } ?? "")
        }
        // Its log lines would go to standard error; what matters comes as errors of calls.
        rd_kafka_conf_set_log_cb(conf) { _, _, _, _ in }
        prepare(conf)
        guard let made = rd_kafka_new(kind == .producer ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER, conf, &text, text.count) else {
            throw EventLogError(.badSetting, "could not make a Kafka \(kind): \(Self.text(text))")
        }
        isTaken = true
        pointer = made
    }

    deinit {
        guard isDestroyable.load(ordering: .acquiring) else {
            _ = Unmanaged.passRetained(events)
            return
        }
        // Destruction waits for threads and may call back; `events` must outlive it.
        let pointer = Pointer(raw: pointer)
        let events = events
        let isStarted: Void? = try? startWorker("kafka-destroy") {
            rd_kafka_destroy(pointer.raw)
            withExtendedLifetime(events) {}
        }
        if isStarted == nil { rd_kafka_destroy(pointer.raw) }
    }

    /// For a member that is about to join. Up to 2.2 librdkafka aborts when a member of a cooperative-sticky group is destroyed
    /// between joining and its first assignment (its issue 4312, cured in 2.3.0); Debian 12 has 2.0.2.
    func keepUntilAssigned() {
        if rd_kafka_version() < 0x0203_0000 { isDestroyable.store(false, ordering: .releasing) }
    }

    func wasAssigned() { isDestroyable.store(true, ordering: .releasing) }

    private struct Pointer: @unchecked Sendable {
        var raw: OpaquePointer
    }

    /// The last thing that went wrong on the way to the brokers, for messages.
    var lastTrouble: (error: rd_kafka_resp_err_t, text: String)? { events.last }

    /// Set when the handle can be used no more.
    var fatal: String? {
        var text = [CChar](repeating: 0, count: 512)
        return rd_kafka_fatal_error(pointer, &text, text.count) == RD_KAFKA_RESP_ERR_NO_ERROR ? nil : Self.text(text)
    }

    /// An error of a call, told with what is known about the way to the brokers: a refused login shows as a time-out.
    func failure(_ error: rd_kafka_resp_err_t, _ what: String) -> EventLogError {
        if EventLogError.Code.of(error) == .brokerAway, let trouble = lastTrouble {
            if EventLogError.Code.of(trouble.error) == .notAuthorised { return .kafka(trouble.error, what, detail: trouble.text) }
            return .kafka(error, what, detail: String(cString: rd_kafka_err2str(error)) + " (" + trouble.text + ")")
        }
        return .kafka(error, what)
    }

    static func text(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

/// What a handle tells outside of any call.
final class KafkaEvents: Sendable {
    typealias Rebalance = @Sendable (OpaquePointer, rd_kafka_resp_err_t, UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?) -> Void
    private let state = Mutex<(error: rd_kafka_resp_err_t, text: String)?>(nil)
    private let listener = Mutex<Rebalance?>(nil)

    /// From the opaque pointer of a callback.
    static func of(_ opaque: UnsafeMutableRawPointer) -> KafkaEvents { Unmanaged.fromOpaque(opaque).takeUnretainedValue() }

    var last: (error: rd_kafka_resp_err_t, text: String)? { state.withLock { $0 } }

    func note(_ error: Int32, _ text: String) {
        state.withLock { $0 = (rd_kafka_resp_err_t(error), String(text.prefix(400))) }
    }

    func onRebalance(_ body: @escaping Rebalance) { listener.withLock { $0 = body } }

    /// A handle whose owner is gone has to answer too, or the brokers wait for it.
    func rebalance(
        _ handle: OpaquePointer, _ error: rd_kafka_resp_err_t, _ partitions: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?
    ) {
        if let body = listener.withLock({ $0 }) { body(handle, error, partitions) } else { rd_kafka_assign(handle, nil) }
    }
}
