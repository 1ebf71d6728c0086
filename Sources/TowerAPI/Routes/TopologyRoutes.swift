import Foundation
import Hummingbird
import TowerModel
import TowerStores

/// Sites and the links between them; links that outages speak for and nobody declared.
struct TopologyRoutes: Sendable {
    let services: Services

    private static let reason = [Route.BodyField(name: "reason", isRequired: false, bytesMax: 1000)]

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
            ) { _, principal in .json(try await ProposalDesk(services: services, principal: principal).list()) },
            .signedIn(
                "POST", "/api/v1/topology/proposals/{proposal_id}/confirm", "confirmProposedLink", "Declare a proposed link", .command,
                body: Self.reason
            ) { call, principal in try await judge(call, principal, .confirm) },
            .signedIn(
                "POST", "/api/v1/topology/proposals/{proposal_id}/reject", "rejectProposedLink", "Say that a proposed link is none", .command,
                body: Self.reason
            ) { call, principal in try await judge(call, principal, .reject) },
            .signedIn(
                "POST", "/api/v1/topology/proposals/{proposal_id}/undo", "undoProposedLinkVerdict",
                "Take back what was said of a proposed link", .command, body: Self.reason
            ) { call, principal in try await judge(call, principal, .undo) },
        ]
    }

    private func judge(_ call: Call, _ principal: Principal, _ verdict: ProposalDesk.Verdict) async throws -> Response {
        let reason = try await call.fields()["reason"] ?? ""
        let id = try await ProposalDesk(services: services, principal: principal)
            .judge(try call.parameter("proposal_id"), verdict, reason: reason)
        return .json(CausalityRoutes.Accepted(event_id: id.description), status: .accepted)
    }
}
