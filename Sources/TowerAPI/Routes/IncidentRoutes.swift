import Hummingbird
import TowerIncidents
import TowerModel
import TowerStores

/// Incidents and what people do to them.
struct IncidentRoutes: Sendable {
    let services: Services

    var routes: [Route] {
        [
            .signedIn(
                "GET", "/api/v1/incidents", "listIncidents", "Incidents, newest change first", .read,
                query: ["status", "site_id", "assignee", "limit", "cursor"], list),
            .signedIn(
                "GET", "/api/v1/incidents/{id}", "getIncident", "One incident with its history, by id or number", .read, get),
            command("acknowledge", "Say that somebody has seen it", []) { _ in .acknowledge },
            command("assign", "Give it to somebody", [.init(name: "assignee", isRequired: true, bytesMax: 128)]) {
                .assign(to: $0["assignee"] ?? "")
            },
            command("comment", "Add a remark", [.init(name: "text", isRequired: true, bytesMax: 4000)]) {
                .comment($0["text"] ?? "")
            },
            command("resolve", "Say that it is over", [.init(name: "reason", isRequired: true, bytesMax: 1000)]) {
                .resolve(reason: $0["reason"] ?? "")
            },
            command("reopen", "Say that it is not over", [.init(name: "reason", isRequired: true, bytesMax: 1000)]) {
                .reopen(reason: $0["reason"] ?? "")
            },
            merge, judge, split,
        ]
    }

    private func list(_ call: Call, _ principal: Principal) async throws -> Response {
        let names = ["open", "acknowledged", "resolved", "auto_closed", "merged"]
        let statuses = try (call.string("status") ?? "").split(separator: ",").map { name in
            guard let status = IncidentView.Status(rawValue: String(name)) else {
                throw call.invalid("status", "a comma-separated list of \(names.joined(separator: ", "))")
            }
            return status
        }
        let filter = IncidentFilter(
            statuses: statuses, site: call.string("site_id").map { SiteID($0) }, assignee: call.string("assignee"))
        return .json(
            try await services.store.incidents(
                tenant: principal.tenantID, filter: filter, limit: try call.limit(), cursor: call.cursor))
    }

    private func get(_ call: Call, _ principal: Principal) async throws -> Response {
        .json(try await incident(try call.parameter("id"), principal))
    }

    /// The principal's own incident. One of another tenant does not exist for this caller.
    private func incident(_ id: String, _ principal: Principal) async throws -> IncidentView {
        guard let view = try await services.store.incident(tenant: principal.tenantID, id: id) else {
            throw Problem.notFound("incident.not_found", "There is no incident \(id.prefix(64)).")
        }
        return view
    }

    private func command(
        _ verb: String, _ summary: String, _ fields: [Route.BodyField],
        make: @escaping @Sendable ([String: String]) -> IncidentCommand
    ) -> Route {
        .signedIn("POST", "/api/v1/incidents/{id}/\(verb)", "\(verb)Incident", summary, .command, body: fields) {
            call, principal in
            let fields = try await call.fields()
            return try await perform(make(fields), call, principal)
        }
    }

    private var merge: Route {
        .signedIn(
            "POST", "/api/v1/incidents/{id}/merge", "mergeIncident", "Continue it inside another one", .command,
            body: [.init(name: "into", isRequired: true, bytesMax: 64)]
        ) { call, principal in
            let into = try await call.fields()["into"] ?? ""
            let target = try await incident(into, principal)
            return try await perform(.merge(into: target.snapshot.incidentID), call, principal)
        }
    }

    private static let causeMembers = ["site_id", "managed_object", "condition", "label"]

    private var judge: Route {
        .signedIn(
            "POST", "/api/v1/incidents/{id}/verdict", "judgeIncidentCause", "Say whether the root cause was right, or what it was",
            .command,
            body: [
                .init(name: "verdict", isRequired: true, bytesMax: 16),
                .init(name: "candidate", isRequired: false, bytesMax: 512, kind: .object(Self.causeMembers)),
                .init(name: "cause", isRequired: false, bytesMax: 512, kind: .object(Self.causeMembers)),
                .init(name: "reason", isRequired: false, bytesMax: 1000),
            ]
        ) { call, principal in
            let members = try await call.members()
            guard let word = members.texts["verdict"].flatMap({ CauseVerdict.Word(rawValue: $0) }) else {
                let words = CauseVerdict.Word.allCases.map(\.rawValue).joined(separator: ", ")
                throw Problem.badRequest("request.invalid_field", "Member verdict must be one of \(words).")
            }
            let opinion = CauseOpinion(
                word: word, candidate: members.objects["candidate"].map(Self.cause), cause: members.objects["cause"].map(Self.cause),
                reason: members.texts["reason"] ?? "")
            return try await perform(.judge(opinion), call, principal)
        }
    }

    private static func cause(_ members: [String: String]) -> CauseVerdict.Cause {
        CauseVerdict.Cause(
            siteID: members["site_id"] ?? "", managedObject: members["managed_object"] ?? "", condition: members["condition"] ?? "",
            label: members["label"] ?? "")
    }

    private var split: Route {
        .signedIn(
            "POST", "/api/v1/incidents/{id}/split", "splitIncident", "Make an incident of its own of some of its alarms or sites", .command,
            body: [
                .init(name: "alarm_ids", isRequired: false, bytesMax: 64, kind: .list(itemsMax: IncidentState.maxSplitAlarms)),
                .init(name: "site_ids", isRequired: false, bytesMax: 128, kind: .list(itemsMax: IncidentState.maxSplitSites)),
                .init(name: "reason", isRequired: false, bytesMax: 1000),
            ]
        ) { call, principal in
            let members = try await call.members(upTo: Self.splitBytesMax)
            let alarms = try (members.lists["alarm_ids"] ?? []).map { text in
                guard let id = EventID(text) else { throw Problem.badRequest("request.invalid_field", "Member alarm_ids must hold UUIDs.") }
                return id
            }
            let sites = (members.lists["site_ids"] ?? []).map { SiteID($0) }
            return try await perform(.split(alarms: alarms, sites: sites, reason: members.texts["reason"] ?? ""), call, principal)
        }
    }

    /// Bytes of a split's body: room for as many names as it may hold.
    private static let splitBytesMax = 96 << 10

    private func perform(_ command: IncidentCommand, _ call: Call, _ principal: Principal) async throws -> Response {
        let key = try call.idempotencyKey()
        // Looking it up under the caller's tenant first also turns a number into an id.
        let view = try await incident(try call.parameter("id"), principal)
        let outcome = try await services.dependencies.commands.perform(
            command, incident: view.snapshot.incidentID, principal: principal, idempotencyKey: key)
        switch outcome {
        case .applied(let view): return .json(view)
        case .pending(let view): return .json(view, status: .accepted)
        }
    }
}
