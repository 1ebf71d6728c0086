import CRdKafka
import TowerStreaming

/// Something that went wrong on the way to a broker, outside of any call, and what a person can do about it.
///
/// librdkafka gives a code and a text. The code tells a refusal from an absence; which setting is wrong is in the text alone, so the
/// advice goes by the words that its versions 1.9 to 2.16 use. An unknown text stays in the message and gets general advice.
struct KafkaTrouble: Sendable, Equatable {
    enum Cause: Sendable, Equatable {
        /// The brokers know no such user with such a password.
        case login
        /// They take logins of another kind.
        case mechanism
        /// The listener takes no login at all.
        case noLogin
        case theirCertificate(CertificateFault?)
        case ownCertificate
        case wantsTLS
        case wantsLogin
        /// It answers with something else than TLS.
        case noTLS
        /// It hangs up when TLS begins.
        case hangsUp
        /// It took the connection and says nothing.
        case silent
        case unknown
    }
    let error: rd_kafka_resp_err_t
    let text: String
    let cause: Cause

    /// - Parameter fault: why the broker's certificate was not accepted, where that is known.
    init(_ error: rd_kafka_resp_err_t, _ text: String, fault: CertificateFault? = nil) {
        self.error = error
        cause = Self.cause(error, text, fault)
        let told = Self.withoutAside(text)
        if case .theirCertificate(let fault?) = cause {
            self.text = "\(Self.place(told)): the broker's certificate is not accepted: \(fault.reason)"
        } else {
            self.text = told
        }
    }

    /// The broker answered, and a person has to act before it lets us in or we trust it. All others may pass by themselves.
    var isRefusal: Bool {
        switch cause {
        case .login, .mechanism, .noLogin, .theirCertificate, .ownCertificate, .noTLS: true
        case .wantsTLS, .wantsLogin, .hangsUp, .silent: false
        case .unknown: EventLogError.Code.of(error) == .loginRefused
        }
    }

    /// What to do next.
    var advice: String {
        switch cause {
        case .login: "check kafka.security.username and kafka.security.password, and the user at the brokers" + Self.ofOldScram(text)
        case .mechanism: "set kafka.security.mechanism to what the brokers offer"
        case .noLogin: "this listener takes no login: name another in log.url, or set kafka.security.mechanism to none"
        case .theirCertificate(let fault): (fault ?? .unknown(0)).advice
        case .ownCertificate:
            "the brokers want a certificate of ours that they trust: check kafka.security.certificate_file and kafka.security.key_file"
        case .wantsTLS: "if this is a listener with TLS, set kafka.security.tls to true"
        case .wantsLogin: "if the brokers ask for a login, set kafka.security.mechanism, .username and .password"
        case .noTLS: "this listener speaks no TLS: name another in log.url, or set kafka.security.tls to false"
        case .hangsUp: "if this is a listener without TLS, set kafka.security.tls to false; else look at the broker's log"
        case .silent: "it took the connection and said nothing: look at the broker, and at what stands between"
        case .unknown:
            isRefusal ? "check kafka.security.* and what the brokers allow" : "try again, and look at the brokers if it stays"
        }
    }

    private static func cause(_ error: rd_kafka_resp_err_t, _ text: String, _ fault: CertificateFault?) -> Cause {
        func says(_ words: String) -> Bool { text.contains(words) }
        if says("certificate verify failed") { return .theirCertificate(fault) }
        if says("alert"), says("certificate") || says("unknown ca") { return .ownCertificate }
        if says("mechanism handshake failed") || says("Unsupported SASL mechanism") { return .mechanism }
        if says("SASL Handshake not supported") { return .noLogin }
        if says("SASL authentication error") || error == RD_KAFKA_RESP_ERR__AUTHENTICATION { return .login }
        if says("wrong version number") { return .noTLS }
        if says("connecting to a SSL listener?") { return .wantsTLS }
        if says("might require SASL authentication") { return .wantsLogin }
        if says("connecting to a PLAINTEXT broker listener?") || says("SSL_HANDSHAKE") && says("unexpected eof") { return .hangsUp }
        if says("setup timed out") { return .silent }
        return .unknown
    }

    /// Up to 2.6.0 librdkafka repeats its own nonce in SCRAM's last message (its pull request 4895). Brokers that hold it to RFC 5802,
    /// Kafka 4 among them, refuse that in the words of a wrong password.
    private static func ofOldScram(_ text: String) -> String {
        guard rd_kafka_version() < 0x0206_0100, text.contains("SCRAM") else { return "" }
        return "; if both are right: Kafka 4 refuses SCRAM of librdkafka before 2.6.1, and here it is \(String(cString: rd_kafka_version_str()))"
    }

    /// Without what stands in brackets at its end: for how long the connection was in which state.
    private static func withoutAside(_ text: String) -> String {
        guard text.hasSuffix(")"), let start = text.ranges(of: " (after ").last?.lowerBound else { return text }
        return String(text[..<start])
    }

    /// `sasl_ssl://host:port/name` of a text that begins with it.
    static func place(_ text: String) -> Substring { text.ranges(of: ": ").first.map { text[..<$0.lowerBound] } ?? "" }
}
