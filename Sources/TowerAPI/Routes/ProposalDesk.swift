import Foundation
import TowerIngest
import TowerModel
import TowerStores
import TowerStreaming
import TowerWire

/// Proposed links of one tenant: the list, and what a person says of it.
///
/// Both are records of the tenant's lifecycle topic. The engine's newest list is the answer, with the words that came after it, so that
/// whoever has judged reads what he said. The engine tells the list again before it sinks below the newest records that are looked at.
struct ProposalDesk: Sendable {
    enum Verdict: String { case confirm, reject, undo }

    let services: Services
    let principal: Principal

    private static let listType = "topology.link_proposed"
    private static let verdictType = "topology.link_judged"

    private enum Found {
        case list(ProposedLinksView)
        case word(ProposedLinksView.Judged)
    }

    private struct ListEnvelope: Decodable {
        var event_type: String
        var payload: ProposedLinksView
    }

    private struct WordEnvelope: Decodable {
        struct Payload: Decodable {
            var kind: String
            var site_id: String
            var other: String
            var verdict: String
            var actor: String?
            var reason: String?
            var proposal_id: String?
        }
        var event_type: String
        var timestamp: Timestamp
        var payload: Payload
    }

    // MARK: Reading

    func list() async throws -> ProposedLinksView {
        var scan = try await newest()
        var list = scan.list
        while let word = scan.words.popLast() {
            list.proposals.removeAll { $0.id == word.id }
            list.judged?.removeAll { $0.id == word.id }
            if word.verdict != Verdict.undo.rawValue { list.judged = [word] + (list.judged ?? []) }
        }
        return list
    }

    /// The engine's newest list and the words that came after it, newest first.
    private func newest() async throws -> (list: ProposedLinksView, words: [ProposedLinksView.Judged]) {
        let history = BackwardScan(
            log: services.dependencies.log, patterns: [TopicPattern(Topic.incidents(tenant: principal.tenantID.rawValue).rawValue)],
            scanMax: services.configuration.eventLookupScanMax)
        var words: [ProposedLinksView.Judged] = []
        var cursor: String?
        // As many words without an answer of the engine would mean that it stands still.
        for _ in 0..<100 {
            let found = try await history.collect(limit: 1, cursor: cursor, pick: Self.find)
            switch found.items.first {
            case .list(let list): return (list, words)
            case .word(let word): words.append(word)
            case nil: break
            }
            guard !found.items.isEmpty, let next = found.next else { break }
            cursor = next
        }
        return (ProposedLinksView(version: 0, reason: "nothing proposed yet", proposals: [], judged: [], rejections: 0), words)
    }

    private static func find(_ item: StoredRecord) -> Found? {
        guard let key = item.record.key, key.elementsEqual("topology".utf8) else { return nil }
        let value = Data(item.record.value)
        if let list = try? JSONDecoder().decode(ListEnvelope.self, from: value), list.event_type == listType { return .list(list.payload) }
        guard let word = try? JSONDecoder().decode(WordEnvelope.self, from: value), word.event_type == verdictType,
            let id = word.payload.proposal_id
        else { return nil }
        return .word(
            .init(
                id: id, kind: word.payload.kind, site_id: word.payload.site_id, other: word.payload.other, verdict: word.payload.verdict,
                actor: word.payload.actor ?? "", at: word.timestamp, reason: word.payload.reason ?? ""))
    }

    // MARK: Judging

    /// - Returns: the id of the event that says so; it is durable.
    func judge(_ id: String, _ verdict: Verdict, reason: String) async throws -> EventID {
        let list = try await list()
        let judged = list.judged?.first { $0.id == id }
        let word: ProposedLinksView.Judged
        if verdict == .undo {
            guard let judged else {
                throw Problem.notFound(
                    "proposal.not_judged", "Nothing that was said of a proposed link \(id) is among the newest; declare or remove the link instead.")
            }
            word = judged
            if judged.verdict == Verdict.confirm.rawValue { try await declare(judged, in: list, isRemoved: true) }
        } else {
            guard let link = list.proposals.first(where: { $0.id == id }) else { throw Self.refusal(id, judged) }
            try await check(link)
            if verdict == .reject, list.rejections ?? 0 >= LinkProposal.maximumRejections {
                throw Problem(
                    409, "proposal.too_many_rejections",
                    "\(LinkProposal.maximumRejections) rejections are kept; undo some of them, so that none has to be forgotten.")
            }
            word = .init(
                id: id, kind: link.kind, site_id: link.site_id, other: link.other, verdict: verdict.rawValue, actor: principal.name,
                at: services.now(), reason: reason)
            if verdict == .confirm { try await declare(word, in: list, isRemoved: false) }
        }
        return try await append(word, verdict, reason)
    }

