import Foundation
import TowerEngine
import TowerModel
import TowerStreaming
import TowerWire

/// Links that outages speak for, and what people say of them, as records of the tenant's lifecycle topic:
/// `topology.link_proposed` by the engine (the whole list), `topology.link_judged` by people. Readers of incidents pass over both.
enum ProposalCodec {
    static let listType = "topology.link_proposed"
    static let verdictType = "topology.link_judged"
    /// Header of a verdict, so that the engine reads no other record whole for it.
    static let verdictHeader = "topology"

    static func record(_ list: ProposedLinks) -> Record {
        let id = EventID.derived(from: .platformNamespace, "\(listType)/\(list.tenantID)/\(list.version)/\(list.at.microseconds)")
        let value = EventWriter.event(
            id: id, type: listType, tenant: list.tenantID, site: DerivedEvent.site(SiteID("")), timestamp: list.at
        ) { json in
            json.member("version", list.version)
            json.member("at", list.at.description)
            json.member("reason", list.reason)
            json.key("proposals")
            json.beginArray()
            for link in list.links { write(link, tenant: list.tenantID, into: &json) }
            json.endArray()
            json.key("judged")
            json.beginArray()
            for verdict in list.judged { write(verdict, into: &json) }
            json.endArray()
            json.member("rejections", list.rejections)
        }
        var record = DerivedEvent.record(Topic.incidents(tenant: list.tenantID.rawValue), key: "topology", value: value, eventID: id)
        record.headers.append(Record.Header(LifecycleCodec.engineHeader, "1"))
        return record
    }

    private static func write(_ link: LinkProposal, tenant: TenantID, into json: inout JSONBuffer) {
        func rounded(_ value: Double) -> Double { (value * 1_000).rounded() / 1_000 }
        json.beginObject()
        json.member("id", id(tenant, link.kind, link.site, link.other))
        json.member("kind", link.kind.rawValue)
        json.member("site_id", link.site)
        json.member("other", link.other)
        json.member("together", link.together)
        json.member("of_other", link.ofOther)
        json.member("of_site", link.ofSite)
        json.member("log10_chance", rounded(max(-300, link.logChance / 2.302585092994046)))
        json.member("confidence", rounded(link.confidence))
        json.member("since", link.since.description)
        json.key("episodes")
        json.beginArray()
        for episode in link.episodes { json.value(episode.description) }
        json.endArray()
        json.endObject()
    }

    private static func write(_ verdict: LinkVerdict, into json: inout JSONBuffer) {
        json.beginObject()
        json.member("id", id(verdict.tenantID, verdict.link, verdict.site, verdict.other))
        json.member("kind", verdict.link.rawValue)
        json.member("site_id", verdict.site)
        json.member("other", verdict.other)
        json.member("verdict", verdict.kind.rawValue)
        json.member("actor", verdict.actor)
        json.member("at", verdict.at.description)
        json.member("reason", verdict.reason)
        json.endObject()
    }

    /// The same pair has the same id in every list.
    private static func id(_ tenant: TenantID, _ kind: LinkProposal.Kind, _ site: String, _ other: String) -> String {
        EventID.derived(from: .platformNamespace, "\(tenant)|\(kind.rawValue)|\(site)|\(other)").description
    }

    private struct VerdictEnvelope: Decodable {
        struct Payload: Decodable {
            var kind: String
            var site_id: String
            var other: String
            var verdict: String
            var actor: String?
            var reason: String?
        }
        var event_type: String
        var tenant_id: String
        var timestamp: Timestamp
        var payload: Payload
    }

    /// The verdict of a record; `nil` when it is something else, or of another tenant than its topic.
    static func verdict(_ record: Record) -> LinkVerdict? {
        guard let envelope = try? JSONDecoder().decode(VerdictEnvelope.self, from: Data(record.value)),
            envelope.event_type == verdictType, record.topic == Topic.incidents(tenant: envelope.tenant_id),
            let link = LinkProposal.Kind(rawValue: envelope.payload.kind), let kind = LinkVerdict.Kind(rawValue: envelope.payload.verdict)
        else { return nil }
        return LinkVerdict(
            tenantID: TenantID(envelope.tenant_id), link: link, site: envelope.payload.site_id, other: envelope.payload.other, kind: kind,
            actor: envelope.payload.actor ?? "", at: envelope.timestamp, reason: envelope.payload.reason ?? "")
    }
}
