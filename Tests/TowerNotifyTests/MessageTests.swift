import Crypto
import Foundation
import Testing
import TowerIncidents
import TowerModel

@testable import TowerNotify

@Suite struct MessageTests {
    @Test func aMessageSaysWhatWhyWhoHowLongAndWhatFirst() throws {
        var script = Script([Script.route()])
        script.router.apply(site: Site(siteID: "SITE-1", tenantID: Script.tenant, name: "Hill Top"))
        let made = script.engine(.opened, .critical, 0) { incident in
            incident.rootCauseCandidates = [
                .init(
                    siteID: "SITE-1", managedObject: "feeder:F-1", condition: "grid.lost", eventType: "power.grid.outage",
                    label: "Feeder F-1 lost", probability: 0.93)
            ]
            incident.affectedSites.append(.init(siteID: "SITE-2", impact: .onBattery, operators: ["Yota"]))
            incident.affectedOperators = ["Yota", "Zeta"]
            incident.autonomy = [
                AutonomyForecast(siteID: "SITE-1", at: Script.at(0), minutesP10: 95, minutesP50: 134, minutesP90: 180, endsWith: "lvd1")
            ]
            incident.actions = [.init(text: "Start the generator", detail: "Remote start, then check fuel", kind: .remote)]
        }
        let message = try #require(made.first).message
        #expect(message.subject == "[CRITICAL] New: Grid lost at Hill Top")
        #expect(
            message.text == """
                Grid lost at Hill Top

                The feeder failed; the site runs from its battery.

                Cause      Feeder F-1 lost, 93 %
                Site       Hill Top (SITE-1)
                Affected   1 on battery
                           SITE-2
                Operators  Yota, Zeta
                Battery    2 h 14 min left at Hill Top (SITE-1) (95 min to 3 h 0 min)
                Since      2026-01-15T11:57:00.000Z
                Do first   Start the generator: Remote start, then check fuel

                https://noc.example.net/incidents/\(Script.incident)

                Route night shift of acme. Message \(made[0].deliveryID).
                """)
        let json = try #require(JSONSerialization.jsonObject(with: Data(message.json)) as? [String: Any])
        #expect(json["delivery_id"] as? String == made[0].deliveryID.description && json["kind"] as? String == "incident.opened")
        let incident = try #require(json["incident"] as? [String: Any])
        #expect((incident["root_cause"] as? [String: Any])?["condition"] as? String == "grid.lost")
        #expect(incident["affected_site_count"] as? Int == 2 && (incident["battery"] as? [String: Any])?["minutes_p50"] as? Double == 134)
    }

    @Test func fieldsOfTemplatesAreThoseThatAreFilled() {
        let known: Set = [
            "title", "explanation", "cause", "site", "affected", "operators", "battery", "since", "action", "folded", "link", "route", "tenant",
            "delivery", "severity", "headline", "alarm", "object", "says",
        ]
        for template in [MessageTemplate.subject, .incident, .alarm, .test] { #expect(template.fields.subtracting(known) == []) }
    }

    @Test(arguments: [
        ("a {x}\nb {y}\nc", ["x": "1"], "a 1\nc"), ("{x} {y}", ["y": "2"], " 2"), ("n  {x}", ["x": "1\n2"], "n  1\n   2"),
        ("a\n\n{x}\n\nb", [:], "a\n\nb"), ("{x}", ["x": "{y}"], "{y}"),
    ] as [(String, [String: String], String)])
    func templatesLeaveOutWhatNobodyKnows(template: String, values: [String: String], text: String) {
        #expect(MessageTemplate(template).filled(values) == text)
    }

    @Test func messagesHaveAnEnd() throws {
        var script = Script([Script.route()])
        let made = script.engine(.opened, .critical, 0) { incident in
            incident.title = String(repeating: "Größe\r\nBcc: x@y.z ", count: 50)
            incident.explanation = String(repeating: "é", count: 100_000)
        }
        let message = try #require(made.first).message
        #expect(message.subject.utf8.count <= MessageWriter.subjectBytesMax && !message.subject.contains(where: \.isNewline))
        #expect(message.text.utf8.count <= MessageWriter.textBytesMax && message.text.hasSuffix("…"))
    }

    // MARK: Webhooks

    /// RFC 4231 gives codes for messages without a time; here the receiver's own computation is the judge.
    @Test func theSignatureCoversTimeAndBody() {
        let body = Array("{\"a\":1}".utf8)
        let expected = HMAC<SHA256>.authenticationCode(for: Data("1700000000.{\"a\":1}".utf8), using: SymmetricKey(data: Data("key".utf8)))
        let hex = expected.map { String(format: "%02x", $0) }.joined()
        #expect(WebhookSignature.value(secret: "key", timestamp: 1_700_000_000, body: body) == "sha256=" + hex)
    }

    @Test func secretsAreSealedForOneRouteAndOneKey() throws {
        let box = try #require(SecretBox(key: [UInt8](repeating: 7, count: 32)))
        let sealed = try box.seal("hush", for: "acme/1")
        #expect(SecretBox.isSealed(sealed) && !sealed.contains("hush"))
        #expect(box.open(sealed, for: "acme/1") == "hush")
        #expect(box.open(sealed, for: "acme/2") == nil)
        #expect(SecretBox(key: [UInt8](repeating: 8, count: 32))?.open(sealed, for: "acme/1") == nil)
        #expect(SecretBox(key: [1, 2, 3]) == nil && box.open("hush", for: "acme/1") == nil)
    }

    @Test func triesComeLaterAndLater() {
        let policy = RetryPolicy(attemptsMax: 6, firstDelaySeconds: 1, delaySecondsMax: 60)
        #expect((1...6).map { policy.delaySeconds(after: $0, retryAfterSeconds: nil) } == [1, 4, 16, 60, 60, 60])
        #expect(policy.delaySeconds(after: 1, retryAfterSeconds: 30) == 30 && policy.delaySeconds(after: 1, retryAfterSeconds: 9999) == 60)
    }

    // MARK: Records

    @Test func routesAndOutcomesComeBackFromTheLog() throws {
        let route = Script.route(quiet: QuietHours(from: "22:00", to: "06:00", timezone: "Asia/Kolkata"), steps: [15, 30])
        let changes: [RouteChange] = [
            .saved("acme", route), .deleted("acme", route.routeID), .test("acme", route.routeID, request: EventID(high: 2, low: 2)),
        ]
        for change in changes {
            let bytes = try NotificationRecords.event(change, id: EventID(high: 2, low: 2), actor: "ann", at: Script.start)
            #expect(NotificationRecords.routeChange(bytes, tenant: "acme") == change)
            #expect(NotificationRecords.routeChange(bytes, tenant: "rival") == nil)
        }
        var script = Script([Script.route()])
        let delivery = try #require(script.engine(.opened, .major, 0).first)
        let outcome = NotificationOutcome(delivery, isSent: false, attempts: 3, reason: "webhook.status", detail: "it answered 410", at: Script.at(1))
        let bytes = try NotificationRecords.event(outcome, tenant: "acme", site: "SITE-1")
        #expect(NotificationRecords.outcome(bytes) == outcome)
        #expect(NotificationRecords.outcome(Array("{}".utf8)) == nil)
    }

    @Test func aRouteThatCannotWorkIsRefused() {
        let cases: [(String, (inout NotificationRoute) -> Void)] = [
            ("name", { $0.name = "" }), ("name", { $0.name = "a\nb" }), ("kinds", { $0.match.kinds = [.test] }),
            ("never tell", { $0.match.kinds = [] }), ("throttle_minutes", { $0.throttleMinutes = -1 }),
            ("quiet_hours", { $0.quietHours = QuietHours(from: "24:00", to: "06:00") }),
            ("timezone", { $0.quietHours = QuietHours(from: "22:00", to: "06:00", timezone: "Mars/Base") }),
            ("target.url", { $0.target = .webhook("ftp://x.example/") }), ("`to`", { $0.target.to = ["a@b.example"] }),
            ("mail address", { $0.target = .mail(["a@b.example\r\nBcc: c@d.example"]) }), ("1 to 20", { $0.target = .mail([]) }),
            ("after_minutes", { $0.escalation = [.init(afterMinutes: 0, target: .mail(["a@b.example"]))] }),
            ("at most 5 steps", { $0.escalation = .init(repeating: .init(afterMinutes: 1, target: .mail(["a@b.example"])), count: 6) }),
            ("site_prefix", { $0.match.sitePrefix = String(repeating: "x", count: 129) }),
        ]
        for (why, change) in cases {
            var route = Script.route()
            change(&route)
            #expect { try route.check() } throws: { "\($0)".contains(why) }
        }
        #expect(throws: Never.self) { try Script.route(steps: [15]).check() }
    }

    @Test func answersHoldNoSecret() throws {
        let route = Script.route { $0.target.secret = "hush" }
        let text = String(decoding: try JSONEncoder().encode(route.forReaders), as: UTF8.self)
        #expect(!text.contains("hush") && text.contains("\"has_secret\":true"))
    }
}