    private static func refusal(_ id: String, _ judged: ProposedLinksView.Judged?) -> Problem {
        guard let judged else {
            return Problem.notFound(
                "proposal.not_found", "There is no proposed link \(id): it was declared, or its outages speak for it no more. Ask for the list again.")
        }
        let said = judged.verdict == Verdict.confirm.rawValue ? "confirmed" : "rejected"
        return Problem(
            409, "proposal.judged",
            "\(judged.site_id) on \(judged.other) was \(said) by \(judged.actor) at \(judged.at). Undo that first to say something else.")
    }

    /// The list is a day old at most; the inventory may have moved on since.
    private func check(_ link: ProposedLinksView.Link) async throws {
        let topology = try await services.store.topology(tenant: principal.tenantID)
        let declared: String?
        if link.kind == LinkProposal.Kind.feeder.rawValue {
            declared =
                topology.links.first { $0.kind == .feeder && $0.a == link.site_id }?.b
                ?? topology.sites.first { $0.site.siteID.rawValue == link.site_id }?.site.feederID
        } else {
            declared = topology.links.first { [$0.a, $0.b].contains(link.site_id) && $0.parent != nil && $0.parent != link.site_id }?.parent
        }
        guard let declared, !declared.isEmpty else { return }
        throw Problem(
            409, "proposal.declared",
            "The inventory says by now that \(link.site_id) hangs on \(declared); nothing was written. The proposal goes with the next estimate.")
    }

    /// A real link, known by where it came from, from now on: what was explained before was explained without it. The id follows from
    /// list and proposal: confirmed twice it is one.
    private func declare(_ word: ProposedLinksView.Judged, in list: ProposedLinksView, isRemoved: Bool) async throws {
        let name = "\(isRemoved ? "removed" : "confirmed")|\(principal.tenantID)|\(word.id)|\(list.version)"
        let isFeeder = word.kind == LinkProposal.Kind.feeder.rawValue
        let now = services.now()
        var event = EventWriter.event(
            id: EventID.derived(from: .platformNamespace, name), type: "topology.link", tenant: principal.tenantID,
            site: SiteID(word.site_id), timestamp: now
        ) { json in
            json.member("a", word.site_id)
            json.member("b", word.other)
            json.member("kind", isFeeder ? "feeder" : "adjacent")
            if !isFeeder { json.member("parent", word.other) }
            if isRemoved { json.member("state", "removed") }
            json.member("valid_from", now.description)
            json.member("provenance", "inferred")
        }
        event.append(0x0A)
        let report = try await services.dependencies.ingest.ingest(
            IngestRequest(
                body: event, contentType: "application/x-ndjson", contentEncoding: nil, tenant: principal.tenantID,
                source: "http:\(principal.name)"))
        if let refused = report.rejected.first { throw Problem.badRequest("proposal.refused", "The link was refused: \(refused.detail)") }
    }

    private func append(_ word: ProposedLinksView.Judged, _ verdict: Verdict, _ reason: String) async throws -> EventID {
        let bytes = services.dependencies.randomBytes(16)
        func number(_ range: Range<Int>) -> UInt64 { bytes[range].reduce(0) { $0 << 8 | UInt64($1) } }
        let eventID = EventID(high: number(0..<8) & ~0xF000 | 0x4000, low: number(8..<16) >> 2 | 1 << 63)
        let value = EventWriter.event(
            id: eventID, type: Self.verdictType, tenant: principal.tenantID, site: SiteID(word.site_id), timestamp: services.now()
        ) { json in
            json.member("proposal_id", word.id)
            json.member("kind", word.kind)
            json.member("site_id", word.site_id)
            json.member("other", word.other)
            json.member("verdict", verdict.rawValue)
            json.member("actor", principal.name)
            json.member("reason", reason)
        }
        let record = Record(
            topic: Topic.incidents(tenant: principal.tenantID.rawValue), key: Array("topology".utf8), value: value,
            headers: [.init("event_id", eventID.description), .init("topology", "1")])
        _ = try await services.dependencies.log.append([record])
        return eventID
    }
}
