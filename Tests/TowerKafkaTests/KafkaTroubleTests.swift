import CRdKafka
import Testing
import TowerStreaming

@testable import TowerKafka

/// What librdkafka says of a connection, as a person is told it. The texts are those of 2.0.2 and 2.16.0.
@Suite struct KafkaTroubleTests {
    struct Case: Sendable {
        var error: Int32
        var text: String
        var isRefusal: Bool
        var advice: String
    }
    private static let place = "sasl_ssl://kafka-1:9093/bootstrap: "
    private static let authentication = RD_KAFKA_RESP_ERR__AUTHENTICATION.rawValue
    private static let transport = RD_KAFKA_RESP_ERR__TRANSPORT.rawValue
    private static let ssl = RD_KAFKA_RESP_ERR__SSL.rawValue

    static let cases: [Case] = [
        Case(error: authentication, text: "SASL authentication error: Authentication failed: Invalid username or password", isRefusal: true, advice: "kafka.security.password"),
        Case(error: authentication, text: "SASL PLAIN mechanism handshake failed: Broker: Unsupported SASL mechanism: broker's supported mechanisms: SCRAM-SHA-512", isRefusal: true, advice: "kafka.security.mechanism"),
        Case(error: authentication, text: "Failed to initialize SASL authentication: SASL Handshake not supported by broker (required by mechanism PLAIN)", isRefusal: true, advice: "takes no login"),
        Case(error: ssl, text: "SSL handshake failed: error:0A000086:SSL routines::certificate verify failed: broker certificate could not be verified", isRefusal: true, advice: "kafka.security.ca_file"),
        Case(error: transport, text: "Receive failed: error:0A00045C:SSL routines::tlsv13 alert certificate required: SSL alert number 116", isRefusal: true, advice: "kafka.security.certificate_file"),
        Case(error: transport, text: "Receive failed: error:0A000418:SSL routines::tlsv1 alert unknown ca: SSL alert number 48", isRefusal: true, advice: "kafka.security.certificate_file"),
        Case(error: ssl, text: "SSL handshake failed: error:0A00010B:SSL routines::wrong version number", isRefusal: true, advice: "speaks no TLS"),
        Case(error: ssl, text: "SSL handshake failed: error:0A000410:SSL routines::sslv3 alert handshake failure: SSL alert number 40", isRefusal: true, advice: "check kafka.security.*"),
        Case(error: ssl, text: "SSL handshake failed: error:0A000126:SSL routines::unexpected eof while reading (after 1ms in state SSL_HANDSHAKE)", isRefusal: false, advice: "kafka.security.tls to false"),
        Case(error: transport, text: "SSL handshake failed: Disconnected: connecting to a PLAINTEXT broker listener?", isRefusal: false, advice: "kafka.security.tls to false"),
        Case(error: transport, text: "Disconnected while requesting ApiVersion: might be caused by incorrect security.protocol configuration (connecting to a SSL listener?) or broker version is < 0.10", isRefusal: false, advice: "kafka.security.tls to true"),
        Case(error: transport, text: "Disconnected: verify that security.protocol is correctly configured, broker might require SASL authentication", isRefusal: false, advice: "set kafka.security.mechanism"),
        Case(error: transport, text: "Connection setup timed out in state SSL_HANDSHAKE", isRefusal: false, advice: "said nothing"),
        Case(error: transport, text: "Connect to ipv4#10.0.0.1:9093 failed: Connection refused", isRefusal: false, advice: "try again"),
    ]

    @Test(arguments: cases.indices)
    func aTextBecomesACauseAndAnAdvice(index: Int) {
        let given = Self.cases[index]
        let trouble = KafkaTrouble(rd_kafka_resp_err_t(given.error), Self.place + given.text)
        #expect(trouble.isRefusal == given.isRefusal, "\(trouble)")
        #expect(trouble.advice.contains(given.advice), "\(trouble.advice)")
        #expect(KafkaTrouble.place(trouble.text) + ": " == Self.place)
    }

    @Test func howLongAConnectionWasInWhichStateIsLeftOut() {
        let text = Self.place + "SASL authentication error: no (for good)"
        #expect(KafkaTrouble(RD_KAFKA_RESP_ERR__AUTHENTICATION, text + " (after 5ms in state AUTH_REQ, 1 identical error(s) suppressed)").text == text)
        #expect(KafkaTrouble(RD_KAFKA_RESP_ERR__AUTHENTICATION, text).text == text)
        #expect(KafkaTrouble(RD_KAFKA_RESP_ERR__AUTHENTICATION, "").text == "")
    }

    @Test(arguments: [
        (10, CertificateFault.expired), (9, .notYetValid), (18, .untrusted), (19, .untrusted), (20, .untrusted), (62, .otherHost), (23, .revoked), (7, .unknown(7)),
    ] as [(Int32, CertificateFault)])
    func whyACertificateIsNotAcceptedIsTold(code: Int32, fault: CertificateFault) {
        #expect(CertificateFault(code: code) == fault)
        let events = KafkaEvents()
        events.note(CertificateFault(code: code), of: "kafka-1:9093")
        events.note(CertificateFault.unknown(1), of: "kafka-2:9093")
        events.note(Self.ssl, Self.place + "SSL handshake failed: error:0A000086:SSL routines::certificate verify failed: whatever")
        #expect(events.trouble?.cause == .theirCertificate(fault))
        #expect(events.trouble?.text == Self.place + "the broker's certificate is not accepted: \(fault.reason)")
        #expect(events.trouble?.advice == fault.advice)
    }

    @Test func aRefusalOfOneBrokerTellsMoreThanTheSilenceOfOthersUntilThatBrokerSaysSomethingElse() {
        let events = KafkaEvents()
        #expect(events.trouble == nil && !events.isShutOut)
        events.note(Self.authentication, "ssl://a:1/1: SASL authentication error: no")
        events.note(Self.transport, "ssl://b:1/2: Connect to b failed: Connection refused")
        #expect(events.trouble?.cause == .login)
        #expect(!events.isShutOut, "one that was not tried yet may answer")
        events.note(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN.rawValue, "2/2 brokers are down")
        #expect(events.isShutOut && events.trouble?.cause == .login)
        events.note(Self.transport, "ssl://a:1/1: Connection setup timed out in state CONNECT")
        #expect(!events.isShutOut, "nobody refuses any more")
        #expect(events.trouble?.cause == .silent)
        events.passed()
        #expect(events.trouble == nil)
    }

    @Test func whatIsRememberedOfBrokersIsBounded() {
        let events = KafkaEvents()
        for number in 0..<1000 { events.note(Self.transport, "ssl://b\(number):1/1: Connect failed") }
        events.note(Self.authentication, "ssl://b0:1/1: SASL authentication error: no")
        #expect(events.trouble?.cause == .login, "a broker that is known is still heard")
    }
}
