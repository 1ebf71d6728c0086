import Foundation
import Hummingbird
import TowerIngest
import TowerModel
import TowerStores
import TowerStreaming
import TowerWire

/// Sites and the links between them; links that outages speak for and nobody declared.
///
/// Proposals and what people say of them are records of the tenant's lifecycle topic: the newest list is the answer, and a
/// verdict is appended for the engine, which answers with a new list.
struct TopologyRoutes: Sendable {
    let services: Services

    private static let listType = "topology.link_proposed"
    private static let verdictType = "topology.link_judged"

    var routes: [Route] {
        [
            .signedIn(
                "GET", "/api/v1/topology", "getTopology", "Sites in short and their links, now or as they were", .read, query: ["at"]
            ) { call, principal in
                guard let at = try call.timestamp("at") else {
                    return .json(try await services.store.topology(tenant: principal.tenantID))
                }
                return .json(try await services.store.topology(tenant: principal.tenantID, at: at))
            },
            .signedIn(
                "GET", "/api/v1/topology/proposals", "listProposedLinks", "Links that outages speak for and nobody declared", .read
            ) { _, principal in .json(try await newest(principal)) },
            .signedIn(
                "POST", "/api/v1/topology/proposals/{proposal_id}/confirm", "confirmProposedLink", "Declare a proposed link", .command,
                body: []
            ) { call, principal in try await judge(call, principal, isConfirmed: true) },
            .signedIn(
                "POST", "/api/v1/topology/proposals/{proposal_id}/reject", "rejectProposedLink", "Say that a proposed link is none", .command,
                body: []
            ) { call, principal in try await judge(call, principal, isConfirmed: false) },
        ]
    }

    /// The part of a list's record that the answer repeats.
    struct Proposals: Codable, Sendable {
        struct Link: Codable, Sendable {
            var id: String
            var kind: String
            var site_id: String
            var other: String
            var together: Int
            var of_other: Int
            var of_site: Int
            var log10_chance: Double
            var confidence: Double
            var episodes: [Timestamp]
        }
        var version: Int
        var at: Timestamp?
        var reason: String
        var proposals: [Link]
    }

    private struct Envelope: Decodable {
        var event_type: String
        var payload: Proposals
    }

    private func newest(_ principal: Principal) async throws -> Proposals {
        let scan = BackwardScan(
            log: services.dependencies.log, patterns: [TopicPattern(Topic.incidents(tenant: principal.tenantID.rawValue).rawValue)],
            scanMax: services.configuration.eventLookupScanMax)
        let found = try await scan.collect(limit: 1, cursor: nil) { item -> Proposals? in
            guard let key = item.record.key, key.elementsEqual("topology".utf8),
                let envelope = try? JSONDecoder().decode(Envelope.self, from: Data(item.record.value)), envelope.event_type == Self.listType
            else { return nil }
            return envelope.payload
        }
        return found.items.first ?? Proposals(version: 0, reason: "nothing proposed yet", proposals: [])
    }

    private func judge(_ call: Call, _ principal: Principal, isConfirmed: Bool) async throws -> Response {
        let id = try call.parameter("proposal_id")
        guard let link = try await newest(principal).proposals.first(where: { $0.id == id }) else {
            throw Problem.notFound("proposal.not_found", "There is no proposed link \(id): it was judged, declared or withdrawn.")
        }
        if isConfirmed { try await declare(link, principal) }
        let bytes = services.dependencies.randomBytes(16)
        func number(_ range: Range<Int>) -> UInt64 { bytes[range].reduce(0) { $0 << 8 | UInt64($1) } }
        let eventID = EventID(high: number(0..<8) & ~0xF000 | 0x4000, low: number(8..<16) >> 2 | 1 << 63)
        let value = EventWriter.event(
            id: eventID, type: Self.verdictType, tenant: principal.tenantID, site: SiteID(link.site_id), timestamp: services.now()
        ) { json in
            json.member("kind", link.kind)
            json.member("site_id", link.site_id)
            json.member("other", link.other)
            json.member("verdict", isConfirmed ? "confirm" : "reject")
            json.member("actor", principal.name)
        }
        let record = Record(
            topic: Topic.incidents(tenant: principal.tenantID.rawValue), key: Array("topology".utf8), value: value,
            headers: [.init("event_id", eventID.description), .init("topology", "1")])
        _ = try await services.dependencies.log.append([record])
        return .json(CausalityRoutes.Accepted(event_id: eventID.description), status: .accepted)
    }

    /// A real link, known by where it came from. Its id follows from the proposal: confirmed twice it is one.
    private func declare(_ link: Proposals.Link, _ principal: Principal) async throws {
        let id = EventID.derived(from: .platformNamespace, "confirmed|\(principal.tenantID)|\(link.id)")
        var event = EventWriter.event(
            id: id, type: "topology.link", tenant: principal.tenantID, site: SiteID(link.site_id), timestamp: services.now()
        ) { json in
            json.member("a", link.site_id)
            json.member("b", link.other)
            json.member("kind", link.kind == "feeder" ? "feeder" : "adjacent")
            if link.kind != "feeder" { json.member("parent", link.other) }
            json.member("provenance", "inferred")
        }
        event.append(0x0A)
        let report = try await services.dependencies.ingest.ingest(
            IngestRequest(
                body: event, contentType: "application/x-ndjson", contentEncoding: nil, tenant: principal.tenantID,
                source: "http:\(principal.name)"))
        if let refused = report.rejected.first { throw Problem.badRequest("proposal.refused", "The link was refused: \(refused.detail)") }
    }
}
