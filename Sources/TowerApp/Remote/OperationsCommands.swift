import Foundation
import TowerAPI
import TowerModel
import TowerStores

/// `towerco topics`, `groups`, `dead-letters`: what a running server says of itself, as tables or JSON lines.
public struct Operations: Sendable {
    let client: ServerClient
    let asJSON: Bool

    public init(client: ServerClient, asJSON: Bool) {
        self.client = client
        self.asJSON = asJSON
    }

    public func topics() async throws -> String {
        let topics = try await client.list("/api/v1/topics", of: TopicView.self)
        return try render(topics, TextTable(["topic", "partitions", "retention", "records", "held", "oldest", "newest"], numeric: [1, 3, 4])) {
            [
                $0.topic, String($0.partitions), $0.retention, grouped($0.endOffset - $0.startOffset), bytesInWords($0.bytes),
                $0.oldestAt?.description ?? "-", $0.newestAt?.description ?? "-",
            ]
        }
    }

    public func groups() async throws -> String {
        let groups = try await client.list("/api/v1/consumer-groups", of: GroupView.self)
        return try render(groups, TextTable(["group", "members", "records behind", "seconds behind", "state"], numeric: [1, 2, 3])) {
            [$0.group, String($0.members), grouped($0.offsetLag), String(Double($0.timeLagMs) / 1000), $0.state]
        }
    }

    public func group(_ name: String) async throws -> String {
        try render(try await client.get(try Self.path(name), as: GroupDetail.self))
    }

    /// - Parameter to: a place as the API reads it: beginning, end, a sequence, a time, TOPIC@OFFSET.
    public func seekGroup(_ name: String, to: String) async throws -> String {
        try await change(name, "seek", ["to": to])
    }

    public func pauseGroup(_ name: String) async throws -> String { try await change(name, "pause", [:]) }
    public func resumeGroup(_ name: String) async throws -> String { try await change(name, "resume", [:]) }

    private func change(_ name: String, _ action: String, _ fields: [String: String]) async throws -> String {
        let answer = try await client.send(
            "POST", try Self.path(name) + "/" + action, body: Array(try JSONEncoder().encode(fields)), contentType: "application/json")
        return try render(try JSONDecoder().decode(GroupDetail.self, from: Data(answer.body)))
    }

    private static func path(_ group: String) throws -> String {
        guard let name = group.addingPercentEncoding(withAllowedCharacters: .alphanumerics), !name.isEmpty else {
            throw CommandFailure("A consumer group has a name; `towerco groups list` shows them.", isUsage: true)
        }
        return "/api/v1/consumer-groups/" + name
    }

    private func render(_ group: GroupDetail) throws -> String {
        if asJSON { return try jsonLine(group) }
        var text = """
            group     \(group.group)
            state     \(group.state)
            members   \(group.members)
            position  \(grouped(group.position)) of \(grouped(group.end))
            behind    \(grouped(group.offsetLag)) records, \(Double(group.timeLagMs) / 1000) s
            epoch     \(group.epoch)
            reads     \(group.patterns.joined(separator: ", "))

            """
        for share in group.shares {
            text += "member    \(share.member): \(share.slots) slots, next \(share.position.map { grouped($0) } ?? "-")\n"
        }
        return text
    }

    func render<Item: Encodable>(_ items: [Item], _ table: TextTable, row: (Item) -> [String]) throws -> String {
        if asJSON { return try items.map(jsonLine).joined() }
        var table = table
        table.rows = items.map(row)
        return table.render()
    }

    func jsonLine(_ item: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(item), as: UTF8.self) + "\n"
    }
}
