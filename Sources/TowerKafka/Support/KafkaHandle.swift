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
            KafkaEvents.of(opaque).note(error, reason.map { String(cString: $0) } ?? "")
        }
        rd_kafka_conf_set_ssl_cert_verify_cb(conf) { _, broker, _, fault, _, _, _, _, _, opaque in
            // OpenSSL's own verdict stands; it is only remembered, because the error that follows does not say it.
            guard let fault else { return 0 }
            guard fault.pointee != 0 else { return 1 }
            if let opaque, let broker {
                KafkaEvents.of(opaque).note(CertificateFault(code: fault.pointee), of: String(cString: broker))
            }
            return 0
        }
        // Its log lines would go to standard error; what matters comes as errors of calls.
        rd_kafka_conf_set_log_cb(conf) { _, _, _, _ in }
        prepare(conf)
        guard let made = rd_kafka_new(kind == .producer ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER, conf, &text, text.count) else {
            throw Self.refusal(kind, Self.text(text))
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

    /// Set when the handle can be used no more.
    var fatal: String? {
        var text = [CChar](repeating: 0, count: 512)
        return rd_kafka_fatal_error(pointer, &text, text.count) == RD_KAFKA_RESP_ERR_NO_ERROR ? nil : Self.text(text)
    }

    /// An error of a call, told with what is known about the way to the brokers: a refused login shows as a time-out.
    func failure(_ error: rd_kafka_resp_err_t, _ what: String) -> EventLogError {
        let code = EventLogError.Code.of(error)
        guard code == .brokerAway || code == .loginRefused, let trouble = events.trouble else { return .kafka(error, what) }
        guard trouble.isRefusal else {
            return EventLogError(.brokerAway, "\(what): \(String(cString: rd_kafka_err2str(error))) (\(trouble.text)); \(trouble.advice)")
        }
        return EventLogError(.loginRefused, "\(what): \(trouble.text); \(trouble.advice)")
    }

    /// Why librdkafka made no client of the settings: its words for files that it cannot use say neither which file nor why.
    private static func refusal(_ kind: Kind, _ text: String) -> EventLogError {
        let files = [
            ("key values mismatch", "kafka.security.key_file must be the key of kafka.security.certificate_file"),
            ("ssl.ca.location", "kafka.security.ca_file must be certificates in PEM form"),
            ("ssl.certificate.location", "kafka.security.certificate_file must be a certificate in PEM form"),
            ("ssl.key.location", "kafka.security.key_file must be a key in PEM form, and kafka.security.key_password its password"),
        ]
        let advice = files.first { text.contains($0.0) }.map { "; " + $0.1 } ?? ""
        return EventLogError(.badSetting, "could not make a Kafka \(kind): \(text)\(advice)")
    }

    static func text(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
