import Foundation
import Testing
import TowerModel
@testable import TowerWire

@Suite struct SchemaTests {
    @Test("schemas/ is what the catalogue says, no more and no less")
    func schemasAreTheCatalogue() throws {
        let folder = RepositoryFile.root.appending(path: "schemas")
        let wanted = Dictionary(
            uniqueKeysWithValues: EventCatalog.standard.types.map { (SchemaDocument.path(for: $0), SchemaDocument.json(for: $0)) }
        )
        if RepositoryFile.isRegenerating {
            for (path, text) in wanted { try RepositoryFile.write(text, to: "schemas/\(path)") }
        }
        for (path, text) in wanted { #expect(RepositoryFile.text("schemas/\(path)") == text, "\(path)") }
        let files =
            FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?.compactMap { ($0 as? URL)?.path } ?? []
        let documents = files.filter { $0.hasSuffix(".json") }.map { String($0.dropFirst(folder.path.count + 1)) }
        #expect(Set(documents) == Set(wanted.keys), RepositoryFile.how)
    }

    @Test("a schema is JSON that names its draft, its type, units and what is required")
    func schemasAreReadable() throws {
        for type in EventCatalog.standard.types {
            let document = try #require(
                try JSONSerialization.jsonObject(with: Data(SchemaDocument.json(for: type).utf8)) as? [String: Any],
                "\(type.name)")
            #expect(document["$schema"] as? String == "https://json-schema.org/draft/2020-12/schema")
            #expect(document["title"] as? String == type.name)
            let properties = try #require(document["properties"] as? [String: [String: Any]])
            for field in type.fields where !field.name.contains(".") {
                #expect(properties[field.name]?["x-unit"] as? String ?? "" == field.unit, "\(type.name).\(field.name)")
            }
            #expect(document["required"] as? [String] ?? [] == type.fields.filter(\.isRequired).map(\.name))
        }
        let sites = try #require(EventCatalog.standard["inventory.site"])
        #expect(SchemaDocument.json(for: sites).contains(#""ah": {"#))
    }

    struct Payload: Sendable {
        var type: String
        var payload: String
        /// Field that is wrong; `nil` when nothing is.
        var wrong: String?
        init(_ type: String, _ payload: String, wrong: String? = nil) {
            self.type = type
            self.payload = payload
            self.wrong = wrong
        }
    }

