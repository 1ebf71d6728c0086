import Foundation
import Hummingbird
import Logging
import TowerModel
import TowerStores
import TowerStreaming

/// Records set aside: found, shown with their bytes, sent again as they are or mended, and given up.
struct DeadLetterRoutes: Sendable {
    let services: Services

    private static let filterQuery = ["reason", "topic", "site_id", "state", "from", "to", "tenant"]
    private static let filterBody = ["reason", "topic", "site_id", "from", "to"].map {
        Route.BodyField(name: $0, isRequired: false, bytesMax: 300)
    }
    private static let many: [Route.BodyField] =
        filterBody + [
            Route.BodyField(name: "limit", isRequired: false, bytesMax: 4), Route.BodyField(name: "cursor", isRequired: false, bytesMax: 100),
            Route.BodyField(name: "dry_run", isRequired: false, bytesMax: 5),
        ]
    private static let why = Route.BodyField(name: "why", isRequired: true, bytesMax: DeadLetterOutcome.maxWhyBytes)
    /// Largest body that mends a letter: as text in JSON, a byte may take six.
    private static let fixBytesMax = 1 << 20
    /// Of a letter in a list.
    private static let listedBytes = 2048
    private static let originsMax = 20

    var routes: [Route] { reading + treatingOne + treatingMany }

    private var reading: [Route] {
        [
            .signedIn(
                "GET", "/api/v1/dead-letters", "listDeadLetters", "Records set aside, newest first", .read,
                query: Self.filterQuery + ["limit", "cursor"], list),
            .signedIn(
                "GET", "/api/v1/dead-letters/summary", "summarizeDeadLetters", "How many were set aside, by reason, state and origin",
                .read, query: Self.filterQuery, summarize),
            .signedIn("GET", "/api/v1/dead-letters/{id}", "getDeadLetter", "One record set aside", .read, query: ["tenant"], get),
        ]
    }

    private var treatingOne: [Route] {
        [
            .signedIn(
                "POST", "/api/v1/dead-letters/{id}/retry", "retryDeadLetter", "Send its bytes through the door again", .command,
                body: [], retry),
            .signedIn(
                "POST", "/api/v1/dead-letters/{id}/fix", "fixDeadLetter", "Send other bytes in place of its own", .command,
                body: [
                    Route.BodyField(name: "text", isRequired: false, bytesMax: Self.fixBytesMax),
                    Route.BodyField(name: "raw_base64", isRequired: false, bytesMax: Self.fixBytesMax),
                ], fix),
            .signedIn(
                "POST", "/api/v1/dead-letters/{id}/discard", "discardDeadLetter", "Give it up, with the reason", .command,
                body: [Self.why]
            ) { call, principal in
                let fields = try await call.fields()
                let id = try Self.id(call)
                try await desk(principal).discard(id, why: fields["why"] ?? "")
                tell(call, principal, "discarded", 1)
                return .json(try await view(id, principal.tenantID.rawValue))
            },
        ]
    }

    private var treatingMany: [Route] {
        [
            .signedIn(
                "POST", "/api/v1/dead-letters/retry", "retryDeadLetters", "Send all that match through the door again", .command,
                body: Self.many
            ) { call, principal in
                try await treat(call, principal, "retried") { _ in .retry }
            },
            .signedIn(
                "POST", "/api/v1/dead-letters/discard", "discardDeadLetters", "Give up all that match, with the reason", .command,
                body: Self.many + [Self.why]
            ) { call, principal in
                try await treat(call, principal, "discarded") { .discard(why: $0["why"] ?? "") }
            },
            .signedIn(
                "POST", "/api/v1/dead-letters/expire", "expireDeadLetters", "Stop waiting for those written before an instant", .command,
                body: [Route.BodyField(name: "before", isRequired: true, bytesMax: 64)]
            ) { call, principal in
                let fields = try await call.fields()
                guard let before = try Self.instant(fields, "before") else { throw Self.invalid("before", "RFC 3339 with a zone") }
                let count = try await services.deadLetters.expire(tenant: principal.tenantID, before: before, by: principal.name)
                tell(call, principal, "expired", count)
                return .json(["expired": count])
            },
        ]
    }

    // MARK: Reading

    private func list(_ call: Call, _ principal: Principal) async throws -> Response {
        let tenant = try await tenant(call, principal)
        let filter = try filter(call)
        let before = try call.cursor.map { try ScanCursor.decode($0, tag: "t1") }
        let shelf = try await services.deadLetters.shelf(tenant)
        let (chosen, hasMore) = shelf.offsets(filter, before: before, limit: try call.limit())
        let reader = DeadLetterReader(log: services.dependencies.log, topic: Topic.deadLetters(tenant: tenant))
        let letters = try await reader.letters(chosen.reversed()).reversed()
        return .json(
            Page(
                items: letters.map { DeadLetterView($0, shelf.standing(of: $0.offset), shownBytes: Self.listedBytes) },
                nextCursor: hasMore ? chosen.last.map { ScanCursor.encode($0, tag: "t1") } : nil, total: shelf.count(filter)))
    }

    private func summarize(_ call: Call, _ principal: Principal) async throws -> Response {
        let shelf = try await services.deadLetters.shelf(try await tenant(call, principal))
        return .json(shelf.summary(try filter(call), originsMax: Self.originsMax))
    }

