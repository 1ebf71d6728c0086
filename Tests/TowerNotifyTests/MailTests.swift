import Foundation
import Testing
import TowerModel

@testable import TowerNotify

@Suite struct MailTests {
    private static func mail(subject: String = "Hello", text: String = "Hi") -> MailMessage {
        MailMessage(
            from: "noc@example.net", to: ["a@example.net", "b@example.net"], subject: subject, text: text, deliveryID: EventID(high: 1, low: 2),
            kind: .opened, at: Timestamp("2026-01-15T03:07:09.000Z") ?? Timestamp(microseconds: 0))
    }

    @Test func aMailIsHeadersAndABody() {
        let text = String(decoding: Self.mail().bytes, as: UTF8.self)
        #expect(text.hasPrefix("From: Towerco AIOps <noc@example.net>\r\nTo: a@example.net,\r\n b@example.net\r\nSubject: Hello\r\n"))
        #expect(text.contains("Date: Thu, 15 Jan 2026 03:07:09 +0000\r\n"))
        #expect(text.contains("Message-ID: <00000000-0000-0001-0000-000000000002@example.net>\r\n"))
        #expect(text.hasSuffix("\r\n\r\nHi\r\n"))
    }

    @Test(arguments: [
        "Bcc: evil@example.com", "x\r\nBcc: evil@example.com", "x\nBcc: evil", "x\r\n\r\nbody", "x\u{0}y", "x\u{2028}Bcc: evil", "é\r\nBcc: evil",
        "=?utf-8?q?=0D=0ABcc:_evil?=",
    ])
    func noSubjectAddsAHeader(subject: String) {
        let head = String(decoding: Self.mail(subject: subject).bytes, as: UTF8.self).components(separatedBy: "\r\n\r\n")[0]
        let names = head.components(separatedBy: "\r\n").filter { !$0.hasPrefix(" ") }.map { String($0.prefix { $0 != ":" }) }
        #expect(
            names == [
                "From", "To", "Subject", "Date", "Message-ID", "X-Towerco-Delivery", "X-Towerco-Kind", "Auto-Submitted", "MIME-Version",
                "Content-Type", "Content-Transfer-Encoding",
            ])
    }

    @Test func whatIsNotASCIIIsEncodedInWordsOfBoundedLength() {
        let words = MailMessage.encodedWords(String(repeating: "Größe – ok ", count: 20)).components(separatedBy: "\r\n ")
        #expect(words.count > 3 && words.allSatisfy { $0.hasPrefix("=?utf-8?q?") && $0.hasSuffix("?=") && $0.utf8.count <= 75 })
        #expect(MailMessage.encodedWords("é") == "=?utf-8?q?=C3=A9?=")
    }

    @Test(arguments: [
        ("a=b", "a=3Db\r\n"), ("é", "=C3=A9\r\n"), ("end ", "end=20\r\n"), ("a\nb\r\nc", "a\r\nb\r\nc\r\n"), ("\u{1}", "=01\r\n"), ("", "\r\n"),
    ])
    func bodiesAreQuotedPrintable(text: String, encoded: String) {
        #expect(MailMessage.quotedPrintable(text) == encoded)
    }

    @Test func noLineOfABodyIsLong() {
        let text = MailMessage.quotedPrintable(String(repeating: "x", count: 500) + "\n" + String(repeating: "é", count: 300))
        #expect(text.components(separatedBy: "\r\n").allSatisfy { $0.utf8.count <= 76 })
    }

    @Test(arguments: [
        ("a\r\n", "a\r\n.\r\n"), (".\r\n", "..\r\n.\r\n"), ("a\r\n.b\r\n..c\r\n", "a\r\n..b\r\n...c\r\n.\r\n"), ("a", "a\r\n.\r\n"), ("", ".\r\n"),
    ])
    func dotsAreStuffed(text: String, stuffed: String) {
        #expect(String(decoding: MailMessage.dotStuffed(Array(text.utf8)), as: UTF8.self) == stuffed)
    }

    @Test(arguments: [
        ("a@b.example", true), ("first.last+tag@sub.example.net", true), ("a@localhost", true), ("a", false), ("a@", false), ("@b", false),
        ("a@b@c", false), ("a b@c.example", false), ("a@b.example\r\nX: y", false), ("<a@b.example>", false), ("a..b@c.example", false),
        (".a@c.example", false), ("a@-b.example", false), ("é@b.example", false), ("\"a\"@b.example", false), ("a@[127.0.0.1]", false),
        ("a@b..example", false),
    ])
    func addressesAreOfThePlainForm(text: String, isValid: Bool) {
        #expect(MailAddress.isValid(text) == isValid)
    }

    // MARK: The dialogue

    private static func dialogue(_ security: SMTPSettings.Security = .required, user: String = "") -> SMTPDialogue {
        SMTPDialogue(
            settings: SMTPSettings(host: "relay", from: "noc@example.net", security: security, user: user, password: "pw", name: "example.net"),
            recipients: ["a@example.net", "b@example.net"], body: Array("body\r\n.\r\n".utf8))
    }

    /// Runs the replies through and answers what was said, `TLS` for the change to it, and the end.
    private static func run(_ dialogue: SMTPDialogue, _ replies: [SMTPDialogue.Reply]) -> (said: [String], end: DeliveryAttempt?) {
        var dialogue = dialogue
        var said: [String] = []
        for reply in replies {
            var action = dialogue.receive(reply)
            if action == .startTLS {
                said.append("TLS")
                action = dialogue.secured()
            }
            switch action {
            case .send(let bytes): said.append(String(decoding: bytes, as: UTF8.self).replacing("\r\n", with: "|"))
            case .finish(let end): return (said, end)
            case .startTLS: said.append("TLS twice")
            }
        }
        return (said, nil)
    }

    @Test func aMailGoesOutOverTLSWithALogin() {
        let (said, end) = Self.run(
            Self.dialogue(user: "me"),
            [
                .init(220), .init(250, ["relay", "STARTTLS"]), .init(220), .init(250, ["relay", "AUTH LOGIN PLAIN"]), .init(235), .init(250),
                .init(250), .init(251), .init(354), .init(250),
            ])
        #expect(
            said == [
                "EHLO example.net|", "STARTTLS|", "TLS", "EHLO example.net|", "AUTH PLAIN AG1lAHB3|", "MAIL FROM:<noc@example.net>|",
                "RCPT TO:<a@example.net>|", "RCPT TO:<b@example.net>|", "DATA|", "body|.|",
            ])
        #expect(end == .sent(detail: "2 recipients"))
    }

    @Test(arguments: [
        // Security, user, what the relay says after the greeting and EHLO, the end.
        (SMTPSettings.Security.required, "", [250], ["x"], "mail.no_tls", true), (.opportunistic, "me", [250], ["AUTH PLAIN"], "mail.no_tls", true),
        (.none, "me", [250], ["x"], "mail.no_auth", true), (.none, "me", [250, 535], ["AUTH PLAIN"], "mail.refused", true),
        (.none, "me", [250, 454], ["AUTH PLAIN"], "mail.deferred", false), (.none, "", [250, 550], [], "mail.refused", true),
        (.none, "", [250, 250, 550, 550], [], "mail.refused", true), (.none, "", [250, 250, 450, 550], [], "mail.deferred", false),
        (.none, "", [250, 250, 250, 550, 554], [], "mail.refused", true), (.none, "", [250, 250, 250, 250, 354, 452], [], "mail.deferred", false),
        (.none, "", [421], [], "mail.deferred", false), (.none, "", [250, 250, 250, 250, 999], [], "mail.deferred", false),
    ] as [(SMTPSettings.Security, String, [Int], [String], String, Bool)])
    func whatARelayRefusesIsFinalOrNot(
        security: SMTPSettings.Security, user: String, codes: [Int], offers: [String], reason: String, isFinal: Bool
    ) {
        let replies = [SMTPDialogue.Reply(220)] + codes.enumerated().map { .init($0.element, $0.offset == 0 ? ["relay"] + offers : []) }
        switch Self.run(Self.dialogue(security, user: user), replies).end {
        case .refused(let found, _): #expect(found == reason && isFinal)
        case .failed(let found, _, _): #expect(found == reason && !isFinal)
        default: Issue.record("no end")
        }
    }

    @Test func someRecipientsAreEnough() {
        let (_, end) = Self.run(
            Self.dialogue(.none), [.init(220), .init(250), .init(250), .init(550), .init(250), .init(354), .init(250)])
        #expect(end == .sent(detail: "1 recipients; 1 refused with 550"))
    }

    @Test func repliesAreCutWhereverTheyBreak() throws {
        let text = Array("250-relay\r\n250-STARTTLS\r\n250 SIZE 10\r\n354 go\n".utf8)
        for size in 1...text.count {
            var reader = SMTPReplyReader()
            var replies: [SMTPDialogue.Reply] = []
            for start in stride(from: 0, to: text.count, by: size) { replies += try reader.read(text[start..<min(start + size, text.count)]) }
            #expect(replies == [.init(250, ["relay", "STARTTLS", "SIZE 10"]), .init(354, ["go"])])
            #expect(reader.isEmpty)
        }
    }

    @Test(arguments: ["HTTP/1.1 400 Bad\r\n", "25\r\n", "250_x\r\n", String(repeating: "2", count: 4000)])
    func whatIsNoReplyIsRefused(text: String) {
        var reader = SMTPReplyReader()
        #expect(throws: SMTPReplyReader.Malformed.self) { try reader.read(Array(text.utf8)) }
    }
}