    static let payloads: [Payload] = [
        Payload("battery.telemetry", "{}"), Payload("battery.telemetry", #"{"v":null}"#),
        Payload("battery.telemetry", #"{"new_field":[1]}"#),
        Payload("battery.telemetry", #"{"v":"48"}"#, wrong: "v"), Payload("battery.telemetry", #"{"v":true}"#, wrong: "v"),
        Payload("battery.telemetry", #"{"v":{}}"#, wrong: "v"), Payload("battery.telemetry", #"{"cell_v":2.1}"#, wrong: "cell_v"),
        Payload("battery.telemetry", #"{"string_id":1}"#), Payload("battery.telemetry", #"{"string_id":"S1"}"#),
        Payload("dg.telemetry", #"{"state":"cranking"}"#), Payload("dg.telemetry", #"{"state":1}"#, wrong: "state"),
        Payload("power.grid.outage", #"{"state":"raised"}"#), Payload("power.grid.outage", #"{"state":"gone"}"#, wrong: "state"),
        Payload("power.grid.outage", #"{"state":"r\u0061ised"}"#), Payload("power.grid.outage", "{}"),
        Payload("power.grid.outage", #"{"alarm":{"state":"cleared","perceived_severity":"major","probable_cause":106}}"#),
        Payload("power.grid.outage", #"{"alarm":{"state":"over"}}"#, wrong: "alarm.state"),
        Payload("power.grid.outage", #"{"alarm":{"perceived_severity":"urgent"}}"#, wrong: "alarm.perceived_severity"),
        Payload("power.grid.outage", #"{"alarm":"raised"}"#, wrong: "alarm"),
        Payload("mw.link_down", #"{"peer":7}"#, wrong: "peer"),
        Payload("telemetry.metric", #"{"metric":"x","value":1}"#),
        Payload("telemetry.metric", #"{"metric":"x"}"#, wrong: "value"),
        Payload("telemetry.metric", #"{"value":1}"#, wrong: "metric"),
        Payload("telemetry.metric", #"{"metric":"x","value":null}"#, wrong: "value"),
        Payload("telemetry.metric", #"{"metric":"x","value":"1"}"#, wrong: "value"),
        Payload("telemetry.sample", #"{"metrics":{"a":1,"b":null}}"#),
        Payload("telemetry.sample", #"{"metrics":{}}"#), Payload("telemetry.sample", #"{"metrics":[1]}"#, wrong: "metrics"),
        Payload("telemetry.sample", "{}", wrong: "metrics"),
        Payload("alarm.raised", #"{"alarm_type":"A05","device_id":"dev-1"}"#),
        Payload("alarm.raised", #"{"device_id":"dev-1"}"#, wrong: "alarm_type"),
        Payload("alarm.raised", #"{"alarm_type":5}"#, wrong: "alarm_type"),
        Payload("topology.link", #"{"a":"x","b":"y"}"#), Payload("topology.link", #"{"from":"x","to":"y","relation":"calls"}"#),
        Payload("topology.link", #"{"a":1,"b":"y"}"#, wrong: "a"),
        Payload("inventory.site", #"{"battery":{"strings":2,"ah":200,"chemistry":"vrla"}}"#),
        Payload("inventory.site", #"{"battery":{"ah":"200"}}"#, wrong: "battery.ah"),
        Payload("inventory.site", #"{"grid_class":"E"}"#, wrong: "grid_class"),
        Payload("inventory.site", #"{"operators":"one"}"#, wrong: "operators"),
        Payload("inventory.asset", "{}", wrong: "asset_id"),
        Payload("incident.opened", #"{"incident":{"incident_id":"x","alarms":3}}"#), Payload("rms.heartbeat", "{}"),
        Payload("unknown.type", #"{"state":5,"metric":null,"alarm":"x"}"#), Payload("unit.failed", "{}"),
    ]

    @Test("a payload is held to its type, cold and warm", arguments: payloads)
    func judgesPayloads(_ test: Payload) {
        var decoder = EventDecoder(symbols: SymbolTable())
        let json = Array(Envelopes.json(["event_type": "\"\(test.type)\""], payload: test.payload).utf8)
        for _ in 0..<2 {
            var batch = EventBatch(symbols: decoder.symbols)
            let error = json.withUnsafeBytes { decoder.append($0, to: &batch) }
            #expect(error?.code == (test.wrong == nil ? nil : .schemaMismatch))
            #expect(error?.field == test.wrong.map { "payload.\($0)" })
            if error == nil { #expect(decoder.lastTypeIsKnown == (test.type != "unknown.type")) }
        }
    }

    @Test("an event that came in under an older catalogue is still read from the log")
    func storedEventsAreTrusted() {
        var decoder = EventDecoder(symbols: SymbolTable())
        let values = [
            Envelopes.json(payload: #"{"v":"48"}"#), "broken", Envelopes.json(["timestamp": "\"1999-01-01T00:00:00Z\""]),
            Envelopes.json(),
            String(Envelopes.json().dropLast()),
        ].map { Array($0.utf8) }
        let batch = decoder.decode(values)
        #expect(batch.count == 3 && batch.string(batch.symbols.intern("v"), of: 0) == "48")
        #expect(decoder.undecodable.map(\.index) == [1, 4] && decoder.undecodable.map(\.error.code) == [.syntax, .truncated])
        #expect(decoder.decode([values[3]]).count == 1 && decoder.undecodable.isEmpty)
    }
}
