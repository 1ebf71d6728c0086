import Foundation
import Hummingbird
import TowerModel
import TowerStores
import TowerStreaming
import TowerWire

/// What alarms without templates have taught, and what operators know better.
///
/// Both are records of the tenant's lifecycle topic: a verdict is appended for the engine, which answers with a new version of
/// the graph. Older versions stay in the log and can be read.
struct CausalityRoutes: Sendable {
    let services: Services

    private static let graphType = "causality.graph.learned"
    private static let verdictType = "causality.edge.judged"
    private static let verdicts = ["confirm", "veto", "clear"]

    var routes: [Route] {
        [
            .signedIn(
                "GET", "/api/v1/causality/edges", "getCausalEdges",
                "Causal edges between alarm types, learned from the alarms alone: the newest version or the one asked for", .read,
                query: ["version"], get),
            .signedIn(
                "POST", "/api/v1/causality/edges/judge", "judgeCausalEdge",
                "Confirm or veto that one alarm type causes another, or leave it to learning again", .command,
                body: [
                    .init(name: "cause", isRequired: true, bytesMax: 256), .init(name: "effect", isRequired: true, bytesMax: 256),
                    .init(name: "verdict", isRequired: true, bytesMax: 16), .init(name: "reason", isRequired: false, bytesMax: 1000),
                ], judge),
            .signedIn(
                "GET", "/api/v1/causality/causes", "listCauses",
                "Root causes that the causal stories know, for a verdict on an incident", .read
            ) { _, _ in .json(Page(items: services.dependencies.causes, total: services.dependencies.causes.count)) },
        ]
    }

    private func get(_ call: Call, _ principal: Principal) async throws -> Response {
        var version: Int?
        if let text = call.string("version") {
            guard let number = Int(text), number > 0 else { throw call.invalid("version", "a whole number from 1") }
            version = number
        }
        let scan = BackwardScan(
            log: services.dependencies.log, patterns: [TopicPattern(Topic.incidents(tenant: principal.tenantID.rawValue).rawValue)],
            scanMax: services.configuration.eventLookupScanMax)
        let found = try await scan.collect(limit: 1, cursor: nil) { Self.graph($0.record, version: version) }
        if let graph = found.items.first { return .json(graph) }
        guard let version else {
            return .json(Graph(tenant_id: principal.tenantID.rawValue, version: 0, reason: "nothing learned yet", edges: []))
        }
        throw Problem.notFound("causality.not_found", "There is no version \(version) of the learned edges among the newest records.")
    }

    private func judge(_ call: Call, _ principal: Principal) async throws -> Response {
        let fields = try await call.fields()
        let (cause, effect) = (fields["cause"] ?? "", fields["effect"] ?? "")
        guard let verdict = fields["verdict"], Self.verdicts.contains(verdict) else {
            throw Problem.badRequest("request.invalid_field", "Member verdict must be one of \(Self.verdicts.joined(separator: ", ")).")
        }
        guard cause != effect else {
            throw Problem.badRequest("request.invalid_field", "Members cause and effect must be two alarm types.")
        }
        let bytes = services.dependencies.randomBytes(16)
        func number(_ range: Range<Int>) -> UInt64 { bytes[range].reduce(0) { $0 << 8 | UInt64($1) } }
        let id = EventID(high: number(0..<8) & ~0xF000 | 0x4000, low: number(8..<16) >> 2 | 1 << 63)
        let value = EventWriter.event(
            id: id, type: Self.verdictType, tenant: principal.tenantID, site: SiteID("-"), timestamp: services.now()
        ) { json in
            json.member("cause", cause)
            json.member("effect", effect)
            json.member("verdict", verdict)
            json.member("actor", principal.name)
            json.member("reason", fields["reason"] ?? "")
        }
        let record = Record(
            topic: Topic.incidents(tenant: principal.tenantID.rawValue), key: Array("causality".utf8), value: value,
            headers: [.init("event_id", id.description), .init("causality", "1")])
        _ = try await services.dependencies.log.append([record])
        return .json(Accepted(event_id: id.description), status: .accepted)
    }

    struct Accepted: Codable, Sendable { var event_id: String }

    /// The part of a graph's record that the answer repeats.
    struct Graph: Codable, Sendable {
        struct Edge: Codable, Sendable {
            var cause: String
            var effect: String
            var score: Double
            var yield: Double
            var asserted: Bool
            var verdict: String?
        }
        var tenant_id: String
        var version: Int
        var at: Timestamp?
        var reason: String
        var raises: Int?
        var explained_share: Double?
        var refused_raises: Int?
        var edges: [Edge]
    }

    private struct Envelope: Decodable {
        var event_type: String
        var payload: Graph
    }

    private static func graph(_ record: Record, version: Int?) -> Graph? {
        guard let key = record.key, key.elementsEqual("causality".utf8),
            let envelope = try? JSONDecoder().decode(Envelope.self, from: Data(record.value)), envelope.event_type == graphType,
            version == nil || envelope.payload.version == version
        else { return nil }
        return envelope.payload
    }
}
