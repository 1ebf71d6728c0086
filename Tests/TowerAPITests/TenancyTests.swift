import Synchronization
import Testing
import TowerModel
import TowerStores

@testable import TowerAPI

/// Generated from the route table: a route added tomorrow is in here without anybody thinking of it.
@Suite(.timeLimit(.minutes(10))) struct TenancyTests {
    /// A request for every route, about one tenant's data.
    struct Probe: Sendable {
        var method: String
        var path: String
        var body: String?
        var operation: String
        /// Its path names something that only the owner has. Consumer groups are the platform's.
        var isAboutOneThing: Bool
    }

    /// A subject's name is every tenant's own: these make something of the caller's under it.
    static let namesAreFree: Set = [
        "registerRegistrySchema", "testRegistryCompatibilityWithAll", "setRegistrySubjectConfig", "getRegistrySubjectConfig",
        "deleteRegistrySubjectConfig", "setRegistrySubjectMode", "getRegistrySubjectMode", "deleteRegistrySubjectMode",
    ]

    /// Deleting and registering must not change what the other probes are about.
    static func subject(_ operation: String) -> String {
        switch operation {
        case "deleteRegistryVersion": "acme.spare-value"
        case "registerRegistrySchema": "acme.other-value"
        default: "acme.probe-value"
        }
    }

    /// A letter is treated once, so each command gets one of its own.
    static func letter(_ operation: String, _ ids: TestServer.IDs) -> Int64 {
        switch operation {
        case "fixDeadLetter": ids.deadLetter - 1
        case "discardDeadLetter": ids.deadLetter - 2
        default: ids.deadLetter
        }
    }

    /// Bodies that a command wants in a form of its own.
    static func ownBody(_ operation: String) -> String? {
        switch operation {
        case "fixDeadLetter": #"{"text":"x"}"#
        case "retryDeadLetters": "{}"
        case "discardDeadLetters": #"{"why":"x"}"#
        case "expireDeadLetters": #"{"before":"2026-02-01T00:00:00Z"}"#
        case "judgeIncidentCause": #"{"verdict":"confirmed"}"#
        case "splitIncident": #"{"site_ids":["S"]}"#
        default: nil
        }
    }

    /// What the contract of the schema registry wants instead of our commands' bodies.
    static func registryBody(_ route: Route) -> String? {
        guard RegistryAnswer.isAbout(route.path) else { return nil }
        return switch (route.method, route.path.contains("/config")) {
        case ("POST", _) where route.operationID == "registerRegistrySchema": #"{"schemaType":"JSON","schema":"{}"}"#
        case ("POST", _): #"{"schemaType":"JSON","schema":"{\"title\":\"\#(TestServer.acmeMark)\"}"}"#
        case ("PUT", true): #"{"compatibility":"FULL"}"#
        case ("PUT", false): #"{"mode":"READWRITE"}"#
        default: nil
        }
    }

    static func probes(_ table: RouteTable, about ids: TestServer.IDs) -> [Probe] {
        table.routes.filter { $0.access != .open }.flatMap { route -> [Probe] in
            let incidents =
                route.path.contains("/incidents/{id}")
                ? [ids.incident.description, ids.number] : [route.path.contains("/schemas/ids/{id}") ? "1" : ""]
            let topics =
                route.path.contains("{topic}")
                ? ["towerco.sites.\(ids.site).events", "towerco.incidents.acme-towers.lifecycle"] : [""]
            return incidents.flatMap { incident in
                topics.map { topic in
                    let path = route.path
                        .replacing("/dead-letters/{id}", with: "/dead-letters/\(Self.letter(route.operationID, ids))")
                        .replacing("{id}", with: incident).replacing("{site_id}", with: ids.site)
                        .replacing("{alarm_id}", with: ids.alarm.description).replacing("{event_id}", with: ids.event.description)
                        .replacing("{topic}", with: topic).replacing("{group}", with: "nobody")
                        .replacing("{event_type}", with: "acme.probe").replacing("{version}", with: "1")
                        .replacing("{subject}", with: Self.subject(route.operationID))
                        .replacing("{route_id}", with: ids.route.description)
                        .replacing("{proposal_id}", with: ids.proposal.description)
                    let query =
                        switch route.operationID {
                        case "queryMetrics":
                            "?site_id=\(ids.site)&metric=power.dc.bus_v&from=2026-01-14T00:00:00Z&to=2026-01-16T00:00:00Z"
                        case "listEvents": "?site_id=\(ids.site)"
                        default: ""
                        }
                    let fields = (route.body ?? []).map {
                        "\"\($0.name)\":\"\($0.name == "into" ? ids.incident.description : "x")\""
                    }
                    let isRoute = ["createRoute", "replaceRoute"].contains(route.operationID)
                    let body =
                        isRoute
                        ? #"{"name":"n","target":{"channel":"mail","to":["a@example.net"]}}"#
                        : Self.registryBody(route) ?? Self.ownBody(route.operationID)
                            ?? (route.method == "POST" ? "{\(fields.joined(separator: ","))}" : nil)
                    return Probe(
                        method: route.method, path: path + query, body: body, operation: route.operationID,
                        isAboutOneThing: route.path.contains("{") && !route.path.contains("{group}")
                            && !Self.namesAreFree.contains(route.operationID))
                }
            }
        }
    }

    @Test func noRouteTellsAStrangerAnythingOfAnotherTenant() async throws {
        try await TestServer.run { test in
            let client = HTTPClient(port: test.port)
            let probes = try Self.probes(test.server.table, about: TestServer.acmeIDs)
            #expect(probes.count > 30)
            for probe in probes {
                let answer = try await client.request(
                    probe.method, probe.path, key: TestServer.key(TestServer.rival, .admin), body: probe.body)
                #expect(!answer.text.contains(TestServer.acmeMark), "\(probe.method) \(probe.path) leaks: \(answer.text)")
                #expect(!answer.text.contains("48.7321") || probe.operation != "queryMetrics" || !answer.text.contains("ACME"))
                if probe.isAboutOneThing {
                    #expect(answer.status == 404, "\(probe.method) \(probe.path) answered \(answer.status) \(answer.text)")
                }
            }
            // Nothing was done in the other tenant's name either.
            #expect(test.commands.visits.withLock { $0 }.isEmpty)
            #expect(test.door.visits.withLock { $0 }.allSatisfy { $0.tenant == TestServer.rival })
        }
    }

    /// The same probes with the owner's key find everything: the test above would notice a leak.
    @Test func theOwnerSeesItAll() async throws {
        try await TestServer.run { test in
            let client = HTTPClient(port: test.port)
            var marked = Set<String>()
            for probe in try Self.probes(test.server.table, about: TestServer.acmeIDs)
            where probe.operation != "deleteCurrentSession" {
                let answer = try await client.request(
                    probe.method, probe.path, key: TestServer.key(TestServer.acme, .admin), body: probe.body)
                // The proposal was confirmed by the probe before: that it says so is how the owner sees it.
                let isJudged = probe.operation == "rejectProposedLink" && answer.status == 409
                if probe.isAboutOneThing { #expect(answer.status < 300 || isJudged, "\(probe.method) \(probe.path): \(answer.text)") }
                if answer.text.contains(TestServer.acmeMark) { marked.insert(probe.operation) }
            }
            let withText: Set = [
                "getFleet", "listSites", "getSite", "getTopology", "listAlarms", "getAlarm", "listIncidents", "getIncident",
                "listKPIs",
                "listEvents", "getEvent", "listDeadLetters", "getDeadLetter", "readTopicRecords", "listRoutes", "getRoute",
                "listNotifications", "listProposedLinks",
            ]
            #expect(marked.isSuperset(of: withText), "missing: \(withText.subtracting(marked).sorted())")
        }
    }

    @Test func aSiteIDSharedByTwoTenantsShowsEachItsOwnEvents() async throws {
        try await TestServer.run { test in
            let client = HTTPClient(port: test.port)
            for (tenant, mark, other) in [
                (TestServer.acme, TestServer.acmeMark, "of-rival"), (TestServer.rival, "of-rival", TestServer.acmeMark),
            ] {
                let answer = try await client.request(
                    "GET", "/api/v1/events?site_id=SHARED", key: TestServer.key(tenant, .viewer))
                #expect(answer.text.contains(mark))
                #expect(!answer.text.contains(other))
            }
        }
    }

    @Test func everyRouteAsksForCredentialsAndHoldsToItsRoles() async throws {
        try await TestServer.run(configure: { $0.platformTenant = TestServer.acme }) { test in
            let client = HTTPClient(port: test.port)
            let table = try test.server.table
            let probes = Self.probes(table, about: TestServer.acmeIDs)
            for probe in probes {
                let route = try #require(table.routes.first { $0.operationID == probe.operation })
                if case .ofPlatform = route.access {
                    let other = try await client.request(
                        probe.method, probe.path, key: TestServer.key(TestServer.rival, .admin), body: probe.body)
                    #expect(other.status == 403 && other.code == "auth.forbidden", "\(probe.method) \(probe.path)")
                }
                let stranger = try await client.request(probe.method, probe.path, body: probe.body)
                #expect(stranger.status == 401, "\(probe.method) \(probe.path)")
                #expect(stranger.header("www-authenticate") != nil)
                let liar = try await client.request(probe.method, probe.path, key: "tk_made_up", body: probe.body)
                #expect(liar.status == 401)
                for role in Role.allCases {
                    let answer = try await client.request(
                        probe.method, probe.path, key: TestServer.key(TestServer.acme, role), body: probe.body)
                    #expect((answer.code == "auth.forbidden") == !route.access.admits(role), "\(role) \(probe.method) \(probe.path)")
                }
            }
        }
    }

    @Test(arguments: [
        ("listSites", [Role.admin, .operator, .viewer]), ("acknowledgeIncident", [.admin, .operator]),
        ("judgeIncidentCause", [.admin, .operator]), ("splitIncident", [.admin, .operator]), ("listCauses", [.admin, .operator, .viewer]),
        ("postEvents", [.admin, .operator, .ingest]), ("getMe", [.admin, .operator, .viewer, .ingest]),
        ("retryDeadLetter", [.admin, .operator]), ("fixDeadLetter", [.admin, .operator]), ("discardDeadLetter", [.admin, .operator]),
        ("retryDeadLetters", [.admin, .operator]), ("discardDeadLetters", [.admin, .operator]),
        ("expireDeadLetters", [.admin, .operator]), ("summarizeDeadLetters", [.admin, .operator, .viewer]), ("openLive", [.admin, .operator, .viewer]),
    ])
    func rolesAreThoseOfTheContract(operation: String, roles: [Role]) async throws {
        try await TestServer.run { test in
            let route = try #require(try test.server.table.routes.first { $0.operationID == operation })
            #expect(route.access == .signedIn(Set(roles)))
        }
    }

    @Test(arguments: ["seekConsumerGroup", "pauseConsumerGroup", "resumeConsumerGroup"])
    func theLeversAreForThePlatformsAdministrators(operation: String) async throws {
        try await TestServer.run { test in
            let route = try #require(try test.server.table.routes.first { $0.operationID == operation })
            #expect(route.access == .ofPlatform([.admin]))
            // With several tenants and none set, nobody's.
            let path = route.path.replacing("{group}", with: "engine")
            for tenant in [TestServer.acme, TestServer.rival] {
                let answer = try await HTTPClient(port: test.port).request(
                    "POST", path, key: TestServer.key(tenant, .admin), body: #"{"to":"end"}"#)
                #expect(answer.status == 403 && answer.text.contains("platform.tenant"), "\(answer.text)")
            }
        }
    }

    @Test func theFirstBootstrapTenantIsThePlatforms() {
        #expect(Accounts.firstTenant(ofBootstrap: "b:key-of-b-1,a:key-of-a-1") == TenantID("b"))
        #expect(Accounts.firstTenant(ofBootstrap: "b") == nil && Accounts.firstTenant(ofBootstrap: "") == nil)
    }

    @Test func onlyTheContractsRoutesAreOpen() async throws {
        try await TestServer.run { test in
            let open = try test.server.table.routes.filter { $0.access == .open }.map(\.path).sorted()
            #expect(open == ["/api/v1/openapi.json", "/api/v1/sessions", "/healthz", "/metrics", "/readyz"])
        }
    }
}
