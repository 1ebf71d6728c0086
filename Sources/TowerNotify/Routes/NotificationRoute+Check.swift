import Foundation

/// What is wrong with a route: a sentence for whoever wrote it.
public struct RouteError: Error, Sendable, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}

extension NotificationRoute {
    public static let routesPerTenantMax = 200
    private static let listMax = 50
    private static let textBytesMax = 128
    private static let stepsMax = 5
    private static let recipientsMax = 20
    private static let minutesMax = 7 * 1440

    /// - Errors: `RouteError` that names the member and what it takes.
    public func check() throws {
        try Self.text(name, "name", 1...80)
        guard match.kinds.allSatisfy(NotificationKind.selectable.contains) else {
            throw RouteError("match.kinds takes \(NotificationKind.selectable.map(\.rawValue).joined(separator: ", ")).")
        }
        guard !match.kinds.isEmpty || !escalation.isEmpty else {
            throw RouteError("A route without match.kinds and without escalation would never tell anybody anything.")
        }
        for (list, member) in [(match.regions, "match.regions"), (match.operators, "match.operators")] {
            guard list.count <= Self.listMax else { throw RouteError("\(member) takes at most \(Self.listMax) entries.") }
            for entry in list { try Self.text(entry, member, 1...Self.textBytesMax) }
        }
        try Self.text(match.sitePrefix, "match.site_prefix", 0...Self.textBytesMax)
        guard (0...Self.minutesMax).contains(throttleMinutes) else { throw RouteError("throttle_minutes takes 0 to \(Self.minutesMax).") }
        if let quietHours { try Self.check(quietHours) }
        guard escalation.count <= Self.stepsMax else { throw RouteError("escalation takes at most \(Self.stepsMax) steps.") }
        for step in escalation {
            guard (1...Self.minutesMax).contains(step.afterMinutes) else {
                throw RouteError("escalation.after_minutes takes 1 to \(Self.minutesMax).")
            }
        }
        var copy = self
        try copy.changeTargets { try Self.check($0) }
    }

    private static func check(_ hours: QuietHours) throws {
        guard QuietHours.minute(hours.from) != nil, QuietHours.minute(hours.to) != nil else {
            throw RouteError("quiet_hours.from and .to are times of day like 22:00.")
        }
        guard hours.timezone.utf8.count <= 64, TimeZone(identifier: hours.timezone) != nil else {
            throw RouteError("quiet_hours.timezone is an IANA name like Asia/Kolkata.")
        }
    }

    private static func check(_ target: NotificationTarget) throws {
        switch target.channel {
        case .webhook:
            guard target.to == nil else { throw RouteError("A webhook has a url, not `to`.") }
            guard let url = target.url, WebhookAddress(url) != nil else {
                throw RouteError("target.url is an http or https address without a user in it, at most 2048 bytes long.")
            }
            if let secret = target.secret, !(1...1024).contains(secret.utf8.count) {
                throw RouteError("target.secret takes 1 to 1024 bytes.")
            }
        case .mail:
            guard target.url == nil, target.secret == nil else { throw RouteError("Mail has `to`, neither url nor secret.") }
            guard let to = target.to, (1...recipientsMax).contains(to.count) else {
                throw RouteError("target.to takes 1 to \(recipientsMax) mail addresses.")
            }
            for address in to where !MailAddress.isValid(address) {
                throw RouteError("target.to holds something that is no plain mail address: \(address.prefix(64).debugDescription).")
            }
        }
    }

    private static func text(_ text: String, _ member: String, _ bytes: ClosedRange<Int>) throws {
        guard bytes.contains(text.utf8.count), !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else {
            throw RouteError("\(member) takes \(bytes.lowerBound) to \(bytes.upperBound) bytes on one line.")
        }
    }
}
