import Foundation
import TowerAPI
import TowerModel
import TowerNotify

/// `towerco routes` and `towerco notifications`.
public struct NotificationOperations: Sendable {
    private let client: ServerClient
    private let asJSON: Bool

    public init(client: ServerClient, asJSON: Bool) {
        self.client = client
        self.asJSON = asJSON
    }

    public func list() async throws -> String {
        let routes = try await client.list("/api/v1/routes", of: NotificationRoute.self)
        if asJSON { return try routes.map(Self.line).joined() }
        var table = TextTable(["route", "name", "severity", "kinds", "target", "enabled"], numeric: [])
        table.rows = routes.map { route in
            [
                route.routeID.description, route.name, route.match.minimumSeverity.rawValue,
                route.match.kinds.map(\.rawValue).joined(separator: " "), Self.words(route.target)
                    + (route.escalation.isEmpty ? "" : " +\(route.escalation.count)"), route.isEnabled ? "yes" : "no",
            ]
        }
        return table.render()
    }

    /// - Parameter route: JSON as the API takes it.
    public func add(_ route: [UInt8]) async throws -> String {
        let answer = try await client.send("POST", "/api/v1/routes", body: route, contentType: "application/json")
        let made = try JSONDecoder().decode(NotificationRoute.self, from: Data(answer.body))
        return asJSON ? try Self.line(made) : "Route \(made.routeID) tells \(Self.words(made.target)).\n"
    }

    public func remove(_ id: String) async throws -> String {
        try await client.send("DELETE", try Self.path(id), body: nil, contentType: nil)
        return "Route \(id) is gone.\n"
    }

    /// Asks for a test message and waits for its outcome.
    public func test(_ id: String, secondsMax: Int) async throws -> String {
        let answer = try await client.send("POST", try Self.path(id) + "/test", body: Array("{}".utf8), contentType: "application/json")
        let asked = try JSONDecoder().decode(RouteTestView.self, from: Data(answer.body))
        let deadline = ContinuousClock.now + .seconds(secondsMax)
        while ContinuousClock.now < deadline {
            let page = try await client.list("/api/v1/notifications?limit=20&route_id=\(asked.routeID)", of: NotificationOutcome.self, most: 20)
            if let outcome = page.first(where: { $0.deliveryID == asked.deliveryID }) {
                if asJSON { return try Self.line(outcome) }
                guard outcome.isSent else {
                    throw CommandFailure("The test was not delivered: \(outcome.detail) (\(outcome.reason ?? "unknown")).")
                }
                return "Delivered by \(outcome.channel.rawValue): \(outcome.detail).\n"
            }
            try await Task.sleep(for: .milliseconds(300))
        }
        throw CommandFailure(
            "No outcome within \(secondsMax) s; it is still being tried, or no process runs the role notification-service. `towerco notifications` shows it later.")
    }

    /// - Parameter failed: only what was given up.
    public func history(incident: String?, failed: Bool = false) async throws -> String {
        let filter = (failed ? "&sent=false" : "") + (incident.map { "&incident_id=\($0.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")" } ?? "")
        let outcomes = try await client.list("/api/v1/notifications?limit=200\(filter)", of: NotificationOutcome.self, most: 200)
        if asJSON { return try outcomes.map(Self.line).joined() }
        var table = TextTable(["at", "route", "channel", "to", "kind", "outcome", "tries", "subject"], numeric: [6])
        table.rows = outcomes.map { outcome in
            [
                outcome.at.description, outcome.route, outcome.channel.rawValue, outcome.to.joined(separator: ", "), outcome.kind.rawValue,
                outcome.isSent ? "sent" : outcome.reason ?? "failed", String(outcome.attempts), String(outcome.subject.prefix(80)),
            ]
        }
        return table.render()
    }

    private static func words(_ target: NotificationTarget) -> String {
        switch target.channel {
        case .webhook: target.url ?? "a webhook"
        case .mail: (target.to ?? []).joined(separator: ", ")
        }
    }

    private static func path(_ route: String) throws -> String {
        guard let id = route.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(["-"])), !id.isEmpty else {
            throw CommandFailure("A route has an id; `towerco routes list` shows them.", isUsage: true)
        }
        return "/api/v1/routes/" + id
    }

    private static func line(_ item: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(item), as: UTF8.self) + "\n"
    }
}
