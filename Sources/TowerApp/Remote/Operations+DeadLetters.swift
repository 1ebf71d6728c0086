import Foundation
import TowerIngest
import TowerModel
import TowerStores

/// Which dead letters a command is about.
public struct DeadLetterSelection: Sendable {
    public var reason: String?
    public var topic: String?
    public var site: String?
    public var state: String?
    public var from: String?
    public var to: String?
    public var tenant: String?
    public init() {}

    /// By the names that the API has for them.
    var fields: [(name: String, value: String)] {
        [("reason", reason), ("topic", topic), ("site_id", site), ("state", state), ("from", from), ("to", to), ("tenant", tenant)]
            .compactMap { name, value in value.map { (name, $0) } }
    }
}

/// `towerco dead-letters …`: records that were set aside.
extension Operations {
    private static let path = "/api/v1/dead-letters"

    /// - Parameter most: rows at most, newest first.
    public func deadLetters(_ selection: DeadLetterSelection, most: Int) async throws -> String {
        let query = try Self.query(selection.fields + [("limit", String(min(most, 1000)))])
        let letters = try await client.list(Self.path + query, of: DeadLetterView.self, most: most)
        return try render(
            Array(letters.prefix(most)), TextTable(["id", "at", "state", "reason", "tried", "site", "origin", "detail"], numeric: [0, 4])
        ) {
            [
                String($0.id), $0.at.description, $0.state, $0.reasonCode, String($0.attempts), $0.siteID ?? "-", $0.origin,
                String($0.detail.prefix(100)),
            ]
        }
    }

    public func deadLetterSummary(_ selection: DeadLetterSelection) async throws -> String {
        let summary = try await client.get(
            Self.path + "/summary" + (try Self.query(selection.fields)), as: DeadLetterSummary.self)
        if asJSON { return try jsonLine(summary) }
        var reasons = TextTable(["reason", "letters", "waiting", "oldest", "newest"], numeric: [1, 2])
        reasons.rows = summary.byReason.map {
            [$0.reasonCode, grouped($0.count), grouped($0.waiting), $0.oldestAt.description, $0.newestAt.description]
        }
        var origins = TextTable(["origin", "letters"], numeric: [1])
        origins.rows = summary.byOrigin.map { [$0.origin, grouped($0.count)] }
        let states = summary.byState.filter { $0.count > 0 }.map { "\(grouped($0.count)) \($0.state)" }.joined(separator: ", ")
        let older = summary.older > 0 ? "\(grouped(summary.older)) older ones are in the log and not counted.\n" : ""
        return "\(grouped(summary.total)) letters\(states.isEmpty ? "" : ": \(states)")\n\(older)\n\(reasons.render())\n\(origins.render())"
    }

    public func deadLetter(id: String, tenant: String?) async throws -> String {
        let query = try Self.query(tenant.map { [("tenant", $0)] } ?? [])
        let letter = try await client.get("\(Self.path)/\(try Self.number(id))\(query)", as: DeadLetterView.self)
        if asJSON { return try jsonLine(letter) }
        return LetterText(letter).text
    }

    public func retryDeadLetter(id: String) async throws -> String {
        try await sending(id, "retry", body: Array("{}".utf8))
    }

    /// Sends other bytes in place of the letter's own.
    public func fixDeadLetter(id: String, bytes: [UInt8]) async throws -> String {
        try await sending(id, "fix", body: Array(try JSONEncoder().encode(["raw_base64": Data(bytes).base64EncodedString()])))
    }

    /// - Throws: what the door says when it refuses the bytes: the answer is then a report and no problem.
    private func sending(_ id: String, _ action: String, body: [UInt8]) async throws -> String {
        let path = "\(Self.path)/\(try Self.number(id))/\(action)"
        let answer = try await client.exchange("POST", path, body: body, contentType: "application/json")
        if answer.status == 400, let report = try? JSONDecoder().decode(IngestReport.self, from: Data(answer.body)),
            let fault = report.rejected.first
        {
            throw CommandFailure("The door refused letter \(id) again (400, \(fault.code)): \(fault.detail) It stays as it is.")
        }
        guard answer.status < 400 else { throw ServerClient.failure(answer, client.base + path) }
        return String(decoding: answer.body, as: UTF8.self) + "\n"
    }

    public func discardDeadLetter(id: String, why: String) async throws -> String {
        let answer = try await client.send(
            "POST", "\(Self.path)/\(try Self.number(id))/discard", body: Array(try JSONEncoder().encode(["why": why])),
            contentType: "application/json")
        let letter = try JSONDecoder().decode(DeadLetterView.self, from: Data(answer.body))
        return asJSON ? try jsonLine(letter) : "\(letter.id) \(letter.state)\n"
    }

    /// Treats all that match, a thousand at a time, to `most`.
    ///
    /// - Parameters:
    ///   - action: `retry` or `discard`.
    ///   - why: of a discard.
    public func treatDeadLetters(_ action: String, _ selection: DeadLetterSelection, why: String?, isDry: Bool, most: Int) async throws
        -> String
    {
        var counts: [String: Int] = [:]
        var text = ""
        var cursor: String?
        var left = most
        repeat {
            var fields = Dictionary(uniqueKeysWithValues: selection.fields.map { ($0.name, $0.value) })
            fields["limit"] = String(min(left, 1000))
            fields["cursor"] = cursor
            fields["why"] = why
            if isDry { fields["dry_run"] = "true" }
            let answer = try await client.send(
                "POST", "\(Self.path)/\(action)", body: Array(try JSONEncoder().encode(fields)), contentType: "application/json")
            let report = try JSONDecoder().decode(DeadLetterReport.self, from: Data(answer.body))
            for item in report.results { counts[item.result, default: 0] += 1 }
            left -= report.results.count
            cursor = report.nextCursor
            text += asJSON ? try report.results.map(jsonLine).joined() : Self.rows(report.results)
        } while cursor != nil && left > 0
        guard !asJSON else { return text }
        let sum = counts.sorted { $0.key < $1.key }.map { "\(grouped($0.value)) \($0.key == "would" ? "would be treated" : $0.key)" }
        return text + (sum.isEmpty ? "No waiting letter matches.\n" : sum.joined(separator: ", ") + "\n")
            + (cursor == nil ? "" : "More are waiting; --most raises the bound.\n")
    }

    /// Only what did not go as wished deserves a line.
    private static func rows(_ items: [DeadLetterReport.Item]) -> String {
        items.filter { ["rejected", "skipped"].contains($0.result) }
            .map { "\($0.id) \($0.result): \($0.detail ?? $0.code ?? "")\n" }.joined()
    }

    public func expireDeadLetters(before: String) async throws -> String {
        struct Answer: Codable { var expired: Int }
        let answer = try await client.send(
            "POST", "\(Self.path)/expire", body: Array(try JSONEncoder().encode(["before": before])), contentType: "application/json")
        let expired = try JSONDecoder().decode(Answer.self, from: Data(answer.body))
        return asJSON ? try jsonLine(expired) : "\(grouped(expired.expired)) expired\n"
    }

    private static func number(_ id: String) throws -> Int64 {
        guard let number = Int64(id), number >= 0 else {
            throw CommandFailure("`\(id)` is no id of a dead letter; `towerco dead-letters list` shows them.", isUsage: true)
        }
        return number
    }

    private static func query(_ fields: [(name: String, value: String)]) throws -> String {
        guard !fields.isEmpty else { return "" }
        return "?" + fields.map { "\($0.name)=\($0.value.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")" }.joined(separator: "&")
    }
}
