import Foundation
import TowerEngine
import TowerModel
import TowerStreaming
import TowerWire

/// What alarms without templates have taught, and what people say of it, as records of the tenant's lifecycle topic:
/// `causality.graph.learned` by the engine, `causality.edge.judged` by operators. Readers of incidents pass over both.
enum CausalityCodec {
    static let graphType = "causality.graph.learned"
    static let verdictType = "causality.edge.judged"
    /// Header of a verdict, so that the engine reads no other record whole for it.
    static let verdictHeader = "causality"

    /// - Errors: an `EncodingError` when the graph holds a number that JSON cannot say.
    static func record(_ graph: LearnedGraph) throws -> Record {
        let id = EventID.derived(
            from: .platformNamespace, "\(graphType)/\(graph.tenantID)/\(graph.version)/\(graph.at.microseconds)/\(graph.reason)")
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let value = EventWriter.event(
            id: id, type: graphType, tenant: graph.tenantID, site: DerivedEvent.site(SiteID("")), timestamp: graph.at,
            payload: try encoder.encode(graph))
        var record = DerivedEvent.record(
            Topic.incidents(tenant: graph.tenantID.rawValue), key: "causality", value: value, eventID: id)
        record.headers.append(Record.Header(LifecycleCodec.engineHeader, "1"))
        return record
    }

    private struct VerdictEnvelope: Decodable {
        struct Payload: Decodable {
            var cause: String
            var effect: String
            var verdict: String
        }
        var event_type: String
        var tenant_id: String
        var timestamp: Timestamp
        var payload: Payload
    }

    /// The verdict of a record; `nil` when it is something else, or of another tenant than its topic.
    static func verdict(_ record: Record) -> CausalVerdict? {
        guard let envelope = try? JSONDecoder().decode(VerdictEnvelope.self, from: Data(record.value)),
            envelope.event_type == verdictType, record.topic == Topic.incidents(tenant: envelope.tenant_id),
            let kind = CausalVerdict.Kind(rawValue: envelope.payload.verdict)
        else { return nil }
        return CausalVerdict(
            tenantID: TenantID(envelope.tenant_id), cause: envelope.payload.cause, effect: envelope.payload.effect, kind: kind,
            at: envelope.timestamp)
    }
}
