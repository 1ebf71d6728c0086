import Foundation

/// How mail leaves: the relay of the platform's operator.
public struct SMTPSettings: Sendable {
    public enum Security: String, Sendable, CaseIterable {
        /// STARTTLS, or no mail.
        case required
        /// STARTTLS where the relay offers it.
        case opportunistic
        /// In the clear; for a relay on the same machine.
        case none
    }
    public var host: String
    public var port: Int
    public var from: String
    public var security: Security
    public var user: String
    public var password: String
    /// What we call ourselves in EHLO.
    public var name: String

    public init(
        host: String, port: Int = 587, from: String, security: Security = .required, user: String = "", password: String = "",
        name: String = "towerco"
    ) {
        self.host = host
        self.port = port
        self.from = from
        self.security = security
        self.user = user
        self.password = password
        self.name = name
    }
}

/// One mail's conversation with a relay (RFC 5321, 3207, 4954): replies in, what to do next out. No socket, no clock.
struct SMTPDialogue: Sendable {
    struct Reply: Sendable, Hashable {
        var code: Int
        var lines: [String]
        init(_ code: Int, _ lines: [String] = []) {
            self.code = code
            self.lines = lines
        }
        var isPositive: Bool { (200..<400).contains(code) }
    }

    enum Action: Sendable, Hashable {
        case send([UInt8])
        /// Encrypt from here on, then call `secured`.
        case startTLS
        case finish(DeliveryAttempt)
    }

    private enum State { case greeting, hello, startTLS, securing, auth, authUser, authPassword, sender, recipient(Int), data, body, done }

    private let settings: SMTPSettings
    private let recipients: [String]
    /// Dot-stuffed, with its end.
    private let body: [UInt8]
    private var state = State.greeting
    private var isSecure = false
    private var accepted = 0
    private var refused: [Int] = []

    init(settings: SMTPSettings, recipients: [String], body: [UInt8]) {
        self.settings = settings
        self.recipients = recipients
        self.body = body
    }

    mutating func receive(_ reply: Reply) -> Action {
        switch state {
        case .greeting:
            guard reply.code == 220 else { return fail("greeting", reply) }
            return hello()
        case .hello:
            guard reply.code == 250 else { return fail("EHLO", reply) }
            return afterHello(reply)
        case .startTLS:
            guard reply.code == 220 else { return fail("STARTTLS", reply) }
            state = .securing
            return .startTLS
        case .authUser:
            guard reply.code == 334 else { return fail("AUTH", reply) }
            state = .authPassword
            return line(Data(settings.user.utf8).base64EncodedString())
        case .authPassword:
            guard reply.code == 334 else { return fail("AUTH", reply) }
            state = .auth
            return line(Data(settings.password.utf8).base64EncodedString())
        case .auth:
            guard reply.code == 235 else { return fail("AUTH", reply) }
            return sender()
        case .sender:
            guard reply.code == 250 else { return fail("MAIL FROM", reply) }
            return recipient(0)
        case .recipient(let index):
            if reply.code == 250 || reply.code == 251 { accepted += 1 } else { refused.append(reply.code) }
            if index + 1 < recipients.count { return recipient(index + 1) }
            guard accepted > 0 else {
                let code = refused.first { (400..<500).contains($0) } ?? reply.code
                return fail("RCPT TO", Reply(code, reply.lines))
            }
            state = .data
            return line("DATA")
        case .data:
            guard reply.code == 354 else { return fail("DATA", reply) }
            state = .body
            return .send(body)
        case .body:
            guard reply.code == 250 else { return fail("the message", reply) }
            state = .done
            let codes = refused.map(String.init).joined(separator: ", ")
            return .finish(
                .sent(detail: refused.isEmpty ? "\(accepted) recipients" : "\(accepted) recipients; \(refused.count) refused with \(codes)"))
        case .securing, .done:
            state = .done
            return .finish(.failed(reason: "mail.protocol", detail: "the relay spoke out of turn"))
        }
    }

    /// The connection is encrypted and the relay's certificate checked.
    mutating func secured() -> Action {
        isSecure = true
        return hello()
    }

    private mutating func hello() -> Action {
        state = .hello
        return line("EHLO \(settings.name)")
    }

    private mutating func afterHello(_ reply: Reply) -> Action {
        let offers = reply.lines.map { $0.uppercased() }
        if !isSecure, settings.security != .none {
            if offers.contains("STARTTLS") {
                state = .startTLS
                return line("STARTTLS")
            }
            guard settings.security == .opportunistic else {
                return finish(.refused(reason: "mail.no_tls", detail: "the relay offers no STARTTLS and notify.smtp.security requires it"))
            }
        }
        guard !settings.user.isEmpty else { return sender() }
        guard isSecure || settings.security == .none else {
            return finish(.refused(reason: "mail.no_tls", detail: "the password is not sent over a connection in the clear"))
        }
        let methods = offers.first { $0.hasPrefix("AUTH") }?.split(whereSeparator: { $0 == " " || $0 == "=" }).map(String.init) ?? []
        if methods.contains("PLAIN") {
            state = .auth
            return line("AUTH PLAIN " + Data("\0\(settings.user)\0\(settings.password)".utf8).base64EncodedString())
        }
        if methods.contains("LOGIN") {
            state = .authUser
            return line("AUTH LOGIN")
        }
        return finish(.refused(reason: "mail.no_auth", detail: "the relay offers neither AUTH PLAIN nor AUTH LOGIN"))
    }

    private mutating func sender() -> Action {
        state = .sender
        return line("MAIL FROM:<\(settings.from)>")
    }

    private mutating func recipient(_ index: Int) -> Action {
        state = .recipient(index)
        return line("RCPT TO:<\(recipients[index])>")
    }

    private func line(_ text: String) -> Action { .send(Array((text + "\r\n").utf8)) }

    private mutating func finish(_ attempt: DeliveryAttempt) -> Action {
        state = .done
        return .finish(attempt)
    }

    /// 5xx is final (RFC 5321, 4.2.1), 4xx and what is no proper answer may pass.
    private mutating func fail(_ step: String, _ reply: Reply) -> Action {
        let detail = "the relay answered \(reply.code) to \(step)"
        return finish(
            (500..<600).contains(reply.code)
                ? .refused(reason: "mail.refused", detail: detail) : .failed(reason: "mail.deferred", detail: detail))
    }
}
