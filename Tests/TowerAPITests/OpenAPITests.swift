import Foundation
import Testing
import TowerIngest
import TowerModel
import TowerNotify
import TowerStores
import TowerStreaming
import Yams

@testable import TowerAPI
@testable import TowerRegistry

/// api/openapi.yaml says what is served, and what is served says api/openapi.yaml.
@Suite struct OpenAPITests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    private static let generated = root.appendingPathComponent("Sources/TowerAPI/OpenAPI/OpenAPIDocument.swift")

    private static func document() throws -> [String: Any] {
        let text = try String(contentsOf: root.appendingPathComponent("api/openapi.yaml"), encoding: .utf8)
        // Times in examples are texts; YAML would read them as dates.
        let resolver = Resolver.default.removing(.timestamp)
        return try #require(try Yams.load(yaml: text, resolver) as? [String: Any])
    }

    private static func json(_ object: Any) throws -> String {
        String(
            decoding: try JSONSerialization.data(
                withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes, .fragmentsAllowed]), as: UTF8.self)
    }

    /// One line for each path and schema, so that a change shows as one line in a review.
    private static func source() throws -> String {
        let document = try document()
        func lines(_ object: [String: Any]) throws -> String {
            try object.keys.sorted().map { key in "\"\(key)\":\(try json(object[key] ?? NSNull()))" }.joined(separator: ",\n")
        }
        var components = try #require(document["components"] as? [String: Any])
        let schemas = try #require(components.removeValue(forKey: "schemas") as? [String: Any])
        var rest = document
        let paths = try #require(rest.removeValue(forKey: "paths") as? [String: Any])
        rest.removeValue(forKey: "components")
        let componentText = "{\n\(try lines(components)),\n\"schemas\":{\n\(try lines(schemas))\n}}"
        let text = "{\n\(try lines(rest)),\n\"paths\":{\n\(try lines(paths))\n},\n\"components\":\(componentText)\n}"
        return """
            // swift-format-ignore-file
            // Written by OpenAPITests from api/openapi.yaml: change that file and run the test with TOWERCO_REWRITE=1.

            /// api/openapi.yaml as JSON.
            enum OpenAPIDocument {
                static let json = ##\"\"\"
            \(text)
            \"\"\"##
            }

            """
    }

    @Test func theServedDocumentIsTheFile() async throws {
        if ProcessInfo.processInfo.environment["TOWERCO_REWRITE"] == "1" {
            try Self.source().write(to: Self.generated, atomically: true, encoding: .utf8)
        }
        let written = try String(contentsOf: Self.generated, encoding: .utf8)
        #expect(try written == Self.source(), "api/openapi.yaml has changed: run this test with TOWERCO_REWRITE=1")
        try await TestServer.run { test in
            let answer = try await HTTPClient(port: test.port).request("GET", "/api/v1/openapi.json")
            #expect(answer.status == 200 && answer.header("content-type") == "application/json")
            #expect(try Self.json(answer.json()) == Self.json(Self.document()))
        }
    }

    @Test func everyRouteIsDescribedAndEveryDescriptionServed() throws {
        let document = try Self.document()
        #expect(document["openapi"] as? String == "3.1.0")
        let paths = try #require(document["paths"] as? [String: [String: [String: Any]]])
        var described: [String: [String: Any]] = [:]
        for (path, operations) in paths {
            for (method, operation) in operations { described["\(method.uppercased()) \(path)"] = operation }
        }
        let routes = TestServer.table().routes
        #expect(Set(routes.map { "\($0.method) \($0.path)" }) == Set(described.keys))
        for route in routes {
            let operation = try #require(described["\(route.method) \(route.path)"])
            let name = route.operationID
            #expect(operation["operationId"] as? String == name)
            #expect(operation["summary"] as? String == route.summary, "\(name)")
            // Under /registry Basic credentials count too; elsewhere what the document says of all.
            let schemes = (operation["security"] as? [[String: Any]])?.map { $0.keys.sorted() }
            let own: [[String]]? = RegistryAnswer.isAbout(route.path) ? [["bearer"], ["basic"]] : nil
            #expect(schemes == (route.access == .open ? [] : own), "\(name)")
            let parameters = operation["parameters"] as? [[String: Any]] ?? []
            let query = parameters.filter { $0["in"] as? String == "query" }.compactMap { $0["name"] as? String }
            #expect(query == route.query, "\(name)")
            let captured = parameters.filter { $0["in"] as? String == "path" }.compactMap { $0["name"] as? String }
            #expect(
                captured
                    == route.path.split(separator: "/").filter { $0.hasPrefix("{") }.map { $0.dropFirst().dropLast() }.map(
                        String.init))
            try Self.compareBody(of: operation, route)
        }
    }

    private static func compareBody(of operation: [String: Any], _ route: Route) throws {
        guard let fields = route.body else {
            #expect(
                operation["requestBody"] == nil || ["postEvents", "createRoute", "replaceRoute", "importInventory"].contains(route.operationID)
                    || RegistryAnswer.isAbout(route.path))
            return
        }
        let body = try #require(operation["requestBody"] as? [String: Any])
        let content = try #require(body["content"] as? [String: [String: Any]])
        let schema = try #require(content["application/json"]?["schema"] as? [String: Any])
        #expect(schema["additionalProperties"] as? Bool == false)
        #expect((schema["required"] as? [String] ?? []).sorted() == fields.filter(\.isRequired).map(\.name).sorted())
        let properties = try #require(schema["properties"] as? [String: [String: Any]])
        #expect(Set(properties.keys) == Set(fields.map(\.name)), "\(route.operationID)")
        for field in fields {
            let property = try #require(properties[field.name])
            switch field.kind {
            case .text: #expect(property["maxLength"] as? Int == field.bytesMax, "\(route.operationID)")
            case .list(let itemsMax):
                #expect(property["maxItems"] as? Int == itemsMax && property["type"] as? String == "array", "\(route.operationID)")
                #expect((property["items"] as? [String: Any])?["maxLength"] as? Int == field.bytesMax, "\(route.operationID)")
            case .object(let members):
                let inner = try #require(property["properties"] as? [String: [String: Any]])
                #expect(Set(inner.keys) == Set(members) && property["additionalProperties"] as? Bool == false, "\(route.operationID)")
                #expect(inner.values.allSatisfy { $0["maxLength"] as? Int == field.bytesMax }, "\(route.operationID)")
            }
        }
    }

    // MARK: Schemas

    /// Encodes a full sample of every view, and the same without what may be absent: names and `required` must agree.
    @Test func schemasHaveTheNamesThatTheViewsEncode() throws {
        let schemas = try #require((try Self.document()["components"] as? [String: Any])?["schemas"] as? [String: [String: Any]])
        let site = Samples.site("S", tenant: "t")
        let incident = Samples.incident(Samples.id(1), number: "INC-1", site: "S", tenant: "t", note: "n")
        let forecast = Samples.autonomy("S")
        let fleet = FleetView(
            totalSites: 1, states: ["down": 1], openIncidents: 1, needsPerson: 1, oldestUnownedAt: Samples.at,
            shortestAutonomy: forecast,
            nextToFall: [.init(siteName: "S", autonomy: forecast, takes: 1)],
            regions: [.init(region: "r", sites: 1, down: 0, onBattery: 0, availability: 1)], alarmsPerBin: [1],
            binsStartAt: Samples.at,
            stormSince: Samples.at, activeAlarms: 1, powerAvailability: 1)
        var link = TopologyLink(
            tenantID: "t", a: "a", b: "b", kind: .hop, parent: "a", frequencyGHz: 15, lengthKilometres: 3, provenance: "inferred")
        link.validFrom = Samples.at
        let table = InventoryTable(Array("site_id,colour\nS 1,x\n".utf8), file: "sites.csv")
        var report = InventoryReport(table, InventoryPlan(table, tenant: "t", at: Samples.at, present: nil), isDry: true)
        (report.changes, report.removals) = (["S"], ["T"])
        let proposed = ProposedLinksView(
            version: 1, at: Samples.at, reason: "r",
            proposals: [
                .init(
                    id: Samples.id(1).description, kind: "feeder", site_id: "S", other: "F", together: 3, of_other: 3, of_site: 4,
                    log10_chance: -6, confidence: 0.8, since: Samples.at, episodes: [Samples.at])
            ],
            judged: [
                .init(
                    id: Samples.id(2).description, kind: "feeder", site_id: "S", other: "F", verdict: "reject", actor: "ada", at: Samples.at,
                    reason: "r")
            ], rejections: 1)
        let principal = Principal(tenantID: "t", name: "n", role: .admin)
        let full: [(String, any Encodable)] = [
            ("SiteView", site), ("AlarmView", Samples.alarm(Samples.id(1), site: "S", tenant: "t")), ("IncidentView", incident),
            ("FleetView", fleet), ("TopologyView", TopologyView(sites: [site], links: [link], at: Samples.at)),
            ("InventoryReport", report), ("ProposedLinks", proposed),
            (
                "KPIView",
                KPIView(kpi: "k", siteID: "S", value: 1, unit: "ratio", windowStart: Samples.at, windowEnd: Samples.at)
            ),
            (
                "SiteForecast",
                SiteForecast(
                    siteID: SiteID("S"), at: Samples.at, kind: .fuelEmpty, p10: 1, p50: 2, p90: 3, basis: "b", eventIDs: [Samples.id(1)])
            ),
            ("SeriesView", SeriesView(siteID: "S", metric: "m", points: [[1, 2]])),
            (
                "TopicView",
                TopicView(
                    topic: "t", partitions: 1, retention: "business", startOffset: 0, endOffset: 1, bytes: 2,
                    oldestAt: Samples.at,
                    newestAt: Samples.at)
            ), ("GroupView", GroupView(group: "g", members: 1, offsetLag: 0, timeLagMs: 0, state: "steady")),
            (
                "GroupDetail",
                GroupDetail(
                    GroupDescription(
                        group: "g", patterns: [.siteEvents], committed: .start, offsetLag: 0, timeLagMs: 0, members: 1, epoch: 1,
                        shares: [GroupShare(member: "m", slots: [GroupSlot(slot: 0, since: 1, next: .start)])]),
                    end: .start)
            ),
            (
                "DeadLetterView",
                DeadLetterView(
                    id: 1, reasonCode: "r", detail: "d", origin: "o", originOffset: 2, topic: "t", siteID: "s", group: "g", attempts: 1,
                    at: Samples.at, state: "discarded",
                    outcome: .init(result: "discarded", by: "ada", at: Samples.at, code: "c", why: "w", isEdited: false), line: 1,
                    column: 2, field: "f", bytes: 1, isCut: false, isText: true, text: "t", rawBase64: "dA==")
            ),
            (
                "DeadLetterSummary",
                DeadLetterSummary(
                    total: 1, older: 0,
                    byReason: [.init(reasonCode: "r", count: 1, waiting: 1, oldestAt: Samples.at, newestAt: Samples.at)],
                    byState: [.init(state: "waiting", count: 1)], byOrigin: [.init(origin: "o", count: 1)])
            ),
            (
                "DeadLetterReport",
                DeadLetterReport(
                    matched: 1, results: [.init(id: 1, result: "rejected", code: "c", detail: "d")], nextCursor: "n")
            ), ("PlatformView", Samples.platform()), ("Principal", principal),
            ("Session", SessionRoutes.SessionView(token: "t", expiresAt: Samples.at, principal: principal)),
            ("NotificationRoute", Samples.route()), ("NotificationOutcome", Samples.outcome()),
            ("RouteTestView", RouteTestView(deliveryID: Samples.id(1), routeID: Samples.id(2))),
            ("Readiness", Readiness(isReady: true, checks: ["log": "writable"])),
            (
                "EventSchemaSummary",
                EventSchemaSummary(
                    eventType: "t", subject: "t-value", origin: "tenant", compatibility: "FULL",
                    versions: [.init(version: 1, label: "1.0", id: 7, schemaType: "JSON", upcastSteps: 0)],
                    uses: [
                        .init(
                            version: "1.0", side: "producer", who: "http:key", firstSeenAt: Samples.at, lastSeenAt: Samples.at,
                            events: 3,
                            isRegistered: true)
                    ])
            ),
            (
                "LearnedGraph",
                CausalityRoutes.Graph(
                    tenant_id: "t", version: 1, at: Samples.at, reason: "r", raises: 1, explained_share: 0.5, refused_raises: 0,
                    edges: [.init(cause: "A", effect: "B", score: 0.9, yield: 0.4, asserted: true, verdict: "confirmed")])
            ),
            ("CauseChoice", CauseChoice(condition: "grid.lost", label: "Grid lost", place: "site")),
            ("IngestReport", IngestReport(accepted: 1, rejected: [.init(line: 1, code: "c", detail: "d")])),
        ]
        var met = Set<String>()
        for (name, value) in full {
            let object = try JSONSerialization.jsonObject(with: Data(WireJSON.bytes(value)))
            try Self.compare(object, ["$ref": "#/components/schemas/\(name)"], schemas, at: name, isFull: true, &met)
        }
        let bare: [(String, any Encodable)] = [
            ("SiteView", SiteView(site: Site(siteID: "S", tenantID: "t", name: "n"), state: .blind)),
            (
                "KPIView", KPIView(kpi: "k", siteID: nil, value: nil, unit: "u", windowStart: Samples.at, windowEnd: Samples.at)
            ),
            (
                "FleetView",
                FleetView(
                    totalSites: 0, states: [:], openIncidents: 0, needsPerson: 0, oldestUnownedAt: nil, shortestAutonomy: nil,
                    nextToFall: [], regions: [], alarmsPerBin: [], binsStartAt: nil, stormSince: nil, activeAlarms: 0,
                    powerAvailability: nil)
            ),
            (
                "TopicView",
                TopicView(
                    topic: "t", partitions: 1, retention: "business", startOffset: 0, endOffset: 0, bytes: 0, oldestAt: nil,
                    newestAt: nil)
            ),
        ]
        for (name, value) in bare {
            let object = try JSONSerialization.jsonObject(with: Data(WireJSON.bytes(value)))
            try Self.compare(object, ["$ref": "#/components/schemas/\(name)"], schemas, at: name, isFull: false, &met)
        }
        // What the samples do not reach is not the views': problems, envelopes and frames.
        let rest = Set(schemas.keys).subtracting(met)
        #expect(
            rest == [
                "Problem", "Event", "EventRecord", "LiveSubscribe", "LiveSnapshot", "LiveResumed", "LiveChange", "LiveDelta",
                "LiveHeartbeat", "LiveError", "RegistrySchema", "RegistryVersion", "RegistrySchemaRequest", "RegistryError",
            ])
    }

    private static func compare(
        _ value: Any, _ schema: [String: Any], _ schemas: [String: [String: Any]], at path: String, isFull: Bool,
        _ met: inout Set<String>
    ) throws {
        if let reference = schema["$ref"] as? String {
            let name = String(reference.split(separator: "/").last ?? "")
            met.insert(name)
            try compare(value, try #require(schemas[name], "\(path): no schema \(name)"), schemas, at: path, isFull: isFull, &met)
            return
        }
        if let values = schema["enum"] as? [String] {
            #expect(values.contains(value as? String ?? ""), "\(path): \(value)")
            return
        }
        switch schema["type"] as? String {
        case "object":
            let object = try #require(value as? [String: Any], "\(path) is no object")
            guard let properties = schema["properties"] as? [String: [String: Any]] else {
                #expect(schema["additionalProperties"] != nil, "\(path)")
                return
            }
            let names = Set(object.keys)
            let required = Set(schema["required"] as? [String] ?? [])
            #expect(names.isSubset(of: properties.keys), "\(path): not described \(names.subtracting(properties.keys))")
            if isFull {
                #expect(
                    Set(properties.keys).isSubset(of: names), "\(path): not encoded \(Set(properties.keys).subtracting(names))")
            }
            #expect(required.isSubset(of: names), "\(path): required and absent \(required.subtracting(names))")
            for (name, item) in object {
                try compare(item, properties[name] ?? [:], schemas, at: "\(path).\(name)", isFull: isFull, &met)
            }
        case "array":
            let items = try #require(value as? [Any], "\(path) is no array")
            #expect(!isFull || !items.isEmpty || path.hasSuffix("checks"), "\(path): the sample shows no item")
            for item in items {
                try compare(item, schema["items"] as? [String: Any] ?? [:], schemas, at: path + "[]", isFull: isFull, &met)
            }
        case "string": #expect(value is String, "\(path): \(value)")
        case "boolean": #expect(value is Bool, "\(path): \(value)")
        case "integer", "number": #expect(value is NSNumber && !(value is String), "\(path): \(value)")
        default: Issue.record("\(path): no type")
        }
    }

    /// Every enumeration of the file is the enumeration of the code.
    @Test func enumerationsAreThoseOfTheCode() throws {
        let schemas = try #require((try Self.document()["components"] as? [String: Any])?["schemas"] as? [String: [String: Any]])
        #expect(schemas["Severity"]?["enum"] as? [String] == Severity.allCases.map(\.rawValue))
        #expect(schemas["SiteState"]?["enum"] as? [String] == SiteState.allCases.map(\.rawValue))
        #expect(schemas["Role"]?["enum"] as? [String] == Role.allCases.map(\.rawValue))
        #expect(schemas["NotificationKind"]?["enum"] as? [String] == NotificationKind.allCases.map(\.rawValue))
    }

    @Test func everyViewHasAnExample() throws {
        let schemas = try #require((try Self.document()["components"] as? [String: Any])?["schemas"] as? [String: [String: Any]])
        for name in schemas.keys where name.hasSuffix("View") { #expect(schemas[name]?["example"] != nil, "\(name)") }
    }
}