    private func get(_ call: Call, _ principal: Principal) async throws -> Response {
        .json(try await view(try Self.id(call), try await tenant(call, principal)))
    }

    private func view(_ id: Int64, _ tenant: String) async throws -> DeadLetterView {
        let reader = DeadLetterReader(log: services.dependencies.log, topic: Topic.deadLetters(tenant: tenant))
        guard let letter = try await reader.letter(id) else { throw Problem.noDeadLetter(id) }
        return DeadLetterView(letter, try await services.deadLetters.shelf(tenant).standing(of: id))
    }

    /// The caller's own, or `unknown` for administrators of the platform's tenant: letters of which nobody could tell whose they are.
    private func tenant(_ call: Call, _ principal: Principal) async throws -> String {
        let own = principal.tenantID.rawValue
        guard let asked = call.string("tenant"), asked != own else { return own }
        guard asked == Self.nobody, principal.role == .admin, try await services.isOfPlatform(principal.tenantID) else {
            throw Problem(
                403, "auth.forbidden",
                "Query parameter tenant takes your own, \(own); administrators of the platform's tenant (platform.tenant) may also name \(Self.nobody).")
        }
        return asked
    }

    /// Tenant of records that name none.
    private static let nobody = "unknown"

    private func filter(_ call: Call) throws -> DeadLetterFilter {
        var filter = DeadLetterFilter(
            reason: call.string("reason"), topic: call.string("topic"), site: call.string("site_id"), from: try call.timestamp("from"),
            to: try call.timestamp("to"))
        if let name = call.string("state") {
            guard let state = DeadLetterState(name: name) else {
                throw call.invalid("state", "one of \(DeadLetterState.allCases.map(\.name).joined(separator: ", "))")
            }
            filter.state = state
        }
        return filter
    }

    // MARK: Treating

    private func desk(_ principal: Principal) -> DeadLetterDesk {
        DeadLetterDesk(
            log: services.dependencies.log, door: services.dependencies.ingest, index: services.deadLetters, tenant: principal.tenantID,
            by: principal.name)
    }

    private func retry(_ call: Call, _ principal: Principal) async throws -> Response {
        _ = try await call.fields()
        let sent = try await desk(principal).send(try Self.id(call))
        tell(call, principal, sent.item.result, 1)
        return .report(sent.report)
    }

    private func fix(_ call: Call, _ principal: Principal) async throws -> Response {
        let fields = try await call.fields(upTo: Self.fixBytesMax)
        let bytes: [UInt8]
        switch (fields["text"], fields["raw_base64"]) {
        case (let text?, nil): bytes = Array(text.utf8)
        case (nil, let base64?):
            guard let data = Data(base64Encoded: base64) else {
                throw Problem.badRequest("request.invalid_field", "Member raw_base64 must be base64.")
            }
            bytes = Array(data)
        default: throw Problem.badRequest("request.invalid_field", "The body needs either text or raw_base64: the bytes to send.")
        }
        let sent = try await desk(principal).send(try Self.id(call), bytes: bytes)
        tell(call, principal, "fixed: \(sent.item.result)", 1)
        return .report(sent.report)
    }

    private func treat(
        _ call: Call, _ principal: Principal, _ word: String, _ work: ([String: String]) -> DeadLetterDesk.Work
    ) async throws -> Response {
        let fields = try await call.fields()
        let limit = try Self.limit(fields)
        let from = try fields["cursor"].map { try ScanCursor.decode($0, tag: DeadLetterDesk.cursorTag) } ?? 0
        let filter = DeadLetterFilter(
            reason: fields["reason"], topic: fields["topic"], site: fields["site_id"], from: try Self.instant(fields, "from"),
            to: try Self.instant(fields, "to"))
        let isDry = try Self.isDry(fields)
        let report = try await desk(principal).treat(filter, isDry ? .nothing : work(fields), from: from, limit: limit)
        if !isDry { tell(call, principal, word, report.results.count) }
        return .json(report)
    }

    private func tell(_ call: Call, _ principal: Principal, _ what: String, _ count: Int) {
        call.context.logger.info(
            "dead letters treated",
            metadata: ["tenant": "\(principal.tenantID)", "by": "\(principal.name)", "result": "\(what)", "letters": "\(count)"])
    }

    // MARK: Values

    private static func id(_ call: Call) throws -> Int64 {
        guard let id = Int64(try call.parameter("id")), id >= 0 else {
            throw Problem.badRequest("request.bad_path", "A dead letter's id is its offset, a whole number.")
        }
        return id
    }

    private static func limit(_ fields: [String: String]) throws -> Int {
        guard let text = fields["limit"] else { return 100 }
        guard let value = Int(text), (1...1000).contains(value) else { throw invalid("limit", "a whole number from 1 to 1000") }
        return value
    }

    private static func isDry(_ fields: [String: String]) throws -> Bool {
        switch fields["dry_run"] {
        case nil, "false": false
        case "true": true
        default: throw invalid("dry_run", "true or false")
        }
    }

    private static func instant(_ fields: [String: String], _ name: String) throws -> Timestamp? {
        guard let text = fields[name] else { return nil }
        guard let value = Timestamp(text) else { throw invalid(name, "RFC 3339 with a zone") }
        return value
    }

    private static func invalid(_ name: String, _ expected: String) -> Problem {
        .badRequest("request.invalid_field", "Member \(name) must be \(expected).")
    }
}
